"""The lab's Cinder: API, scheduler and volume services in one process, with two back ends that store no data."""

import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from stocktake.support.lab.blueprint import LOOPBACK, Blueprint
from stocktake.support.lab.services import configuration, databases, faults, messaging, serving, shared
from stocktake.support.lab.services.installed import installed_file

THREADS = 8
BACKENDS = ("lab", "other")
"""The scheduler prefers the first, which is larger; to the other, volumes are moved."""
DAY = 86_400  # seconds


def run(plan: Blueprint, listeners: dict[str, socket.socket], report: serving.Report) -> None:
    """Serve Cinder until the process ends."""
    home = plan.home("cinder")
    for folder in ("locks", "coordination", "conversion"):
        (home / folder).mkdir()
    config = home / "cinder.conf"
    config.write_text(configuration.render(plan.shape.merged("cinder", sections(plan))))
    _load(config)
    report.say("database")
    databases.adapt_oslo_db()
    databases.provide([home / "cinder.sqlite"], build=_migrate, source=Path(__file__), services=("cinder",))
    messaging.install()
    from cinder.wsgi import wsgi  # noqa: PLC0415

    report.say("API")
    application = wsgi.initialize_application()
    report.say("scheduler, volume services")
    _start_services()
    report.say(serving.LISTENING)
    filtered = faults.FaultFilter(application, plan.control_token)
    serving.serve(filtered, listeners["cinder"], threads=THREADS)


def sections(plan: Blueprint) -> configuration.Sections:
    """Messages inside the process, two back ends, no quota, nothing periodic that anybody would wait for."""
    home = plan.home("cinder")
    return {
        "DEFAULT": {
            **configuration.logging_options(),
            "api_paste_config": installed_file("cinder", "api-paste.ini"),
            "resource_query_filters_file": installed_file("cinder", "resource_filters.json"),
            "auth_strategy": "keystone",
            "transport_url": "fake:/",
            "state_path": home,
            "image_conversion_dir": home / "conversion",
            "host": "control-plane",
            "my_ip": LOOPBACK,
            "enabled_backends": ",".join(BACKENDS),
            "default_volume_type": "__DEFAULT__",
            "glance_api_servers": plan.url("glance"),
            # The volume services report once, when they start; nothing in a lab ever lets it fail.
            "report_interval": DAY,
            "service_down_time": 2 * DAY,
            "periodic_interval": DAY,
            "periodic_fuzzy_delay": 0,
            "scheduler_driver_init_wait_time": 1,
            **dict.fromkeys(("quota_volumes", "quota_snapshots", "quota_gigabytes", "quota_backups"), -1),
        },
        **{
            backend: {
                "volume_driver": f"stocktake.support.lab.services.volume_driver.{driver}",
                "volume_backend_name": backend,
            }
            for backend, driver in zip(BACKENDS, ("LabDriver", "SmallDriver"), strict=True)
        },
        "coordination": {"backend_url": f"file://{home / 'coordination'}"},
        "database": configuration.database(home / "cinder.sqlite"),
        "keystone_authtoken": configuration.token_validation(plan, "cinder"),
        "nova": {"interface": "public", **configuration.service_user(plan, "cinder")},
        "oslo_concurrency": {"lock_path": home / "locks"},
        "oslo_messaging_notifications": {"driver": "noop"},
        "oslo_middleware": {"enable_proxy_headers_parsing": True},
        "oslo_policy": configuration.policy(home),
        "service_user": {"send_service_user_token": True, **configuration.service_user(plan, "cinder")},
    }


def _load(config: Path) -> None:
    """Import and configure Cinder, which would choose eventlet's threads."""
    shared.allow_eventlet()
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "true"
    sys.argv = ["cinder", "--config-file", str(config)]
    from cinder import monkey_patch  # noqa: PLC0415 - a service is imported in its own process only

    monkey_patch.patch(backend="threading")
    from cinder import objects, version  # noqa: PLC0415
    from cinder.common import config as options  # noqa: PLC0415
    from oslo_log import log as logging  # noqa: PLC0415

    objects.register_all()
    options.CONF(sys.argv[1:], project="cinder", version=version.version_string())
    logging.setup(options.CONF, "cinder")


def _migrate() -> None:
    from cinder.db import migration  # noqa: PLC0415

    migration.db_sync()


def _start_services() -> None:
    """Start the scheduler and the volume services; the first one's start waits for the others' first reports."""
    from cinder import service  # noqa: PLC0415
    from oslo_config import cfg  # noqa: PLC0415

    host = cfg.CONF.host
    scheduler: Any = service.Service.create(binary="cinder-scheduler")
    waiting = threading.Thread(target=scheduler.start, name="scheduler")
    waiting.start()
    for backend in BACKENDS:
        cfg.CONF.register_opt(cfg.StrOpt("backend_host"), group=backend)
        volumes = service.Service.create(
            host=f"{host}@{backend}", service_name=backend, binary="cinder-volume", coordination=True
        )
        volumes.start()
    waiting.join()
