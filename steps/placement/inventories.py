"""Inventories of hosts: what a host has, what it keeps for itself, and how often it may be given away."""

from stocktake.support.gherkin.phrases import given, then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement import inventories


@given('the allocation ratio of {resource} on host "{host}" has been set to {ratio}')
def set_ratio(context: Context, resource: str, host: str, ratio: float) -> None:
    """Set through Placement how many times a resource may be given away, until the scenario ends.

    Example:
        Given the allocation ratio of VCPU on host "alpha" has been set to 2.0
    """
    inventories.set_ratio(context, host, resource, ratio)


@given('host "{host}" has room for {amount} more {resource}')
def leave_room(context: Context, host: str, amount: int, resource: str) -> None:
    """Set the allocation ratio of a resource so that so much of it is left on a host, until the scenario ends.

    Example:
        Given host "alpha" has room for 3 more VCPU
    """
    inventories.leave_room(context, host, resource, amount)


@given("Nova is configured to reserve {amount} MB of memory on each host", needs=("run_periodic", "configure"))
def configure_reserved_memory(context: Context, amount: int) -> None:
    """Set Nova's reserved_host_memory_mb until the scenario ends; hosts follow with their periodic.

    It concerns every host, so the scenario is tagged @whole-cloud.

    Example:
        Given Nova is configured to reserve 1024 MB of memory on each host
    """
    inventories.configure(context, "reserved_host_memory_mb", amount)


@given("Nova is configured to reserve {amount} VCPU on each host", needs=("run_periodic", "configure"))
def configure_reserved_processors(context: Context, amount: int) -> None:
    """Set Nova's reserved_host_cpus until the scenario ends; hosts follow with their periodic.

    It concerns every host, so the scenario is tagged @whole-cloud.

    Example:
        Given Nova is configured to reserve 2 VCPU on each host
    """
    inventories.configure(context, "reserved_host_cpus", amount)


@given("Nova is configured with a VCPU allocation ratio of {ratio}", needs=("run_periodic", "configure"))
def configure_ratio(context: Context, ratio: float) -> None:
    """Set Nova's cpu_allocation_ratio until the scenario ends; hosts follow with their periodic.

    It concerns every host, so the scenario is tagged @whole-cloud.

    Example:
        Given Nova is configured with a VCPU allocation ratio of 3.0
    """
    inventories.configure(context, "cpu_allocation_ratio", ratio)


@then('the inventory of host "{host}" is')
def inventory_is(context: Context, host: str, datatable: list[list[str]]) -> None:
    """Claim every inventory of a host's own resource provider, as far as the columns say.

    Example:
        Then the inventory of host "alpha" is
          | resource class | total | reserved |
          | VCPU           |    32 |        0 |
    """
    expected, fields = inventories.read_table(datatable)
    inventories.are(context, context.roles.host(host).provider, expected, fields, f'host "{host}"')


@then('the inventory of host "{host}" has the totals of its hypervisor')
def holds_what_hypervisor_has(context: Context, host: str) -> None:
    """Claim that a host has of VCPU, MEMORY_MB and DISK_GB in Placement what Nova says its hypervisor has.

    Example:
        Then the inventory of host "alpha" has the totals of its hypervisor
    """
    inventories.hold_what_the_hypervisor_has(context, host)


@then('host "{host}" reserves {amount} {resource}')
def reserves(context: Context, host: str, amount: int, resource: str) -> None:
    """Claim how much of a resource a host keeps for itself.

    Example:
        Then host "alpha" reserves 512 MEMORY_MB
    """
    inventories.reserved_is(context, host, resource, amount)


@then('the allocation ratio of {resource} on host "{host}" is {ratio}')
def ratio_is(context: Context, resource: str, host: str, ratio: float) -> None:
    """Claim how many times a resource of a host may be given away.

    Example:
        Then the allocation ratio of VCPU on host "alpha" is 2.0
    """
    inventories.ratio_is(context, host, resource, ratio)


@given('host "{host}" itself has {amount} {resource}')
def add_to_host(context: Context, host: str, amount: int, resource: str) -> None:
    """Add a custom resource to a host's own resource provider, where Nova writes too.

    Example:
        Given host "beta" itself has 10 CUSTOM_WAND
    """
    inventories.add_to_host(context, host, resource, amount)


@then('host "{host}" itself has no {resource}')
def host_has_none(context: Context, host: str, resource: str) -> None:
    """Claim that a host's own resource provider has no inventory of a resource class.

    Example:
        Then host "beta" itself has no CUSTOM_WAND
    """
    inventories.host_has_none(context, host, resource)
