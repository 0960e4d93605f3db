"""What must be true of every provider, regardless of its consumers."""

from collections.abc import Iterable, Iterator

from stocktake.support.accounting.findings import Finding, Rule
from stocktake.support.accounting.resources import Resources, in_column_order
from stocktake.support.accounting.snapshot import Hypervisor, Provider, Snapshot


def wrong_usages(snapshot: Snapshot) -> Iterator[Finding]:
    """Find providers whose usages are not the sum of their allocations."""
    for provider in snapshot.usages.providers:
        reported, held = snapshot.usages[provider], snapshot.held_on[provider]
        wrong = list(reported - held)
        if wrong:
            yield Finding(
                Rule.USAGE,
                f'provider "{snapshot.name(provider)}" reports usages of {_say(reported, wrong)}, '
                f"but its allocations add up to {_say(held, wrong)}",
                f"openstack resource provider show --allocations {provider}",
                host=snapshot.name(snapshot.root_of.get(provider, provider)),
                provider=provider,
                expected=held.only(wrong),
                found=reported.only(wrong),
            )


def exceeded_capacities(snapshot: Snapshot) -> Iterator[Finding]:
    """Find providers whose allocations exceed (total - reserved) * allocation_ratio of a class."""
    for provider, inventories in snapshot.inventories.items():
        held = snapshot.held_on[provider]
        limits = {name: (one.total - one.reserved) * one.allocation_ratio for name, one in inventories.items()}
        beyond = [name for name, amount in held.items() if amount > limits.get(name, 0)]
        if beyond:
            limit = Resources({name: int(limits.get(name, 0)) for name in beyond})
            yield Finding(
                Rule.CAPACITY,
                f'provider "{snapshot.name(provider)}" has {_say(held, beyond)} allocated, '
                f"over its capacity of {_say(limit, beyond)}",
                f"openstack resource provider inventory list {provider}",
                host=snapshot.name(snapshot.root_of.get(provider, provider)),
                provider=provider,
                expected=limit,
                found=held.only(beyond),
            )


def nodes_without_provider(snapshot: Snapshot) -> Iterator[Finding]:
    """Find compute nodes that Placement does not know: nothing can be charged on them."""
    roots = [provider for provider in snapshot.providers if provider.uuid in snapshot.roots]
    known = {provider.uuid for provider in roots}
    names = {provider.name for provider in roots}
    for node in snapshot.hypervisors or ():
        if node.id not in known and not (_has_no_uuid(node) and node.hostname in names):
            yield Finding(
                Rule.NO_PROVIDER,
                f'compute node "{node.hostname}" has no resource provider with its uuid {node.id}',
                f"openstack resource provider list --name {node.hostname}",
                host=node.hostname,
                provider=node.id,
            )


def providers_without_node(snapshot: Snapshot) -> Iterator[Finding]:
    """Find providers made for compute nodes that Nova does not have any more."""
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
            )


def _is_of(provider: Provider, node: Hypervisor) -> bool:
    return node.id == provider.uuid or (_has_no_uuid(node) and node.hostname == provider.name)


def _has_no_uuid(node: Hypervisor) -> bool:
    """Tell whether the reading is from before compute 2.53, where a compute node's id is a number."""
    return node.id.isdecimal()


def _say(resources: Resources, classes: Iterable[str]) -> str:
    return ", ".join(f"{name} {resources[name]}" for name in in_column_order(classes))
