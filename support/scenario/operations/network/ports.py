"""Ports with guaranteed bandwidth and packet rate: made for a scenario, plugged into its servers, changed, deleted."""

from collections.abc import Mapping

from hamcrest import is_
from stocktake.support.accounting.ports import EGRESS, INGRESS, PACKET_RATE
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.ownership.kinds.networks import NETWORK, PORT, PORT_POLICY, QOS_POLICY
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.refusals import ask
from stocktake.support.scenario.operations.servers import servers
from stocktake.support.waiting import eventually

LINK = "link"
"""The name of the network that all ports of a scenario are in."""

SUBNET = "192.0.2.0/24"
"""Addresses for documentation (RFC 5737), of which a scenario needs a few."""

DIRECTIONS = {EGRESS: "egress", INGRESS: "ingress", PACKET_RATE: "any"}


def create(context: Context, ports: Mapping[str, Resources]) -> None:
    """Create ports in a network of the scenario, each with a QoS policy of its own for what it guarantees.

    Raises Unverified where that cannot be guaranteed, FeatureError for a name that is taken in this scenario.
    """
    taken = sorted(context.owned.ports.keys() & ports.keys())
    if taken:
        raise FeatureError(f'port "{taken[0]}" already exists in this scenario: give each port its own name')
    guaranteed = Resources.total(ports.values())
    network = _network(context, _physical_network(context, guaranteed))
    _check_hosts(context, guaranteed)
    for name, guarantees in ports.items():
        policy = _policy(context, name, guarantees) if guarantees else None
        real = context.names.real(name)
        with context.undoing.after(PORT, real) as entry:
            context.owned.ports[name] = context.cloud.networks.create_port(real, network, policy)
        context.undoing.identify(entry, context.owned.ports[name])


def _physical_network(context: Context, guaranteed: Resources) -> str:
    """Return the physical network on which these classes can be guaranteed. Raises Unverified where there is none."""
    lacking = context.cloud.networks.why_no_guarantees(guaranteed)
    if lacking:
        raise Unverified(*lacking)
    return str(context.cloud.settings.physical_network)


def _check_hosts(context: Context, guaranteed: Resources) -> None:
    """Raise Unverified if a host of the scenario offers nothing of a class that its ports guarantee."""
    inventories, trees = context.trees.inventories(), context.trees.all()
    for host in context.roles.hosts:
        offered = {name for provider in trees[host.provider] for name in inventories[provider.uuid]}
        lacking = [name for name in guaranteed if name not in offered]
        if lacking:
            raise Unverified(
                f'host "{host.service}" offers no {" and no ".join(lacking)}',
                "set resource_provider_bandwidths and resource_provider_packet_processing_without_direction of its "
                "network agent",
            )


def _network(context: Context, physical: str) -> str:
    """Return the id of the scenario's network, which is created with its first ports."""
    if LINK not in context.owned.networks:
        real = context.names.real(LINK)
        with context.undoing.after(NETWORK, real) as entry:
            network = context.cloud.networks.create_network(real, physical)
            context.undoing.identify(entry, network)
            context.cloud.networks.create_subnet(real, network, SUBNET)
        context.owned.networks[LINK] = network
    return context.owned.networks[LINK]


def _policy(context: Context, name: str, guarantees: Resources) -> str:
    """Create a QoS policy that guarantees these amounts, in the units of their classes; return its id."""
    networks, real = context.cloud.networks, context.names.real(f"{name}-policy-{len(context.undoing.entries)}")
    with context.undoing.after(QOS_POLICY, real) as entry:
        policy = networks.create_policy(real)
    context.undoing.identify(entry, policy)
    for resource, amount in guarantees.items():
        unit = "packet_rate" if resource == PACKET_RATE else "kbits"
        networks.guarantee(policy, DIRECTIONS[resource], **{unit: amount})
    return policy


def port_id(context: Context, name: str) -> str:
    """Return the id of a port of this scenario. Raises FeatureError for a name that no step has introduced."""
    if name not in context.owned.ports:
        known = ", ".join(f'"{port}"' for port in context.owned.ports) or "none yet"
        raise FeatureError(f'port "{name}" does not exist in this scenario: its ports are {known}')
    return context.owned.ports[name]


def attach(context: Context, name: str, server: str) -> None:
    """Attach a port to a server, and wait until that has succeeded or failed."""
    port = port_id(context, name)
    servers.act(context, server, "attach", lambda server_id: context.cloud.interfaces.attach(server_id, port))


def detach(context: Context, name: str, server: str) -> None:
    """Detach a port from a server, and wait until that has succeeded or failed."""
    port = port_id(context, name)
    servers.act(context, server, "attach", lambda server_id: context.cloud.interfaces.detach(server_id, port))


def change(context: Context, name: str, resource: str, amount: int) -> None:
    """Let a port guarantee another amount of a class, in its unit, and what else it guarantees as before.

    Its QoS policy is exchanged for a new one: Neutron refuses to change the rules of one that ports have.
    """
    port = port_id(context, name)
    if resource not in DIRECTIONS:
        raise FeatureError(f"a port guarantees no {resource}; it may guarantee {', '.join(DIRECTIONS)}")
    now = context.cloud.networks.port(port)
    policy = _policy(context, name, now.requests.without([resource]) + Resources({resource: amount}))
    with context.undoing.after(PORT_POLICY, context.names.real(name), id=port, former=now.policy):
        ask(context, lambda: context.cloud.networks.set_policy(port, policy))


def delete(context: Context, name: str) -> None:
    """Delete a port in Neutron, and wait until Nova has taken it from its server, if it has one."""
    port = context.cloud.networks.port(port_id(context, name))
    context.cloud.networks.delete("port", port.id)
    if not port.server:
        return
    eventually(
        lambda: context.cloud.servers.addresses(port.server).isdisjoint(port.addresses),
        is_(True),
        within=context.cloud.settings.patience_for("attach"),
        what=f'port "{name}" to be taken from its server',
    )
