"""Inventories of hosts: totals, reserved amounts and allocation ratios."""

from stocktake.support.gherkin.phrases import given, then
from stocktake.support.hosts.needs import REFRESH
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement import inventories

CONFIGURED = ("disruption", "run_periodic", "configure")
"""What Nova's options about inventories need."""


@given('the allocation ratio of {resource} on host "{host}" has been set to {ratio}', needs=("disruption",))
def set_ratio(context: Context, resource: str, host: str, ratio: float) -> None:
    """Set the allocation ratio of a resource in Placement until the scenario ends.

    Example:
        Given the allocation ratio of VCPU on host "alpha" has been set to 2.0
    """
    inventories.set_ratio(context, host, resource, ratio)


@given('host "{host}" has capacity for {amount} more {resource}', needs=("disruption",))
def leave_room(context: Context, host: str, amount: int, resource: str) -> None:
    """Set the allocation ratio of a resource so that this much is left on a host, until the scenario ends.

    Example:
        Given host "alpha" has capacity for 3 more VCPU
    """
    inventories.leave_room(context, host, resource, amount)


@given(
    "Nova is configured to reserve {amount} MB of memory on each host",
    needs=CONFIGURED,
)
def configure_reserved_memory(context: Context, amount: int) -> None:
    """Set Nova's reserved_host_memory_mb until the scenario ends; hosts follow with their periodic task.

    It affects every host, so the scenario is tagged @whole-cloud.

    Example:
        Given Nova is configured to reserve 1024 MB of memory on each host
    """
    inventories.configure(context, "reserved_host_memory_mb", amount)


@given("Nova is configured to reserve {amount} VCPU on each host", needs=CONFIGURED)
def configure_reserved_processors(context: Context, amount: int) -> None:
    """Set Nova's reserved_host_cpus until the scenario ends; hosts follow with their periodic task.

    It affects every host, so the scenario is tagged @whole-cloud.

    Example:
        Given Nova is configured to reserve 2 VCPU on each host
    """
    inventories.configure(context, "reserved_host_cpus", amount)


@given("Nova is configured with a VCPU allocation ratio of {ratio}", needs=CONFIGURED)
def configure_ratio(context: Context, ratio: float) -> None:
    """Set Nova's cpu_allocation_ratio until the scenario ends; hosts follow with their periodic task.

    It affects every host, so the scenario is tagged @whole-cloud.

    Example:
        Given Nova is configured with a VCPU allocation ratio of 3.0
    """
    inventories.configure(context, "cpu_allocation_ratio", ratio)


@then('the inventory of host "{host}" is')
def inventory_is(context: Context, host: str, datatable: list[list[str]]) -> None:
    """Check every inventory of a host's own resource provider, in the columns of the table.

    Example:
        Then the inventory of host "alpha" is
          | resource class | total | reserved |
          | VCPU           |    32 |        0 |
    """
    expected, fields = inventories.read_table(datatable)
    inventories.are(context, context.roles.host(host).provider, expected, fields, f'host "{host}"')


@then('the inventory totals of host "{host}" match its hypervisor')
def holds_what_hypervisor_has(context: Context, host: str) -> None:
    """Check that the VCPU, MEMORY_MB and DISK_GB totals in Placement are those that the hypervisor reports.

    Example:
        Then the inventory totals of host "alpha" match its hypervisor
    """
    inventories.hold_what_the_hypervisor_has(context, host)


@then('host "{host}" reserves {amount} {resource}')
def reserves(context: Context, host: str, amount: int, resource: str) -> None:
    """Check the reserved amount of a resource on a host.

    Example:
        Then host "alpha" reserves 512 MEMORY_MB
    """
    inventories.reserved_is(context, host, resource, amount)


@then('the allocation ratio of {resource} on host "{host}" is {ratio}')
def ratio_is(context: Context, resource: str, host: str, ratio: float) -> None:
    """Check the allocation ratio of a resource on a host.

    Example:
        Then the allocation ratio of VCPU on host "alpha" is 2.0
    """
    inventories.ratio_is(context, host, resource, ratio)


@given('the root provider of host "{host}" has {amount} {resource}', needs=("disruption", REFRESH))
def add_to_host(context: Context, host: str, amount: int, resource: str) -> None:
    """Add a custom resource to the root provider of a host, which Nova updates too.

    Example:
        Given the root provider of host "beta" has 10 CUSTOM_WAND
    """
    inventories.add_to_host(context, host, resource, amount)


@then('the root provider of host "{host}" has no {resource}')
def host_has_none(context: Context, host: str, resource: str) -> None:
    """Check that the root provider of a host has no inventory of a resource class.

    Example:
        Then the root provider of host "beta" has no CUSTOM_WAND
    """
    inventories.host_has_none(context, host, resource)


@then('host "{host}" and its nested providers have no {resource}')
def tree_has_none(context: Context, host: str, resource: str) -> None:
    """Check that no resource provider in the tree of a host has an inventory of a resource class.

    Example:
        Then host "alpha" and its nested providers have no VGPU
    """
    inventories.tree_has_none(context, host, resource)
