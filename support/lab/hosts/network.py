"""The network agents of the lab's hosts, as Nova's process speaks for them: to Neutron's process, if the lab has it."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from stocktake.support.lab import inner_requests
from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.services import network_agents

Json = dict[str, Any]

KBITS = 10_000_000
"""The bandwidth of each bridge in each direction: 10 Gbit/s."""

PACKET_RATE = 1_000
"""The thousands of packets a second of each host."""


class AgentRefused(Exception):  # noqa: N818 - the answer to a request
    """Neutron's process has refused a request; the message says why."""


class NetworkAgents:
    """The agents of all hosts."""

    def __init__(self, plan: Blueprint):
        self._plan = plan

    @property
    def exist(self) -> bool:
        """Whether the lab has Neutron, and its hosts have agents."""
        return "neutron" in self._plan.shape.services

    def report(
        self, host: str, node: str, kbits: int = KBITS, packet_rate: int = PACKET_RATE, *, starts: bool = True
    ) -> bool:
        """Let the agent of a host report like one that starts, or else one that has gone on running all the time.

        Returns whether Placement has what it reports, as far as Neutron knows.

        `kbits` are what each bridge of the host has in each direction, `packet_rate` the thousands of packets a second
        of the host. The provider of its compute node must be in Placement. Nothing happens without Neutron.
        """
        if not self.exist:
            return False
        both = {"egress": kbits, "ingress": kbits}
        bandwidths = dict.fromkeys((network_agents.BRIDGE, network_agents.TUNNELS), both)
        body = {"node": node, "bandwidths": bandwidths, "packet_rate": packet_rate, "starts": starts}
        answer = self._ask("PUT", host, body)
        return bool(answer["resources_synced"])

    def stop(self, host: str) -> None:
        """Let Neutron report the agent of a host as down."""
        self._ask("POST", f"{host}/down")

    def bring_up(self, host: str, port: str) -> None:
        """Let the agent of a host report that the device of a port is up."""
        self._ask("POST", f"{host}/ports/{port}/up")

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        path = f"{network_agents.PATH}/{quote(path)}"
        status, answer = inner_requests.ask(self._plan, "neutron", method, path, body or {})
        if status != HTTPStatus.OK:
            raise AgentRefused(str(answer.get("error", answer)))
        return answer
