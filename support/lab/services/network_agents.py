"""What the agents of Neutron would say, said for them inside Neutron's process when the lab's control endpoint asks.

Each sentence goes by RPC to the same code that hears real agents. The requests are below `PATH` and need the lab's
control token.

| request | body | answer |
| --- | --- | --- |
| PUT /HOST | `{"node", "bandwidths": {BRIDGE: {"egress", "ingress"}}, "packet_rate"}` | `{"resources_synced"}` |
| POST /HOST/down | | Neutron reports the agent of the host as down at once |
| POST /HOST/ports/ID/up | | the device of a port on the host is up |

Bandwidths are in kbit/s, a packet rate is in thousands of packets a second. `BRIDGE` is `TUNNELS` for all networks that
are tunnelled.
"""

import hmac
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from stocktake.support.lab.services import faults
from stocktake.support.lab.services.serving import WsgiApplication

PATH = "/-/lab/agents"
KIND, BINARY = "Open vSwitch agent", "neutron-openvswitch-agent"
BRIDGE, TUNNELS = "br-physnet0", "rp_tunnelled"
LONG_AGO = datetime(2000, 1, 1)

# What Neutron offers of each inventory besides its total, as the options of a real agent have it by default.
DEFAULTS = {"allocation_ratio": 1.0, "min_unit": 1, "step_size": 1, "reserved": 0}

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818 - the answer to a request
    """The request cannot be carried out; the message says why."""


class AgentFilter:
    """A WSGI filter that answers requests below `PATH` with the lab's token, and passes on all others."""

    def __init__(self, application: WsgiApplication, token: str, physical_network: str):
        self._application = application
        self._token = token.encode()
        self._network = physical_network
        host = "/([^/]+)"
        self._routes: list[tuple[str, str, Callable[..., Json]]] = [
            ("PUT", host, self._report),
            ("POST", f"{host}/down", _stop),
            ("POST", f"{host}/ports/([^/]+)/up", _device_up),
        ]

    def __call__(self, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request of the lab, or let Neutron answer."""
        token = environ.get("HTTP_X_CONTROL_TOKEN", "").encode()
        path = environ.get("PATH_INFO", "")
        if not path.startswith(f"{PATH}/") or not hmac.compare_digest(token, self._token):
            return self._application(environ, start_response)
        try:
            answer = self._answer(environ["REQUEST_METHOD"], path.removeprefix(PATH), environ)
        except Refused as error:
            return faults.answer(start_response, HTTPStatus.BAD_REQUEST, {"error": str(error)})
        return faults.answer(start_response, HTTPStatus.OK, answer)

    def _answer(self, method: str, path: str, environ: Json) -> Json:
        text = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        for verb, pattern, act in self._routes:
            match = re.fullmatch(pattern, path)
            if verb == method and match:
                return act(*match.groups(), json.loads(text) if text else {})
        raise Refused(f"no agent takes {method} {path}")

    def _report(self, host: str, body: Json) -> Json:
        """Report like an agent that has just started, or that goes on; return once Placement has what it is told."""
        from neutron.agent import rpc  # noqa: PLC0415 - only Neutron's process has it
        from neutron_lib import context  # noqa: PLC0415
        from neutron_lib.agent import topics  # noqa: PLC0415

        admin = context.get_admin_context()
        state = state_of(host, self._network, **body)
        rpc.PluginReportStateAPI(topics.REPORTS).report_state(admin, state, use_call=True)
        return {"resources_synced": bool(_agent(host).resources_synced)}


def state_of(
    host: str, physical_network: str, node: str, bandwidths: Json, packet_rate: int, *, starts: bool = True
) -> Json:
    """Return what an Open vSwitch agent reports on a host whose compute node has this name: when it starts, or later.

    Without `start_flag`, an agent whose report has reached Placement is not heard again.
    """
    return {
        **({"start_flag": True} if starts else {}),
        "agent_type": KIND,
        "binary": BINARY,
        "topic": "N/A",
        "host": host,
        "configurations": {
            "bridge_mappings": {physical_network: BRIDGE},
            "tunnel_types": ["vxlan"],
            "tunneling_ip": "127.0.0.1",
            "integration_bridge": "br-int",
            "resource_provider_bandwidths": bandwidths,
            "resource_provider_inventory_defaults": DEFAULTS,
            "resource_provider_hypervisors": {**dict.fromkeys(bandwidths, node), host: node},
            "resource_provider_packet_processing_without_direction": {host: {"any": packet_rate}},
            "resource_provider_packet_processing_inventory_defaults": DEFAULTS,
        },
    }


def report_at_once() -> None:
    """Let Neutron pass a report on to Placement before it answers the agent; it would do so later, in a batch."""
    from neutron_lib.plugins import directory  # noqa: PLC0415

    reports = directory.get_plugin("placement_report")
    reports._batch_notifier.queue_event = lambda batch: reports._execute_deferred([batch])


def _agent(host: str) -> Any:
    """The database's record of the agent of a host. Raises Refused where none has reported yet."""
    from neutron.objects import agent  # noqa: PLC0415
    from neutron_lib import context  # noqa: PLC0415

    found = agent.Agent.get_object(context.get_admin_context(), host=host, agent_type=KIND)
    if found is None:
        raise Refused(f"no network agent has reported from host {host!r}")
    return found


def _stop(host: str, _body: Json) -> Json:
    """Let Neutron report the agent as down now, instead of after agent_down_time."""
    stopped = _agent(host)
    stopped.heartbeat_timestamp = LONG_AGO
    stopped.update()
    return {}


def _device_up(host: str, port: str, _body: Json) -> Json:
    """Let the agent find the device of a port and report it as up."""
    from neutron.agent import rpc  # noqa: PLC0415
    from neutron_lib import context  # noqa: PLC0415
    from neutron_lib.agent import topics  # noqa: PLC0415

    admin, plugin = context.get_admin_context(), rpc.PluginApi(topics.PLUGIN)
    agent = f"ovs-agent-{host}"
    details = plugin.get_device_details(admin, port, agent, host)
    if "port_id" not in details:
        raise Refused(f"there is no port {port!r} that the agent of host {host!r} could bring up")
    plugin.update_device_up(admin, port, agent, host)
    return {}
