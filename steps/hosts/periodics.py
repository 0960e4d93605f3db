"""The resource tracker's periodic: every compute host's own look at what it has and what it runs."""

from stocktake.support.gherkin.phrases import when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import periodics


@when('the periodic runs on host "{host}"', needs=("run_periodic",))
def run_on_host(context: Context, host: str) -> None:
    """Run the resource tracker's periodic of one host, what it knows of Placement read anew.

    Example:
        When the periodic runs on host "beta"
    """
    periodics.run(context, host)


@when("the periodic runs on every host", needs=("run_periodic",))
def run_everywhere(context: Context) -> None:
    """Run the resource tracker's periodic of every host of the scenario, one after the other.

    Example:
        When the periodic runs on every host
    """
    periodics.run_everywhere(context)
