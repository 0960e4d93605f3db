"""The lab's Neutron: API, the server's side of messages from agents, and reports to Placement, in one process.

Nothing of a network exists. What agents would say is said for them, see `network_agents`.
"""

import os
import socket
import sys
from functools import cache
from pathlib import Path
from typing import Any

from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.services import configuration, databases, network_agents, serving, shared
from stocktake.support.lab.services.configuration import PHYSICAL_NETWORK, Sections
from stocktake.support.lab.services.installed import installed_file

THREADS = 8

AGENTS_NEVER_DIE = 2147483  # seconds until Neutron calls a silent agent dead: the most that it accepts


def sections(plan: Blueprint, paste: Path) -> Sections:
    """ML2 with Open vSwitch's mechanism driver, which needs none here; guaranteed bandwidth and packet rates.

    `paste` is the pipeline file that Neutron installs. Each VLAN and VXLAN of the ranges becomes a row at every start.
    """
    home = plan.home("neutron")
    others = {"endpoint_type": "public", **configuration.service_user(plan, "neutron")}
    return {
        "DEFAULT": {
            **configuration.logging_options(),
            "state_path": home,
            "host": "control-plane",
            "transport_url": "fake:/",
            "api_paste_config": paste,
            "auth_strategy": "keystone",
            "core_plugin": "ml2",
            "service_plugins": "qos,placement,trunk",
            "rpc_workers": 0,
            "rpc_state_report_workers": 0,
            "setproctitle": "off",
            "agent_down_time": AGENTS_NEVER_DIE,
        },
        "database": configuration.database(home / "neutron.sqlite"),
        "keystone_authtoken": configuration.token_validation(plan, "neutron"),
        "ml2": {
            "type_drivers": "vlan,vxlan",
            "project_network_types": "vxlan",
            "mechanism_drivers": "openvswitch",
            "extension_drivers": "port_security,qos",
        },
        "ml2_type_vlan": {"network_vlan_ranges": f"{PHYSICAL_NETWORK}:100:199"},
        "ml2_type_vxlan": {"vni_ranges": "1000:1099"},
        "nova": others,
        "oslo_concurrency": {"lock_path": home / "locks"},
        "oslo_messaging_notifications": {"driver": "noop"},
        "oslo_middleware": {"enable_proxy_headers_parsing": True},
        "oslo_policy": configuration.policy(home),
        "placement": others,
        "quotas": dict.fromkeys(("quota_network", "quota_port", "quota_subnet", "default_quota"), -1),
    }


def run(plan: Blueprint, listeners: dict[str, socket.socket], report: serving.Report) -> None:
    """Serve Neutron until the process ends."""
    home = plan.home("neutron")
    (home / "locks").mkdir()
    config = home / "neutron.conf"
    paste = installed_file("neutron", "api-paste.ini")
    config.write_text(configuration.render(plan.shape.merged("neutron", sections(plan, paste))))
    shared.allow_eventlet()  # a part of oslo.service that Neutron imports does so, and patches nothing
    _configure(config)

    @cache
    def application() -> Any:
        from neutron import policy  # noqa: PLC0415
        from neutron.server import api  # noqa: PLC0415

        made = api.api_server()
        policy.init()  # which is done by the first request otherwise, and a second one finds half of the rules
        return made

    report.say("database")
    databases.adapt_oslo_db()
    databases.provide([home / "neutron.sqlite"], build=_build, source=Path(__file__), services=("neutron",))
    report.say("application")
    application()
    _listen_to_agents()
    report.say(serving.LISTENING)
    filtered = network_agents.AgentFilter(application(), plan.control_token, PHYSICAL_NETWORK)
    serving.serve(filtered, listeners["neutron"], threads=THREADS)


def _configure(config: Path) -> None:
    """Import and configure Neutron."""
    os.environ["OS_NEUTRON_CONFIG_FILES"] = str(config)
    sys.argv = ["neutron"]
    from neutron import server  # noqa: PLC0415 - a service is imported in its own process only
    from neutron.conf.agent import common  # noqa: PLC0415
    from oslo_config import cfg  # noqa: PLC0415
    from stocktake.support.lab.services import messaging  # noqa: PLC0415

    common.register_agent_state_opts_helper(cfg.CONF)  # what stands for the agents reads these
    server._init_configuration(prog="neutron-api")
    messaging.install()


def _build() -> None:
    """Create the tables from the models: Neutron's migrations change constraints, which SQLite cannot do."""
    from alembic import command  # noqa: PLC0415
    from neutron.db.migration import cli  # noqa: PLC0415
    from neutron.db.migration.models import head  # noqa: PLC0415
    from neutron_lib.db import api  # noqa: PLC0415
    from oslo_config import cfg  # noqa: PLC0415

    engine = api.get_context_manager().writer.get_engine()
    head.get_metadata().create_all(engine)
    for config in cli.get_alembic_configs():
        config.neutron_config = cfg.CONF
        command.stamp(config, "heads")


def _listen_to_agents() -> None:
    """Take messages from agents, and start the queues of what Nova is told, as Neutron's RPC server would."""
    from neutron.api import wsgi  # noqa: PLC0415
    from neutron_lib.callbacks import events, registry, resources  # noqa: PLC0415
    from neutron_lib.plugins import directory  # noqa: PLC0415

    directory.get_plugin().start_rpc_listeners()
    registry.publish(resources.PROCESS, events.AFTER_SPAWN, wsgi.WorkerService)
    network_agents.report_at_once()
