"""Cold migrations: a server moves while it is off, and its owner confirms or reverts that like a resize."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import moves, server_requests, servers


@when('server "{server}" is cold migrated')
def cold_migrate(context: Context, server: str) -> None:
    """Cold migrate a server where the scheduler likes; wait until that awaits a decision, was refused or failed.

    Example:
        When server "web" is cold migrated
    """
    moves.cold_migrate(context, server, server_requests.cold_migration(context))


@when('server "{server}" is cold migrated to host "{host}"', needs=("compute 2.56",))
def cold_migrate_to_host(context: Context, server: str, host: str) -> None:
    """Cold migrate a server to a named host; wait until that awaits a decision, was refused or failed.

    Example:
        When server "web" is cold migrated to host "beta"
    """
    moves.cold_migrate(context, server, server_requests.cold_migration(context, host))


@given('server "{server}" awaits a decision on its migration to host "{host}"', needs=("compute 2.59",))
def undecided_migration(context: Context, server: str, host: str) -> None:
    """Have a server cold migrated and not yet confirmed; the role names the host it went to.

    Example:
        Given server "web" awaits a decision on its migration to host "beta"
    """
    moves.cold_migrate(context, server, server_requests.cold_migration(context))
    servers.require(context, server, "VERIFY_RESIZE", host, chosen=True)
