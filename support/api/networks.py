"""Neutron over HTTP, as little of it as ports with guaranteed bandwidth need."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from stocktake.support.accounting.ports import EGRESS, INGRESS, PACKET_RATE, requested
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.session import Session

PAGE = 1000
"""Ports per request."""

EXTENSIONS = {
    EGRESS: "qos-bw-limit-direction",
    INGRESS: "qos-bw-minimum-ingress",
    PACKET_RATE: "qos-pps-minimum",
}
"""By what a port may guarantee: the extension that lets it."""

PLACEMENT = "agent-resources-synced"
"""The extension of a service that tells Placement what its agents have."""

WITH_NEUTRON = "use a cloud whose Neutron has the plugins qos and placement; the lab has it with --lab-with=neutron"

PORT_FIELDS = (
    *("id", "name", "device_id", "fixed_ips", "qos_policy_id"),
    *("binding:host_id", "binding:profile", "resource_request"),
)


@dataclass(frozen=True)
class Port:
    """A port, as an administrator sees it. `server` is the device that it belongs to, `host` the one that it is bound
    to; both are "" where there is none. `policy` is its own QoS policy.

    `requests` is what it asks Placement for, `providers` on which of Neutron's resource providers it has that, by the
    group of its request; empty before it is bound. `shows_requests` is False for users to whom Neutron does not show
    `requests`, which are then empty.
    """

    id: str
    name: str
    server: str
    host: str
    requests: Resources
    providers: Mapping[str, str]
    addresses: frozenset[str] = frozenset()
    policy: str | None = None
    shows_requests: bool = True

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read a `port` of the Networking API v2.0.

        Before extension `port-resource-request-groups` a port has one group, and its provider is a plain uuid.
        """
        allocation = (body.get("binding:profile") or {}).get("allocation") or {}
        return cls(
            id=body["id"],
            name=body.get("name") or "",
            server=body.get("device_id") or "",
            host=body.get("binding:host_id") or "",
            requests=requested(body.get("resource_request")),
            providers={"": allocation} if isinstance(allocation, str) else dict(allocation),
            addresses=frozenset(address["ip_address"] for address in body.get("fixed_ips") or ()),
            policy=body.get("qos_policy_id"),
            shows_requests="resource_request" in body,
        )


class Networks:
    """The networking API (v2.0) of one cloud. `offered` tells whether the cloud has one."""

    def __init__(self, session: Session):
        self.session = session
        self._extensions: frozenset[str] | None = None

    @property
    def offered(self) -> bool:
        """Whether the catalog has a networking service."""
        return self.session.offers_service("network")

    @property
    def extensions(self) -> frozenset[str]:
        """The aliases of the extensions that the service has; asked for once."""
        if self._extensions is None:
            listed = self.session.get("network", "/extensions")["extensions"]
            self._extensions = frozenset(extension["alias"] for extension in listed)
        return self._extensions

    def why_no_guarantees(self, classes: Iterable[str] = ()) -> tuple[str, str] | None:
        """Return why ports of a run cannot guarantee anything of these classes, and what to do; None if they can."""
        target = self.session.target
        if not self.offered:
            return f'cloud "{target.name}" has no networking service', WITH_NEUTRON
        lacking = sorted({PLACEMENT, *(EXTENSIONS[name] for name in classes)} - self.extensions)
        if lacking:
            return f"Neutron lacks the extension {' and '.join(lacking)}", WITH_NEUTRON
        if target.settings.physical_network is None:
            return (
                "no physical network is known on which ports may guarantee bandwidth",
                f'name one that has VLANs as "physical_network" under "stocktake:" of the cloud in '
                f"{target.settings.file}",
            )
        return None

    def create_network(self, name: str, physical_network: str) -> str:
        """Create a network of its own VLAN on a physical network, with a subnet; return its id."""
        body = {"name": name, "provider:network_type": "vlan", "provider:physical_network": physical_network}
        return self._create("network", body)

    def create_subnet(self, name: str, network: str, cidr: str) -> str:
        """Create a subnet without DHCP in a network; it is deleted with the network."""
        body = {"name": name, "network_id": network, "ip_version": 4, "cidr": cidr, "enable_dhcp": False}
        return self._create("subnet", body)

    def create_policy(self, name: str) -> str:
        """Create a QoS policy without rules; return its id."""
        return self._create("policy", {"name": name}, "/qos/policies")

    def guarantee(
        self, policy: str, direction: str, *, kbits: int | None = None, packet_rate: int | None = None
    ) -> None:
        """Add a rule to a QoS policy: a minimum bandwidth in kbit/s, or a minimum packet rate in thousands a second.

        `direction` is `egress` or `ingress`, or `any` for a packet rate of both. A rule of that kind and direction can
        only be added once, so that one whose answer was lost is recognised.
        """
        kind, amount = ("bandwidth", kbits) if kbits is not None else ("packet_rate", packet_rate)
        unit = {"bandwidth": "min_kbps", "packet_rate": "min_kpps"}[kind]
        path = f"/qos/policies/{policy}/minimum_{kind}_rules"
        rule = {"direction": direction, unit: amount}

        def find() -> bool | None:
            rules = self.session.get("network", path)[f"minimum_{kind}_rules"]
            return any(each["direction"] == direction for each in rules) or None

        def send() -> bool:
            self.session.request("POST", "network", path, json={f"minimum_{kind}_rule": rule})
            return True

        self.session.exactly_once(send, find, what=f"a rule of QoS policy {policy} to show after a lost answer")

    def create_port(self, name: str, network: str, policy: str | None) -> str:
        """Create a port in a network, with a QoS policy if one is given; return its id."""
        return self._create("port", {"name": name, "network_id": network, "qos_policy_id": policy})

    def set_policy(self, port: str, policy: str | None) -> None:
        """Let a port have another QoS policy, or none."""
        self.session.request("PUT", "network", f"/ports/{port}", json={"port": {"qos_policy_id": policy}})

    def port(self, port: str) -> Port:
        """Return a port. Raises ApiError 404."""
        return Port.from_json(self.session.get("network", f"/ports/{port}")["port"])

    def ports(self, servers: Iterable[str] | None = None) -> list[Port]:
        """List the ports of servers, those of all servers of the cloud if none are named; for administrators."""
        filters = {"device_id": list(servers)} if servers is not None else {}
        listed = self._pages("/ports", "ports", {**filters, "fields": PORT_FIELDS})
        return [Port.from_json(port) for port in listed if port["device_id"]]

    def named(self, kind: str, name: str) -> list[tuple[str, str]]:
        """Return the id and name of each network, port or policy of exactly that name."""
        return [found for found in self.all(kind, name) if found[1] == name]

    def all(self, kind: str, name: str | None = None) -> list[tuple[str, str]]:
        """Return the id and name of each network, port or policy, of that name if one is given."""
        filters = {"name": name} if name else {}
        found = self._pages(_path(kind), _plural(kind), {**filters, "fields": ("id", "name")})
        return [(each["id"], each["name"]) for each in found]

    def delete(self, kind: str, identity: str) -> None:
        """Delete a network, which must have no ports, a port, or a policy, which nothing must have."""
        self.session.request("DELETE", "network", f"{_path(kind)}/{identity}")

    def delete_security_groups(self, project_id: str) -> None:
        """Delete the security groups of a project: Neutron makes one with the first network or port of each."""
        listed = self.session.get("network", "/security-groups", params={"project_id": project_id, "fields": "id"})
        for group in listed["security_groups"]:
            self.session.request("DELETE", "network", f"/security-groups/{group['id']}")

    def _create(self, kind: str, body: Mapping[str, Any], path: str | None = None) -> str:
        """Create something whose name is unused, so that it can be found if the answer is lost; return its id."""
        present = {key: value for key, value in body.items() if value is not None}

        def send() -> str:
            reply = self.session.request("POST", "network", path or _path(kind), json={kind: present})
            return str(reply.body[kind]["id"])

        find: Callable[[], str | None] = lambda: next((found for found, _ in self.named(kind, body["name"])), None)  # noqa: E731
        return self.session.exactly_once(send, find, what=f'{kind} "{body["name"]}" to show after a lost answer')

    def _pages(self, path: str, key: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        wanted: dict[str, Any] = {**filters, "limit": PAGE, "sort_key": "id", "sort_dir": "asc"}
        while True:
            page = self.session.get("network", path, params=wanted)
            yield from page[key]
            if not any(link["rel"] == "next" for link in page.get(f"{key}_links") or ()):
                return
            wanted["marker"] = page[key][-1]["id"]


def _path(kind: str) -> str:
    return f"/qos/{_plural(kind)}" if kind == "policy" else f"/{_plural(kind)}"


def _plural(kind: str) -> str:
    return "policies" if kind == "policy" else f"{kind}s"


def asked_of(ports: Iterable[Port]) -> dict[str, Resources]:
    """Add up what the ports of each server ask Placement for; servers whose ports ask for nothing are left out."""
    asked: dict[str, Resources] = {}
    for port in ports:
        if port.requests:
            asked[port.server] = asked.get(port.server, Resources()) + port.requests
    return asked
