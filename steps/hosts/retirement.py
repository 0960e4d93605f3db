"""Retirement: hosts whose compute service is deleted, and what remains of them in Placement."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import retirement


@given('the compute service on host "{host}" has been deleted')
@when('the compute service on host "{host}" is deleted')
def delete_service(context: Context, host: str) -> None:
    """Delete the compute service of a host; the next step checks the response.

    Example:
        When the compute service on host "old" is deleted
    """
    retirement.delete_service(context, host)


@given('host "{host}" has been registered anew', needs=("lab",))
def register_anew(context: Context, host: str) -> None:
    """Start a compute service on a host whose own was deleted; its network agent has gone on running meanwhile.

    Example:
        Given host "old" has been registered anew
    """
    retirement.register_anew(context, host)


@given('the network agent of host "{host}" has started anew', needs=("lab", "ports"))
def start_network_agent(context: Context, host: str) -> None:
    """Let the network agent of a host start anew, so that it reports what the host has of the network.

    Example:
        Given the network agent of host "old" has started anew
    """
    retirement.start_network_agent(context, host)


@then('host "{host}" has a resource provider')
def has_provider(context: Context, host: str) -> None:
    """Check that the resource provider of a host exists in Placement.

    Example:
        Then host "old" has a resource provider
    """
    retirement.has_provider(context, host)


@then('host "{host}" has no resource provider')
def has_no_provider(context: Context, host: str) -> None:
    """Check that the resource provider of a host no longer exists in Placement, nor any child of it.

    Example:
        Then host "old" has no resource provider
    """
    retirement.has_no_provider(context, host)
