"""Deletions of every kind: soft, for good, and of servers that are not simply running."""

from support.cloud.books import Books
from support.cloud.operations import deletion, servers
from support.gherkin.phrases import given, when


@given("deleted servers can be restored")
def deleted_servers_are_kept(books: Books) -> None:
    """Set Nova's reclaim_instance_interval until the scenario ends, so that servers are soft-deleted at first.

    It concerns every host, so the scenario is tagged @whole-cloud.

    Example:
        Given deleted servers can be restored
    """
    deletion.keep_deleted_servers(books)


@when('server "{server}" is soft deleted')
def soft_delete(books: Books, server: str) -> None:
    """Delete a server where deleted servers can be restored; wait until that has ended.

    Example:
        When server "web" is soft deleted
    """
    deletion.soft_delete(books, server)


@given('server "{server}" has been soft deleted')
def soft_deleted_server(books: Books, server: str) -> None:
    """Have a server that is deleted and can be restored.

    Example:
        Given server "web" has been soft deleted
    """
    deletion.soft_delete(books, server)
    servers.require(books, server, "SOFT_DELETED")


@when('server "{server}" is restored')
def restore(books: Books, server: str) -> None:
    """Bring a soft-deleted server back; wait until that has ended.

    Example:
        When server "web" is restored
    """
    deletion.restore(books, server)


@when('server "{server}" is deleted for good')
def delete_for_good(books: Books, server: str) -> None:
    """Delete a server without the possibility to restore it; wait until Nova knows it no longer.

    Example:
        When server "web" is deleted for good
    """
    deletion.delete_for_good(books, server)


@when('the time to restore server "{server}" is over')
def reclaim(books: Books, server: str) -> None:
    """Shorten Nova's reclaim_instance_interval and let the server's host reclaim it; wait until the server is gone.

    Example:
        When the time to restore server "web" is over
    """
    deletion.reclaim(books, server)


@given('server "{server}" is being built from flavor "{flavor}" on host "{host}"')
def unfinished_server(books: Books, server: str, flavor: str, host: str) -> None:
    """Have a server that a host which takes its time has claimed room for, and is building.

    Example:
        Given server "web" is being built from flavor "small" on host "slow"
    """
    servers.start_build(books, server, flavor, host)


@given('server "{server}" has been declared broken')
@when('server "{server}" is declared broken')
def declare_broken(books: Books, server: str) -> None:
    """Set a server to ERROR as an administrator can, although nothing is done to it.

    Example:
        Given server "web" has been declared broken
    """
    servers.declare_broken(books, server)


@given('server "{server}" has been deleted')
def deleted_server(books: Books, server: str) -> None:
    """Have a server deleted; Nova answers 404 for it.

    Example:
        Given server "web" has been deleted
    """
    servers.delete(books, server)
    servers.require_gone(books, server)
