"""Live migrations: a server moves while it runs; done, failed, aborted or forced to an end."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import moves, server_requests, servers


@when('server "{server}" is live migrated')
def live_migrate(context: Context, server: str) -> None:
    """Live migrate a server where the scheduler likes; wait until its migration and its task have ended.

    Example:
        When server "web" is live migrated
    """
    moves.live_migrate(context, server, server_requests.live_migration(context))


@when('server "{server}" is live migrated to host "{host}"')
def live_migrate_to_host(context: Context, server: str, host: str) -> None:
    """Live migrate a server to a named host that the scheduler checks; wait until its migration has ended.

    Example:
        When server "web" is live migrated to host "beta"
    """
    moves.live_migrate(context, server, server_requests.live_migration(context, host))


@when('server "{server}" is live migrated by force to host "{host}"')
def force_live_migrate(context: Context, server: str, host: str) -> None:
    """Live migrate a server to a named host without asking the scheduler, as microversions up to 2.67 can.

    Example:
        When server "web" is live migrated by force to host "beta"
    """
    moves.live_migrate(context, server, server_requests.live_migration(context, host, force=True))


@given('server "{server}" has been live migrated to host "{host}"')
def migrated_server(context: Context, server: str, host: str) -> None:
    """Have a server that has moved to another host while it ran; the role names the host it went to.

    Example:
        Given server "web" has been live migrated to host "beta"
    """
    moves.live_migrate(context, server, server_requests.live_migration(context))
    servers.require(context, server, "ACTIVE", host, chosen=True)


@given('server "{server}" is live migrating to host "{host}"', needs=("compute 2.59",))
@when('server "{server}" begins to live migrate to host "{host}"', needs=("compute 2.59",))
def begin_live_migration(context: Context, server: str, host: str) -> None:
    """Begin to live migrate a server from a host that takes its time; return once the migration is running.

    Example:
        When server "web" begins to live migrate to host "beta"
    """
    moves.start_live_migration(context, server, server_requests.live_migration(context, host))


@given('server "{server}" waits to live migrate to host "{host}"', needs=("compute 2.65",))
@when('server "{server}" waits to live migrate to host "{host}"', needs=("compute 2.65",))
def wait_to_live_migrate(context: Context, server: str, host: str) -> None:
    """Ask to live migrate a server from a host that takes its time with another; return once this one is queued.

    Example:
        Given server "web" is live migrating to host "beta"
        When server "db" waits to live migrate to host "beta"
    """
    moves.queue_live_migration(context, server, server_requests.live_migration(context, host))


@when('the live migration of server "{server}" is aborted')
def abort(context: Context, server: str) -> None:
    """Abort a live migration that runs or waits for its turn; wait until it and the server's task have ended.

    Example:
        When the live migration of server "web" is aborted
    """
    moves.abort_live_migration(context, server)


@when('the live migration of server "{server}" is forced to complete')
def force_complete(context: Context, server: str) -> None:
    """End the copying of a running live migration; wait until it and the server's task have ended.

    Example:
        When the live migration of server "web" is forced to complete
    """
    moves.force_complete(context, server)


@then('the last migration of server "{server}" is {outcome}')
def last_migration_is(context: Context, server: str, outcome: str) -> None:
    """Claim the status of a server's latest migration, of any kind, in Nova's words.

    Example:
        Then the last migration of server "web" is completed
    """
    moves.last_migration_is(context, server, outcome)
