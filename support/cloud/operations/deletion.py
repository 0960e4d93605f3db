"""Soft deletion: servers that are deleted and can be restored for a while, until they are reclaimed."""

from hamcrest import none

from support.cloud.books import Books
from support.cloud.operations import hosts
from support.cloud.operations.servers import act, act_until_gone
from support.waiting import eventually

LONG = 86400  # seconds in which nothing is reclaimed
SHORT = 1  # second after which everything is; 0 would turn soft deletion off
RECLAIMING = "_reclaim_queued_deletes"
"""The compute manager's periodic task that deletes for good what was soft-deleted long enough ago."""

INTERVAL = "reclaim_instance_interval"


def keep_deleted_servers(books: Books) -> None:
    """Have deleted servers kept for restoring until the scenario ends. Raises Unverified where that cannot be set."""
    hosts.set_option(books, INTERVAL, value=LONG)


def soft_delete(books: Books, name: str) -> None:
    """Delete a server where deleted servers are kept, and wait until it is soft-deleted."""
    act(books, name, "delete", books.cloud.compute.delete_server)


def restore(books: Books, name: str) -> None:
    """Bring a soft-deleted server back."""
    act(books, name, "start", books.cloud.compute.restore)


def delete_for_good(books: Books, name: str) -> None:
    """Delete a server at once, soft-deleted before or not."""
    books.refresh_migrations()
    act_until_gone(books, name, books.cloud.compute.force_delete)


def reclaim(books: Books, name: str) -> None:
    """Let the time for restoring a server pass: its host reclaims what was deleted more than a second ago."""
    server = books.server(name)
    host = server.host if server is not None else None
    hosts.set_option(books, INTERVAL, value=SHORT)

    def look_again() -> object:
        if host:
            books.cloud.control.run_task(host, RECLAIMING)
        return books.server(name)

    eventually(
        look_again,
        none(),
        within=books.cloud.settings.patience_for("delete"),
        what=f'server "{name}" to be reclaimed',
    )
