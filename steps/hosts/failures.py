"""Failures of hosts that Nova does not notice at first, and the messages that wait for such a host."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import failures


@given('host "{host}" has failed unnoticed', needs=("disruption", "fail_host", "return_host"))
@when('host "{host}" fails unnoticed', needs=("disruption", "fail_host", "return_host"))
def fail(context: Context, host: str) -> None:
    """Halt a host; Nova still reports its compute service as up, and messages to it wait.

    The step 'host "alpha" is down' ends that: Nova reports the host as down.

    Example:
        Given host "alpha" has failed unnoticed
    """
    failures.fail(context, host)


@given('the messages that wait for host "{host}" are lost', needs=("drop_messages",))
def lose_messages(context: Context, host: str) -> None:
    """Delete what Nova has sent to a host since it failed, as when the message broker lost its queue.

    Example:
        Given the messages that wait for host "alpha" are lost
    """
    failures.drop_messages(context, host)
