"""What must be true of every provider, regardless of its consumers."""

from collections.abc import Iterable, Iterator

from stocktake.support.accounting.findings import Finding, Rule
from stocktake.support.accounting.resources import Resources, in_column_order
from stocktake.support.accounting.snapshot import Snapshot


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


def _say(resources: Resources, classes: Iterable[str]) -> str:
    return ", ".join(f"{name} {resources[name]}" for name in in_column_order(classes))
