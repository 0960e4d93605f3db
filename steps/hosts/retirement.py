"""Retirement: hosts whose compute service is deleted, and what remains of them in Placement."""

from stocktake.support.gherkin.phrases import then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import retirement


@when('the compute service on host "{host}" is deleted')
def delete_service(context: Context, host: str) -> None:
    """Delete the compute service of a host; the next step checks the response.

    Example:
        When the compute service on host "old" is deleted
    """
    retirement.delete_service(context, host)


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
