"""Operations that are requested and not awaited, because they wait for a host that has failed or for the scheduler."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import unfinished


@given('server "{server}" has been requested with flavor "{flavor}" on host "{host}"')
@when('server "{server}" is requested with flavor "{flavor}" on host "{host}"')
def boot(context: Context, server: str, flavor: str, host: str) -> None:
    """Request a server on a host, which may have failed; return once Nova has scheduled it there.

    Example:
        When server "web" is requested with flavor "small" on host "alpha"
    """
    unfinished.boot(context, server, flavor, host)


@given('server "{server}" waits for the scheduler with flavor "{flavor}"', needs=("lab",))
def boot_unscheduled(context: Context, server: str, flavor: str) -> None:
    """Have a server requested while the scheduler is held.

    Example:
        Given server "web" waits for the scheduler with flavor "small"
    """
    unfinished.boot_unscheduled(context, server, flavor)


@given('server "{server}" waits for the scheduler with flavor "{flavor}" for host "{host}"', needs=("lab",))
def boot_on_host_unscheduled(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a server requested on a specified host while the scheduler is held.

    Example:
        Given server "web" waits for the scheduler with flavor "small" for host "beta"
    """
    unfinished.boot_unscheduled(context, server, flavor, host)


@given('the deletion of server "{server}" has been requested')
@when('the deletion of server "{server}" is requested')
def delete(context: Context, server: str) -> None:
    """Request the deletion of a server; return once Nova has accepted the request.

    Example:
        When the deletion of server "web" is requested
    """
    unfinished.delete(context, server)


@given('the evacuation of server "{server}" has been requested')
@when('the evacuation of server "{server}" is requested')
def evacuate(context: Context, server: str) -> None:
    """Request an evacuation; return once the new host has been chosen, or Nova has refused because the old one is up.

    Example:
        When the evacuation of server "web" is requested
    """
    unfinished.evacuate(context, server)


@given('the resize of server "{server}" to flavor "{flavor}" has been requested', needs=("compute 2.59",))
@when('the resize of server "{server}" to flavor "{flavor}" is requested', needs=("compute 2.59",))
def resize(context: Context, server: str, flavor: str) -> None:
    """Request a resize; return once it is up to the hosts, one of which may have failed.

    Example:
        When the resize of server "web" to flavor "large" is requested
    """
    unfinished.resize(context, server, flavor)


@given('the cold migration of server "{server}" has been requested', needs=("compute 2.59",))
@when('the cold migration of server "{server}" is requested', needs=("compute 2.59",))
def cold_migrate(context: Context, server: str) -> None:
    """Request a cold migration; return once it is up to the hosts, one of which may have failed.

    Example:
        When the cold migration of server "web" is requested
    """
    unfinished.cold_migrate(context, server)


@given('server "{server}" has become {status}')
def has_become(context: Context, server: str, status: str) -> None:
    """Wait until what was requested for a server has ended, with the server in a status.

    Example:
        Given server "web" has become VERIFY_RESIZE
    """
    unfinished.has_become(context, server, status)


@given("the last request has been sent again")
@when("the last request is sent again")
def repeat(context: Context) -> None:
    """Send the last request about a server a second time; Nova may accept or refuse it, and nothing is awaited.

    Example:
        When the last request is sent again
    """
    unfinished.repeat(context)


@then('server "{server}" is {status} with task {task}')
def is_busy(context: Context, server: str, status: str, task: str) -> None:
    """Check the status of a server that has a task, such as one that waits for its host.

    Example:
        Then server "web" is BUILD with task scheduling
    """
    unfinished.is_busy(context, server, status, task)
