"""Inventories: how much providers have of each resource class, and how much of it can be allocated."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from hamcrest import close_to, equal_to
from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description
from stocktake.support.accounting.rendering import indented, render
from stocktake.support.accounting.resources import in_column_order
from stocktake.support.accounting.tables import read_rows
from stocktake.support.accounting.words import known_class
from stocktake.support.api.placement.values import Inventory
from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.kind import unless_gone
from stocktake.support.ownership.kinds.placement import INVENTORY
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import guard, hosts, periodics
from stocktake.support.scenario.operations.matchers import holds
from stocktake.support.scenario.operations.placement.custom_names import introduce_class
from stocktake.support.waiting import eventually

CLASS = "resource class"
FIELDS = ("total", "reserved", "min_unit", "max_unit", "step_size", "allocation_ratio")
"""The fields of an inventory as Placement writes them; only allocation_ratio is not a whole number."""

OWN_TOTALS = {"VCPU": "vcpus", "MEMORY_MB": "memory_mb", "DISK_GB": "local_gb"}
"""What os-hypervisors calls the totals of a compute node (2.53 to 2.87)."""

OF_OPTION = {
    "reserved_host_memory_mb": ("MEMORY_MB", "reserved"),
    "reserved_host_cpus": ("VCPU", "reserved"),
    "cpu_allocation_ratio": ("VCPU", "allocation_ratio"),
}
"""The class and the field of every host's inventory that follow each of these options of Nova."""

Inventories = Mapping[str, Inventory]


def read_table(datatable: list[list[str]]) -> tuple[dict[str, Inventory], tuple[str, ...]]:
    """Read a table of inventories, one row per resource class, and the fields it names; a row needs a total.

    Raises FeatureError for an undefined class, an unknown field or a cell that is not a number.
    """
    what = "the table of inventories"
    rows = read_rows(datatable, what, (CLASS, "total"), FIELDS[1:])
    fields = tuple(heading.strip() for heading in datatable[0] if heading.strip() != CLASS)
    found = {}
    for number, row in enumerate(rows, start=1):
        amounts = {field: _number(row[field], field, f"{what}, row {number}") for field in fields}
        found[known_class(row[CLASS])] = Inventory.from_json(amounts)
    return found, fields


def _number(cell: str, field: str, where: str) -> float:
    try:
        return float(cell) if field == "allocation_ratio" else int(cell)
    except ValueError:
        raise FeatureError(f'{where}, column "{field}": "{cell}" is not a number') from None


def introduce_classes(context: Context, inventories: Inventories) -> dict[str, Inventory]:
    """Create the custom classes of a table for the scenario; return the inventories by their names in the cloud."""
    return {introduce_class(context, name): inventory for name, inventory in inventories.items()}


def are(context: Context, provider: str, expected: Inventories, fields: tuple[str, ...], what: str) -> None:
    """Check these `fields` of every inventory of a provider."""
    names = context.names.of_custom()

    def read() -> dict[str, Inventory]:
        found = context.cloud.placement.inventories(provider).inventories
        return {names.get(name, name): inventory for name, inventory in found.items()}

    eventually(
        read,
        Has(expected, fields),
        within=context.cloud.settings.patience_for("accounts"),
        what=f"the inventory of {what} to match",
        describe=lambda reading: drawn(reading, fields),
    )


def drawn(inventories: Inventories, fields: tuple[str, ...]) -> str:
    """Draw inventories as a table of the feature."""
    rows = [
        [name, *(str(getattr(inventories[name], field)) for field in fields)] for name in in_column_order(inventories)
    ]
    return render([CLASS, *fields], rows) if rows else "nothing"


class Has(BaseMatcher[Inventories]):
    """Match inventories that have exactly these classes and, in the fields named, these amounts."""

    def __init__(self, expected: Inventories, fields: tuple[str, ...]):
        self._expected, self._fields = expected, fields

    def _matches(self, item: Inventories) -> bool:
        return item.keys() == self._expected.keys() and all(
            getattr(item[name], field) == getattr(inventory, field)
            for name, inventory in self._expected.items()
            for field in self._fields
        )

    def describe_to(self, description: Description) -> None:
        """Draw what is expected."""
        description.append_text(f"\n{indented(drawn(self._expected, self._fields))}")

    def describe_mismatch(self, item: Inventories, mismatch_description: Description) -> None:
        """Draw what Placement says."""
        mismatch_description.append_text(f"Placement says\n{indented(drawn(item, self._fields))}")


def hold_what_the_hypervisor_has(context: Context, role: str) -> None:
    """Check that the totals of a host's provider are those that Nova reports of the hypervisor."""
    host = context.roles.host(role)
    node = context.cloud.hypervisors.get(host.provider)
    totals = {name: Inventory(getattr(node, field) or 0) for name, field in OWN_TOTALS.items()}
    found = context.cloud.placement.inventories(host.provider).inventories
    others = {name: Inventory(inventory.total) for name, inventory in found.items() if name not in totals}
    are(context, host.provider, totals | others, ("total",), f'host "{role}"')


def of_host(context: Context, role: str, resource: str) -> Inventory:
    """Return the inventory of a class on a host's root provider. Raises FeatureError when it has none."""
    found = context.cloud.placement.inventories(context.roles.host(role).provider).inventories
    if resource not in found:
        raise FeatureError(f'host "{role}" has no {resource}: its classes are {", ".join(sorted(found))}')
    return found[resource]


def ratio_is(context: Context, role: str, resource: str, ratio: float) -> None:
    """Check the allocation ratio of a class on a host."""
    eventually(
        lambda: of_host(context, role, resource).allocation_ratio,
        close_to(ratio, 1e-6),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the allocation ratio of {resource} on host "{role}" to be {ratio}',
    )


def reserved_is(context: Context, role: str, resource: str, amount: int) -> None:
    """Check how much of a class a host reserves."""
    eventually(
        lambda: of_host(context, role, resource).reserved,
        equal_to(amount),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'host "{role}" to reserve {amount} {resource}',
    )


def set_ratio(context: Context, role: str, resource: str, ratio: float) -> None:
    """Set the allocation ratio of a class on a host through Placement, until the scenario ends.

    nova-compute keeps a ratio that its configuration does not set (Nova, `ComputeDriver._get_allocation_ratios`), but
    others would get less of the host, or more than its operator allows. Raises Unverified where that may not be.
    """
    guard.check_disruption(context, context.roles.host(role))
    was = of_host(context, role, resource)
    fields = {**was.as_json(), "allocation_ratio": ratio}
    context.owned.changes(context.roles.host(role))
    change(context, context.roles.host(role).provider, resource, Inventory.from_json(fields))


def leave_room(context: Context, role: str, resource: str, amount: int) -> None:
    """Set the allocation ratio of a class on a host so that this much of it is left, until the scenario ends.

    The ratio is the one amount that Nova leaves to operators; the added half avoids rounding errors.
    """
    found, provider = of_host(context, role, resource), context.roles.host(role).provider
    wanted = context.cloud.placement.usages(provider)[resource] + amount + 0.5
    set_ratio(context, role, resource, wanted / (found.total - found.reserved))


def change(context: Context, provider: str, resource: str, inventory: Inventory) -> None:
    """Change an existing inventory of a provider, until the scenario ends."""
    placement = context.cloud.placement
    was = placement.inventories(provider).inventories[resource]
    with context.undoing.after(INVENTORY, resource, provider=provider, was=was.as_json(), set=inventory.as_json()):
        placement.set_inventory(provider, resource, inventory)
    context.trees.forget(provider)


def configure(context: Context, option: str, value: Any) -> None:
    """Set one of Nova's options of `OF_OPTION` until the scenario ends; afterwards the inventories of all hosts are
    restored, too.

    nova-compute follows the option on every host whose resources it reports, and leaves an allocation ratio there when
    the option is unset again (Nova, `ComputeDriver._get_allocation_ratios`). So what each host has is recorded first,
    to be restored unless somebody has changed it since.
    """
    resource, name = OF_OPTION[option]
    with ExitStack() as recorded:
        for node in context.cloud.hypervisors.all():
            found = unless_gone(partial(context.cloud.placement.inventories, node.id))
            if found and resource in found.inventories:
                was = found.inventories[resource].as_json()
                after = context.undoing.after(INVENTORY, resource, provider=node.id, was=was, set=was | {name: value})
                recorded.enter_context(after)
        hosts.set_option(context, option, value=value, afterwards=lambda: periodics.run_everywhere(context))


def add_to_host(context: Context, role: str, resource: str, amount: int) -> None:
    """Add a custom class to a host's root provider; it is deleted with the class when the scenario ends.

    Once nova-compute reads its providers again, it removes the class; were some of it allocated, no server could be
    built there (Nova, `InventoryInUse` in `ResourceTracker._update_to_placement`). Raises Unverified where the host may
    not be disrupted.
    """
    guard.check_disruption(context, context.roles.host(role))
    provider, real = context.roles.host(role).provider, introduce_class(context, resource)
    context.owned.changes(context.roles.host(role))
    context.cloud.placement.set_inventory(provider, real, Inventory(amount))
    context.trees.forget(provider)


def tree_has_none(context: Context, role: str, resource: str) -> None:
    """Check that no provider in the tree of a host has an inventory of a class."""
    placement, root, real = context.cloud.placement, context.roles.host(role).provider, context.owned.custom(resource)
    eventually(
        lambda: sorted({name for one in placement.tree(root) for name in placement.inventories(one.uuid).inventories}),
        holds(real, resource, there=False),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'host "{role}" and its nested providers to have no {resource}',
    )
    context.trees.forget(root)


def host_has_none(context: Context, role: str, resource: str) -> None:
    """Check that a host's root provider has no inventory of a class."""
    provider, real = context.roles.host(role).provider, context.owned.custom(resource)
    eventually(
        lambda: sorted(context.cloud.placement.inventories(provider).inventories),
        holds(real, resource, there=False),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the root provider of host "{role}" to have no {resource}',
    )
    context.trees.forget(provider)
