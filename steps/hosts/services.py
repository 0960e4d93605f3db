"""Compute services: hosts that an operator takes out of the scheduler's choice, and gives back."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import services


@given('host "{host}" is disabled', needs=("disruption",))
@when('host "{host}" gets disabled', needs=("disruption",))
def disable(context: Context, host: str) -> None:
    """Disable the compute service of a host until the scenario ends: its servers stay, new ones go elsewhere.

    Example:
        Given host "beta" is disabled
    """
    services.disable(context, host)


@given('host "{host}" is enabled again')
@when('host "{host}" gets enabled')
def enable(context: Context, host: str) -> None:
    """Enable the compute service of a host again.

    Example:
        When host "beta" gets enabled
    """
    services.enable(context, host)
