"""Cold migrations: a server moves while it is off, and its owner confirms or reverts that like a resize."""

from support.cloud.books import Books
from support.cloud.operations import moves, servers
from support.gherkin.phrases import given, when


@when('server "{server}" is cold migrated')
def cold_migrate(books: Books, server: str) -> None:
    """Cold migrate a server where the scheduler likes; wait until that awaits a decision, was refused or failed.

    Example:
        When server "web" is cold migrated
    """
    moves.cold_migrate(books, server)


@when('server "{server}" is cold migrated to host "{host}"')
def cold_migrate_to_host(books: Books, server: str, host: str) -> None:
    """Cold migrate a server to a named host; wait until that awaits a decision, was refused or failed.

    Example:
        When server "web" is cold migrated to host "beta"
    """
    moves.cold_migrate(books, server, host)


@given('server "{server}" awaits a decision on its migration to host "{host}"')
def undecided_migration(books: Books, server: str, host: str) -> None:
    """Have a server cold migrated and not yet confirmed; the role names the host it went to.

    Example:
        Given server "web" awaits a decision on its migration to host "beta"
    """
    moves.cold_migrate(books, server)
    servers.require(books, server, "VERIFY_RESIZE", host, chosen=True)
