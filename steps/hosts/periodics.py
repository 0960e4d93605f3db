"""The periodic task of the resource tracker: each compute host reviews its resources and its servers."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import periodics


@given('the periodic task has run on host "{host}"', needs=("run_periodic",))
@when('the periodic task runs on host "{host}"', needs=("run_periodic",))
def run_on_host(context: Context, host: str) -> None:
    """Run the periodic task of the resource tracker on one host, with its view of Placement refreshed.

    Example:
        When the periodic task runs on host "beta"
    """
    periodics.run(context, host)


@when("the periodic task runs on every host", needs=("run_periodic",))
def run_everywhere(context: Context) -> None:
    """Run the periodic task of the resource tracker on every host of the scenario, one after the other.

    Example:
        When the periodic task runs on every host
    """
    periodics.run_everywhere(context)
