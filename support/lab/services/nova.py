"""The lab's Nova: API, conductor, scheduler and every compute host in one process.

They are one process because they communicate over oslo.messaging's in-memory transport. Everything in it is Nova's own
code; for hypervisors, and for Neutron and Cinder unless the lab has them, Nova's own stand-ins are used.
"""

import socket
import sys
import threading
from pathlib import Path
from typing import Any

from stocktake.support.lab import releases
from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.services import cells, configuration, databases, libraries, serving
from stocktake.support.lab.services.installed import installed_file

THREADS = 16
CONTROL_THREADS = 8

CELL1_ID = "8b3b5c1d-3d1d-4c7e-9f55-6d2b1c0a5e01"


def run(plan: Blueprint, listeners: dict[str, socket.socket], report: serving.Report) -> None:
    """Serve Nova and the control endpoint until the process ends."""
    home = plan.home("nova")
    for folder in ("instances", "locks"):
        (home / folder).mkdir()
    config = home / "nova.conf"
    paste = installed_file("nova", "api-paste.ini")
    config.write_text(configuration.render(plan.shape.merged("nova", configuration.nova(plan, paste))))
    _load(config)
    era = releases.installed()
    report.say("database")
    databases.adapt_oslo_db()
    names = ("api", "cell0", "cell1")
    files = [home / f"{name}.sqlite" for name in names]
    databases.provide(files, build=lambda: _build(home), source=Path(__file__))
    _personalise(home)
    from stocktake.support.lab.hosts.accelerators import AcceleratorAgents  # noqa: PLC0415
    from stocktake.support.lab.hosts.fleet import Fleet  # noqa: PLC0415 - it imports Nova
    from stocktake.support.lab.hosts.network import NetworkAgents  # noqa: PLC0415

    _adapt(era, plan)
    provided = cells.provide(plan, home)  # before the other services, which keep a list of all cells
    # What needs no token comes first, because Keystone is still starting.
    report.say("API")
    application = _api(paste)
    report.say("conductor, scheduler")
    _start("nova-conductor")
    _start("nova-scheduler")
    fleet = Fleet(provided, era, NetworkAgents(plan), AcceleratorAgents(plan))
    for number, name in enumerate(plan.host_names, start=1):
        report.say(f"host {number} of {len(plan.host_names)}")
        fleet.add(plan.shape.driver, name)
    _serve_control(plan, listeners["control"], fleet)
    report.say(serving.LISTENING)
    serving.serve(application, listeners["nova"], threads=THREADS)


def _load(config: Path) -> None:
    """Import and configure Nova."""
    import nova.config  # noqa: PLC0415
    from nova import objects  # noqa: PLC0415
    from oslo_log import log as logging  # noqa: PLC0415

    sys.argv = ["nova"]
    nova.config.parse_args(sys.argv, default_config_files=[str(config)])
    logging.setup(nova.config.CONF, "nova")
    objects.register_all()


def _adapt(era: releases.Era, plan: Blueprint) -> None:
    """Install the stand-ins, and what makes Nova's libraries fit a lab."""
    from nova import service  # noqa: PLC0415
    from nova.api.validation import validators  # noqa: PLC0415
    from stocktake.support.lab.hosts import failures, standins  # noqa: PLC0415
    from stocktake.support.lab.services import messaging  # noqa: PLC0415

    standins.install(era, plan.shape.services)
    messaging.install()
    failures.install()
    libraries.make_validators_once(validators)
    libraries.keep_cells(service)
    if era.shared_executors:
        from nova import thread_pool_factory  # noqa: PLC0415

        libraries.ask_cells_in_turn(thread_pool_factory)


def _build(home: Path) -> None:
    """Migrate the databases and create the two cell mappings."""
    from nova import context, objects  # noqa: PLC0415
    from nova.db import migration  # noqa: PLC0415

    migration.db_sync(database="api")
    migration.db_sync(database="main")
    with databases.editing(home / "cell1.sqlite") as origin, databases.editing(home / "cell0.sqlite") as copy:
        origin.backup(copy)
    for name, uuid in (("cell0", objects.CellMapping.CELL0_UUID), ("cell1", CELL1_ID)):
        mapping = objects.CellMapping(
            context.get_admin_context(),
            uuid=uuid,
            name=name,
            transport_url="none:///" if name == "cell0" else "fake:/",
            database_connection=name,
        )
        mapping.create()


def _personalise(home: Path) -> None:
    with databases.editing(home / "api.sqlite") as connection:
        for name in ("cell0", "cell1"):
            connection.execute(
                "UPDATE cell_mappings SET database_connection = ? WHERE name = ?",
                (configuration.database_url(home / f"{name}.sqlite"), name),
            )


def _start(binary: str) -> Any:
    from nova import service  # noqa: PLC0415

    made = service.Service.create(binary=binary)
    made.start()
    return made


def _api(paste: Path) -> Any:
    """The API's whole pipeline, as its own WSGI module would make it."""
    from nova.api.openstack import wsgi_app  # noqa: PLC0415
    from oslo_config import cfg  # noqa: PLC0415
    from paste import deploy  # noqa: PLC0415

    wsgi_app._setup_service(cfg.CONF.host, "osapi_compute")
    return deploy.loadapp(f"config:{paste}", name="osapi_compute")


def _serve_control(plan: Blueprint, listener: socket.socket, fleet: Any) -> None:
    from stocktake.support.lab import control  # noqa: PLC0415

    application = control.Application(plan, fleet)
    server = serving.make_server(application, listener, threads=CONTROL_THREADS)
    threading.Thread(target=server.run, name="control", daemon=True).start()
