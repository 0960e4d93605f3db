"""Compute services: hosts that an operator disables for the scheduler, and enables again."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import services


@given('the compute service on host "{host}" has been disabled', needs=("disruption",))
@when('the compute service on host "{host}" is disabled', needs=("disruption",))
def disable(context: Context, host: str) -> None:
    """Disable the compute service of a host until the scenario ends.

    Example:
        Given the compute service on host "beta" has been disabled
    """
    services.disable(context, host)


@given('the compute service on host "{host}" has been enabled again')
@when('the compute service on host "{host}" is enabled')
def enable(context: Context, host: str) -> None:
    """Enable the compute service of a host again.

    Example:
        When the compute service on host "beta" is enabled
    """
    services.enable(context, host)
