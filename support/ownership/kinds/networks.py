"""What servers of a run are connected to: networks, ports and QoS policies."""

from collections.abc import Iterable
from functools import partial

from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover, by_id, is_named, unless_gone
from stocktake.support.ownership.mark import NAME_PREFIX


def _kind(name: str, called: str) -> Kind:
    """Return the kind of networks, ports or policies, found by name; `called` is what people call one."""

    def leftover(cloud: ControlledCloud, real: str, identity: str) -> Leftover:
        remove = partial(unless_gone, partial(cloud.networks.delete, name, identity))
        return Leftover(f"delete {called}", real, remove, identity)

    def find(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
        found = cloud.networks.named(name, entry.name) if cloud.networks.offered else []
        return (leftover(cloud, real, identity) for identity, real in found if is_named(entry, real))

    def list_marked(cloud: ControlledCloud) -> Iterable[Leftover]:
        found = cloud.networks.all(name) if cloud.networks.offered else []
        return (leftover(cloud, real, identity) for identity, real in found if real.startswith(NAME_PREFIX))

    return Kind(called.lower().replace(" ", "-"), find, known=by_id(leftover, find), list_marked=list_marked)


def _restorations(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    """What was another QoS policy of a port is its policy again; then nothing has the other one."""
    for identity, real in cloud.networks.named("port", entry.name) if cloud.networks.offered else []:
        if is_named(entry, real):
            restore = partial(cloud.networks.set_policy, identity, entry.details["former"])
            yield Leftover("restore the QoS policy of port", real, partial(unless_gone, restore), identity)


NETWORK = _kind("network", "network")
"""A network with its subnet; `name`, `id`."""

PORT = _kind("port", "port")
"""A port; `name`, `id`."""

QOS_POLICY = _kind("policy", "QoS policy")
"""A QoS policy; `name`, `id`."""

PORT_POLICY = Kind("port-policy", _restorations)
"""A port with another QoS policy; `name`, `id`, `former`: the policy that it had."""
