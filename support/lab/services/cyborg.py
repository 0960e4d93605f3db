"""The lab's Cyborg: API and conductor in one process, and the accelerators of its own fake driver on each host."""

import json
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.hosts import accelerators
from stocktake.support.lab.services import configuration, databases, faults, messaging, serving, shared
from stocktake.support.lab.services.installed import installed_file

THREADS = 8
DAY = 86_400  # seconds


def run(plan: Blueprint, listeners: dict[str, socket.socket], report: serving.Report) -> None:
    """Serve Cyborg until the process ends."""
    home = plan.home("cyborg")
    config = home / "cyborg.conf"
    config.write_text(configuration.render(plan.shape.merged("cyborg", sections(plan))))
    shared.allow_eventlet()  # a part of oslo.service that Cyborg imports does so, and patches nothing
    warnings.filterwarnings("ignore", "Policy ")  # one for each rule whose default will change
    sys.argv = ["cyborg", "--config-file", str(config)]
    report.say("API")
    messaging.install()
    databases.adapt_oslo_db()
    from cyborg.api import wsgi_app  # noqa: PLC0415 - a service is imported in its own process only

    application = wsgi_app.init_application()
    report.say("database")
    databases.provide([home / "cyborg.sqlite"], build=_create_tables, source=Path(__file__), services=("cyborg",))
    report.say("conductor")
    _start_conductor()
    report.say(serving.LISTENING)
    filtered = Agents(faults.FaultFilter(application, plan.control_token), plan.control_token)
    serving.serve(filtered, listeners["cyborg"], threads=THREADS)


def sections(plan: Blueprint) -> configuration.Sections:
    """Messages inside the process, and the accelerators of Cyborg's own fake driver."""
    home = plan.home("cyborg")
    return {
        "DEFAULT": {
            **configuration.logging_options(),
            "transport_url": "fake:/",
            "state_path": home,
            "host": "control-plane",
            "periodic_interval": DAY,
        },
        "agent": {"enabled_drivers": "fake_driver"},
        "api": {"api_paste_config": installed_file("openstack-cyborg", "api-paste.ini")},
        "database": configuration.database(home / "cyborg.sqlite"),
        "keystone_authtoken": configuration.token_validation(plan, "cyborg"),
        "nova": {"valid_interfaces": "public", **configuration.service_user(plan, "cyborg")},
        "oslo_messaging_notifications": {"driver": "noop"},
        "oslo_middleware": {"enable_proxy_headers_parsing": True},
        "oslo_policy": configuration.policy(home),
        "placement": {"valid_interfaces": "public", **configuration.service_user(plan, "cyborg")},
        "service_user": {"send_service_user_token": True, **configuration.service_user(plan, "cyborg")},
    }


def _create_tables() -> None:
    """Create what Cyborg's migrations would, which SQLite cannot carry out."""
    from cyborg.db.sqlalchemy import migration  # noqa: PLC0415
    from oslo_db.sqlalchemy import enginefacade  # noqa: PLC0415

    migration.create_schema(engine=enginefacade.writer.get_engine())


def _start_conductor() -> None:
    from cyborg.common import constants, service  # noqa: PLC0415

    service.RPCService("cyborg.conductor.manager", "ConductorManager", constants.CONDUCTOR_TOPIC).start()


class Agents:
    """A WSGI filter that stands for the agents of all hosts: PUT `{"host"}` at `accelerators.PATH` reports that host's
    accelerators to the conductor, as its agent would.

    The host's provider must be in Placement by then: the conductor puts the accelerators below it. A further report
    changes nothing.
    """

    def __init__(self, application: serving.WsgiApplication, token: str):
        self._application = application
        self._token = token.encode()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Report, or let Cyborg answer."""
        if environ.get("PATH_INFO") != accelerators.PATH or not faults.is_known(environ, self._token):
            return self._application(environ, start_response)
        wanted = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        with self._lock:  # the driver names what it finds after the host in the configuration
            _report(wanted["host"])
        return faults.answer(start_response, HTTPStatus.OK, {})


def _report(host: str) -> None:
    from cyborg import context  # noqa: PLC0415
    from cyborg.agent.resource_tracker import ResourceTracker  # noqa: PLC0415
    from cyborg.conductor.rpcapi import ConductorAPI  # noqa: PLC0415
    from cyborg.conf import CONF  # noqa: PLC0415

    CONF.set_override("host", host)
    try:
        ResourceTracker(host, ConductorAPI()).update_usage(context.get_admin_context())
    finally:
        CONF.clear_override("host")
