"""Special hosts: compute hosts that a lab adds for one scenario, most of which fail at one thing."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import refitting, special_hosts


@given('a host "{special}" that {behaviour}', needs=("add_host",))
def add_host(context: Context, special: str, behaviour: str) -> None:
    """Add a compute host with this behaviour to the lab, for this scenario only; it plays the given role.

    Such scenarios are tagged @lab; clouds that cannot add hosts leave them unverified.

    Example:
        Given a host "slow" that live migrates slowly
    """
    special_hosts.add(context, special, behaviour)


@given('host "{host}" with the {driver} driver', needs=lambda driver: (driver,))
def provide_host(context: Context, host: str, driver: str) -> None:
    """Bind a role to a host with a type of hypervisor; the scenario is unverified where the host has another.

    A lab without such hosts adds one for this scenario.

    Example:
        Given host "alpha" with the libvirt driver
    """
    special_hosts.provide(context, host, driver)


@given('host "{host}" is back as one that {behaviour}', needs=("lab",))
@when('host "{host}" returns as one that {behaviour}', needs=("lab",))
def return_as(context: Context, host: str, behaviour: str) -> None:
    """Start the compute service of a stopped libvirt host again, with its guests, but other devices or options.

    Example:
        When host "alpha" returns as one that uses libvirt
    """
    refitting.return_as(context, host, behaviour)
