"""What must be true of every compute node: it has a compute service and a resource provider, and they have it."""

from collections import Counter
from collections.abc import Iterator

from stocktake.support.accounting.findings import Finding, Rule
from stocktake.support.accounting.rules.beside import service_with_compute_nodes
from stocktake.support.accounting.snapshot import Hypervisor, Provider, Snapshot

COMPUTE = "nova-compute"
NODES_COME_AND_GO = "the compute services of bare metal may have no nodes"


def nodes_without_provider(snapshot: Snapshot) -> Iterator[Finding]:
    """Find compute nodes that Placement does not know: nothing can be charged on them."""
    roots = [provider for provider in snapshot.providers if provider.uuid in snapshot.roots]
    known = {provider.uuid for provider in roots}
    by_name = {provider.name: provider.uuid for provider in roots}
    for node in snapshot.hypervisors or ():
        if node.id not in known and not (_has_no_uuid(node) and node.hostname in by_name):
            yield Finding(
                Rule.NO_PROVIDER,
                f'compute node "{node.hostname}" has no resource provider with its uuid {node.id}'
                + _instead(snapshot, by_name.get(node.hostname)),
                f"openstack resource provider list --name {node.hostname}",
                host=node.hostname,
                provider=node.id,
            )


def _instead(snapshot: Snapshot, other: str | None) -> str:
    """Say who still holds something on the provider that an earlier compute node of the same name has left."""
    if other is None:
        return ""
    consumers = len(snapshot.allocations.on(other).consumers)
    of = "1 consumer" if consumers == 1 else f"{consumers} consumers"
    held = f"with the allocations of {of}" if consumers else "without allocations"
    return f"; the provider of its name, {other}, {held}, belongs to an earlier compute node"


def providers_without_node(snapshot: Snapshot) -> Iterator[Finding]:
    """Find providers made for compute nodes that Nova does not have any more, or that have no compute service."""
    if snapshot.hypervisors is None:
        return
    for root in filter(snapshot.looks_like_compute_node, snapshot.roots):
        provider = snapshot.provider_of.get(root)
        if provider and not any(_is_of(provider, node) for node in snapshot.nodes_like(provider)):
            yield Finding(
                Rule.NO_COMPUTE_NODE,
                f'provider "{snapshot.name(root)}" represents a compute node, but Nova has none with uuid {root}',
                f"openstack hypervisor list --matching {provider.name}",
                host=snapshot.name(root),
                provider=root,
                doubt=None if "COMPUTE_NODE" in snapshot.traits.get(root, ()) else service_with_compute_nodes(snapshot),
            )


def services_without_node(snapshot: Snapshot) -> Iterator[Finding]:
    """Find compute services without any compute node: they offer nothing to the scheduler."""
    if snapshot.hypervisors is None or snapshot.services is None:
        return
    hosts = {node.host for node in snapshot.hypervisors}
    bare_metal = any(node.type == "ironic" for node in snapshot.hypervisors)
    for service in snapshot.services:
        if service.binary == COMPUTE and service.host not in hosts:
            yield Finding(
                Rule.SERVICE_WITHOUT_NODE,
                f'the compute service on host "{service.host}" is {service.state}, but has no compute node',
                f"openstack compute service list --service {COMPUTE} --host {service.host}",
                host=service.host,
                doubt=NODES_COME_AND_GO if bare_metal else None,
            )


def hosts_without_service(snapshot: Snapshot) -> Iterator[Finding]:
    """Find hosts of servers on which Nova has no compute service, as after a host was renamed."""
    if snapshot.services is None:
        return
    known = {service.host for service in snapshot.services if service.binary == COMPUTE}
    counted = Counter(server.host for server in snapshot.server_of.values() if server.host)
    for host, count in counted.items():
        if host not in known:
            servers = "1 server is" if count == 1 else f"{count} servers are"
            yield Finding(
                Rule.HOST_WITHOUT_SERVICE,
                f'Nova says that {servers} on host "{host}", but has no compute service there',
                f"openstack server list --all-projects --host {host}",
                host=host,
            )


def _is_of(provider: Provider, node: Hypervisor) -> bool:
    return node.id == provider.uuid or (_has_no_uuid(node) and node.hostname == provider.name)


def _has_no_uuid(node: Hypervisor) -> bool:
    """Tell whether the reading is from before compute 2.53, where a compute node's id is a number."""
    return node.id.isdecimal()
