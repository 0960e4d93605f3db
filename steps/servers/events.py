"""Events: which hosts took part in what was asked of a server."""

from stocktake.support.accounting.tables import read_rows
from stocktake.support.gherkin.phrases import then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import events


@then('action {action} of server "{server}" has succeeded')
def has_succeeded(context: Context, action: str, server: str) -> None:
    """Claim that the latest action of this name, as Nova has it, has ended without an error; deleted servers included.

    Example:
        Then action resize of server "web" has succeeded
    """
    events.has_succeeded(context, action, server)


@then('the compute hosts did this for action {action} of server "{server}"', needs=("compute 2.62",))
def compute_parts(context: Context, action: str, server: str, datatable: list[list[str]]) -> None:
    """Claim every event of an action that ran on a compute host, with their results.

    Example:
        Then the compute hosts did this for action create of server "web"
          | event                             | host  | result  |
          | compute__do_build_and_run_instance | alpha | Success |
    """
    rows = read_rows(datatable, "the table of events", ("event", "host", "result"))
    events.compute_parts_are(context, action, server, [events.Part(**row) for row in rows])


@then('no compute host took part in action {action} of server "{server}"', needs=("compute 2.62",))
def no_compute_part(context: Context, action: str, server: str) -> None:
    """Claim that an action was recorded of which no event ran on a compute host.

    Example:
        Then no compute host took part in action create of server "web"
    """
    events.compute_parts_are(context, action, server, [])
