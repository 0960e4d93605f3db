"""Cold migrations: a server moves while it is off; the move is confirmed or reverted like a resize."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import moves, server_requests, servers


@when('server "{server}" is cold migrated', needs=("moves",))
def cold_migrate(context: Context, server: str) -> None:
    """Cold migrate a server; wait until the migration can be confirmed, was refused or has failed.

    Example:
        When server "web" is cold migrated
    """
    moves.cold_migrate(context, server, server_requests.cold_migration(context))


@when('server "{server}" is cold migrated to host "{host}"', needs=("moves", "compute 2.56"))
def cold_migrate_to_host(context: Context, server: str, host: str) -> None:
    """Cold migrate a server to a specified host; wait until that can be confirmed, was refused or has failed.

    Example:
        When server "web" is cold migrated to host "beta"
    """
    moves.cold_migrate(context, server, server_requests.cold_migration(context, host))


@given('server "{server}" has an unconfirmed migration to host "{host}"', needs=("moves", "compute 2.59"))
def undecided_migration(context: Context, server: str, host: str) -> None:
    """Have a server cold migrated and not yet confirmed; the role is bound to its new host.

    Example:
        Given server "web" has an unconfirmed migration to host "beta"
    """
    moves.cold_migrate(context, server, server_requests.cold_migration(context))
    servers.require(context, server, "VERIFY_RESIZE", host, chosen=True)
