"""The lab's Placement."""

import os
import socket
from functools import cache
from pathlib import Path
from typing import Any

from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.services import configuration, databases, faults, libraries, serving

THREADS = 8


def run(plan: Blueprint, listeners: dict[str, socket.socket], report: serving.Report) -> None:
    """Serve Placement until the process ends."""
    home = plan.home("placement")
    sections = plan.shape.merged("placement", configuration.placement(plan))
    (home / "placement.conf").write_text(configuration.render(sections))
    os.environ["OS_PLACEMENT_CONFIG_DIR"] = str(home)
    libraries.check_schemas_once()
    from placement import wsgi  # noqa: PLC0415 - a service is imported in its own process only

    @cache
    def application() -> Any:
        return wsgi.init_application()

    def build() -> None:
        os.environ["OS_PLACEMENT_DATABASE__SYNC_ON_STARTUP"] = "true"
        application()

    report.say("database")
    databases.adapt_oslo_db()
    databases.provide([home / "placement.sqlite"], build=build, source=Path(__file__))
    report.say("application")
    application()
    report.say(serving.LISTENING)
    filtered = faults.FaultFilter(application(), plan.control_token)
    serving.serve(filtered, listeners["placement"], threads=THREADS)
