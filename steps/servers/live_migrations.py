"""Live migrations: a server moves while it runs; completed, failed, aborted or forced to complete."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import moves, server_requests, servers


@when('server "{server}" is live migrated', needs=("live_moves",))
def live_migrate(context: Context, server: str) -> None:
    """Live migrate a server; wait until its migration and its task have ended.

    Example:
        When server "web" is live migrated
    """
    moves.live_migrate(context, server, server_requests.live_migration(context))


@when('server "{server}" is live migrated to host "{host}"', needs=("live_moves",))
def live_migrate_to_host(context: Context, server: str, host: str) -> None:
    """Live migrate a server to a specified host that the scheduler checks; wait until that has ended.

    Example:
        When server "web" is live migrated to host "beta"
    """
    moves.live_migrate(context, server, server_requests.live_migration(context, host))


@when('server "{server}" is forcibly live migrated to host "{host}"', needs=("live_moves",))
def force_live_migrate(context: Context, server: str, host: str) -> None:
    """Live migrate a server to a specified host past the scheduler, as microversions up to 2.67 can.

    Example:
        When server "web" is forcibly live migrated to host "beta"
    """
    moves.live_migrate(context, server, server_requests.live_migration(context, host, force=True))


@given('server "{server}" has been live migrated to host "{host}"', needs=("live_moves",))
def migrated_server(context: Context, server: str, host: str) -> None:
    """Have a server that was live migrated; the role is bound to its new host.

    Example:
        Given server "web" has been live migrated to host "beta"
    """
    moves.live_migrate(context, server, server_requests.live_migration(context))
    servers.require(context, server, "ACTIVE", host, chosen=True)


@given('server "{server}" failed to live migrate to host "{host}"', needs=("live_moves",))
def failed_migration(context: Context, server: str, host: str) -> None:
    """Have a server ACTIVE where it was, because a host failed during its live migration.

    Example:
        Given server "web" failed to live migrate to host "broken"
    """
    moves.live_migrate(context, server, server_requests.live_migration(context, host))
    moves.require_failed_live_migration(context, server)


@given('server "{server}" is live migrating to host "{host}"', needs=("live_moves", "compute 2.59"))
@when('server "{server}" starts live migrating to host "{host}"', needs=("live_moves", "compute 2.59"))
def begin_live_migration(context: Context, server: str, host: str) -> None:
    """Start to live migrate a server from a slow host; return once the migration is running.

    Example:
        When server "web" starts live migrating to host "beta"
    """
    moves.start_live_migration(context, server, server_requests.live_migration(context, host))


@given('server "{server}" is queued for live migration to host "{host}"', needs=("live_moves", "compute 2.65"))
@when('server "{server}" is queued for live migration to host "{host}"', needs=("live_moves", "compute 2.65"))
def wait_to_live_migrate(context: Context, server: str, host: str) -> None:
    """Live migrate a server from a host that is still migrating another; return once this one is queued.

    Example:
        Given server "web" is live migrating to host "beta"
        When server "db" is queued for live migration to host "beta"
    """
    moves.queue_live_migration(context, server, server_requests.live_migration(context, host))


@when('the live migration of server "{server}" is aborted')
def abort(context: Context, server: str) -> None:
    """Abort a running or queued live migration; wait until it and the server's task have ended.

    Example:
        When the live migration of server "web" is aborted
    """
    moves.abort_live_migration(context, server)


@given('the live migration of server "{server}" has been aborted')
def aborted_migration(context: Context, server: str) -> None:
    """Have a server ACTIVE where it was, because its live migration was aborted.

    Example:
        Given the live migration of server "web" has been aborted
    """
    moves.abort_live_migration(context, server)
    servers.require(context, server, "ACTIVE")


@when('the live migration of server "{server}" is forced to complete')
def force_complete(context: Context, server: str) -> None:
    """Force a running live migration to complete; wait until it and the server's task have ended.

    Example:
        When the live migration of server "web" is forced to complete
    """
    moves.force_complete(context, server)


@given('the live migration of server "{server}" has been forced to complete')
def completed_migration(context: Context, server: str) -> None:
    """Have a server ACTIVE on the destination of a live migration that was forced to complete.

    Example:
        Given the live migration of server "web" has been forced to complete
    """
    moves.force_complete(context, server)
    servers.require(context, server, "ACTIVE")


@then('the last migration of server "{server}" has status {outcome}')
def last_migration_is(context: Context, server: str, outcome: str) -> None:
    """Check the status of the latest migration of a server, of any type.

    Example:
        Then the last migration of server "web" has status completed
    """
    moves.last_migration_is(context, server, outcome)
