"""Events: the hosts that ran the instance actions of a server."""

from stocktake.support.accounting.tables import read_rows
from stocktake.support.gherkin.phrases import then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import events


@then('the {action} action of server "{server}" succeeded')
def has_succeeded(context: Context, action: str, server: str) -> None:
    """Check that the latest action of this name succeeded; for deleted servers, too.

    Example:
        Then the resize action of server "web" succeeded
    """
    events.has_succeeded(context, action, server)


@then('the compute events of the {action} action of server "{server}" are', needs=("compute 2.62",))
def compute_parts(context: Context, action: str, server: str, datatable: list[list[str]]) -> None:
    """Check every event of an action that ran on a compute host, with their results.

    Example:
        Then the compute events of the create action of server "web" are
          | event                             | host  | result  |
          | compute__do_build_and_run_instance | alpha | Success |
    """
    rows = read_rows(datatable, "the table of events", ("event", "host", "result"))
    events.compute_parts_are(context, action, server, [events.Part(**row) for row in rows])


@then('the {action} action of server "{server}" has no compute events', needs=("compute 2.62",))
def no_compute_part(context: Context, action: str, server: str) -> None:
    """Check that an action was recorded without any event that ran on a compute host.

    Example:
        Then the create action of server "web" has no compute events
    """
    events.compute_parts_are(context, action, server, [])
