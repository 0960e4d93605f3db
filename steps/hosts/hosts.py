"""Hosts: compute hosts that are leased to this scenario, named by their roles."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.servers import scheduling


@given('host "{host}"')
def one_host(context: Context, host: str) -> None:
    """Bind a role to a compute host that no other scenario uses at the same time.

    Example:
        Given host "alpha"
    """
    context.roles.bind(host)


@given('hosts "{host}" and "{other}"')
def two_hosts(context: Context, host: str, other: str) -> None:
    """Bind two roles to compute hosts that no other scenario uses at the same time.

    Example:
        Given hosts "alpha" and "beta"
    """
    context.roles.bind(host, other)


@given('hosts "{host}", "{other}" and "{third}"')
def three_hosts(context: Context, host: str, other: str, third: str) -> None:
    """Bind three roles to compute hosts that no other scenario uses at the same time.

    Example:
        Given hosts "alpha", "beta" and "gamma"
    """
    context.roles.bind(host, other, third)


@given('host "{host}" is down', needs=("disruption", "stop_host", "return_host"))
@when('host "{host}" goes down', needs=("disruption", "stop_host", "return_host"))
def host_goes_down(context: Context, host: str) -> None:
    """Stop the compute service of a host and force it down; wait until Nova reports it as down.

    Example:
        Given host "alpha" is down
    """
    hosts.stop(context, host)


@given('host "{host}" is back', needs=("return_host",))
@when('host "{host}" returns', needs=("return_host",))
def host_returns(context: Context, host: str) -> None:
    """Start the compute service of a host again with its guests; wait until Nova reports it as up.

    Example:
        When host "alpha" returns
    """
    hosts.return_with_guests(context, host)


@given('host "{host}" is back without its guests', needs=("return_host", "lose_guests"))
@when('host "{host}" returns without its guests', needs=("return_host", "lose_guests"))
def host_returns_empty(context: Context, host: str) -> None:
    """Start the compute service of a host that lost its guests; wait until Nova reports it as up.

    Example:
        When host "alpha" returns without its guests
    """
    hosts.return_without_guests(context, host)


@given("resizing to the same host is allowed", needs=("same_host",))
def resizes_may_stay(context: Context) -> None:
    """Set Nova's allow_resize_to_same_host until the scenario ends, or expect it where it cannot be set.

    It affects every host, so the scenario is tagged @whole-cloud.

    Example:
        Given resizing to the same host is allowed
    """
    scheduling.allow_staying(context)
