"""Instance actions: what Nova recorded of what was asked of a server."""

from support.cloud.books import Books
from support.cloud.operations import actions
from support.gherkin.phrases import then


@then('action {action} of server "{server}" has failed')
def action_has_failed(books: Books, action: str, server: str) -> None:
    """Claim that the server's latest action is this one, by Nova's name for it, and that it ended in an error.

    Example:
        Then action resize of server "web" has failed
    """
    actions.has_failed(books, action, server)
