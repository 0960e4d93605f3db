"""Instance actions: what Nova recorded of what was asked of a server."""

from stocktake.support.gherkin.phrases import then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import actions


@then('action {action} of server "{server}" has failed')
def action_has_failed(context: Context, action: str, server: str) -> None:
    """Claim that the server's latest action is this one, by Nova's name for it, and that it ended in an error.

    Example:
        Then action resize of server "web" has failed
    """
    actions.has_failed(context, action, server)
