"""Instance actions: Nova's record of the requests made for a server."""

from stocktake.support.gherkin.phrases import then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import actions


@then('the {action} action of server "{server}" failed')
def action_has_failed(context: Context, action: str, server: str) -> None:
    """Check that the latest action of a server is this one, by Nova's name for it, and that it failed.

    Example:
        Then the resize action of server "web" failed
    """
    actions.has_failed(context, action, server)
