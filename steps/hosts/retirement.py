"""Retirement: hosts whose compute service is deleted, and what is left of them in Placement."""

from stocktake.support.gherkin.phrases import then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import retirement


@when('the compute service of host "{host}" is deleted')
def delete_service(context: Context, host: str) -> None:
    """Ask Nova to delete a host's compute service, and with it the host; the answer is spoken of by the next step.

    Example:
        When the compute service of host "old" is deleted
    """
    retirement.delete_service(context, host)


@then('host "{host}" has a resource provider')
def has_provider(context: Context, host: str) -> None:
    """Claim that Placement knows the resource provider of a host.

    Example:
        Then host "old" has a resource provider
    """
    retirement.has_provider(context, host)


@then('host "{host}" has no resource provider')
def has_no_provider(context: Context, host: str) -> None:
    """Claim that Placement no longer knows the resource provider of a host, nor any child of it.

    Example:
        Then host "old" has no resource provider
    """
    retirement.has_no_provider(context, host)
