"""Instance actions of a scenario's servers: what Nova recorded, and how it ended."""

from hamcrest import has_properties

from support.cloud.books import Books
from support.cloud.values import Action
from support.waiting import eventually


def has_failed(books: Books, action: str, name: str) -> None:
    """Claim that a server's latest action is the one named, and that Nova marked it or one of its events as failed."""
    eventually(
        lambda: latest(books, name),
        has_properties(action=action, failed=True),
        within=books.cloud.settings.patience_for("accounts"),
        what=f'action {action} of server "{name}" to have failed',
    )


def latest(books: Books, name: str) -> Action | None:
    """Return a server's latest action with its events; None while nothing is recorded."""
    server_id, compute = books.server_id(name), books.cloud.compute
    return next((compute.action(server_id, action.request_id) for action in compute.actions(server_id)), None)
