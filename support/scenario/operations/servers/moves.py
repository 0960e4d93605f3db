"""Moves of a server: resize, cold and live migration, evacuation; unconfirmed, confirmed, reverted."""

from hamcrest import any_of, has_properties, none
from stocktake.support.api import microversions
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.requests import ColdMigration, Evacuation, LiveMigration
from stocktake.support.errors import CloudError
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.refusals import ask
from stocktake.support.scenario.operations.servers import flavors, scheduling
from stocktake.support.scenario.operations.servers.progress import await_end
from stocktake.support.scenario.operations.servers.servers import act, require
from stocktake.support.scenario.operations.shortages import limit_behind
from stocktake.support.scenario.state.servers import Sought
from stocktake.support.waiting import WaitFailed, eventually

FAILED = ("error", "failed")
"""The statuses of a live migration that has failed (Nova, "os-migrations")."""


def resize(context: Context, name: str, flavor: str) -> None:
    """Resize a server and wait until the resize can be confirmed, was refused or has failed."""
    flavor_id = flavors.in_cloud(context, flavor)
    scheduling.elsewhere(context, name)
    context.servers.sought[name] = Sought("resize", flavor_id)
    act(context, name, "resize", lambda server_id: context.cloud.server_actions.resize(server_id, flavor_id))
    scheduling.check_stay(context, name)


def cold_migrate(context: Context, name: str, migration: ColdMigration) -> None:
    """Cold migrate a server and wait until the migration can be confirmed, was refused or has failed."""
    if migration.host is None:
        scheduling.elsewhere(context, name)
    else:
        scheduling.anywhere(context)
    context.servers.sought[name] = Sought("migrate", host=migration.host)
    act(context, name, "migrate", lambda server_id: context.cloud.server_actions.migrate(server_id, migration))


def confirm(context: Context, name: str) -> None:
    """Confirm a move; its migration is read before, because a confirmed one may be archived."""
    context.servers.last_migrations()
    act(context, name, "confirm", context.cloud.server_actions.confirm_resize)


def revert(context: Context, name: str) -> None:
    """Revert an unconfirmed move."""
    context.servers.last_migrations()
    act(context, name, "revert", context.cloud.server_actions.revert_resize)


def live_migrate(context: Context, name: str, migration: LiveMigration) -> None:
    """Live migrate a server and wait until its migration and its task have ended."""
    request_id = _ask_to_live_migrate(context, name, migration)
    if context.answers.refusal is None:
        await_end(context, name, request_id, "live_migrate")
        await_migration_end(context, name, "live_migrate")


def start_live_migration(context: Context, name: str, migration: LiveMigration) -> None:
    """Request a live migration and return once it is running or was refused."""
    _begin_live_migration(context, name, migration, "running")


def queue_live_migration(context: Context, name: str, migration: LiveMigration) -> None:
    """Request a live migration that has to wait for another, and return once Nova has queued it.

    Raises Unverified where a queued one cannot be aborted (below 2.65): it would outlive the scenario.
    """
    context.cloud.session.require("compute", microversions.ABORT_QUEUED, what="aborting a queued live migration")
    _begin_live_migration(context, name, migration, "queued")


def _begin_live_migration(context: Context, name: str, migration: LiveMigration, status: str) -> None:
    """Request a live migration and wait until its migration has that status, unless it was refused.

    Raises Hopeless when the migration has ended before that status was seen, Unverified if a limit of the cloud ended
    it.
    """
    earlier = latest_migration(context, name)
    _ask_to_live_migrate(context, name, migration)
    if context.answers.refusal is not None:
        return
    try:
        eventually(
            lambda: latest_migration(context, name),
            has_properties(status=status),
            within=context.cloud.settings.patience_for("live_migrate"),
            what=f'the migration of server "{name}" to be {status}',
            hopeless=lambda latest: _ended_since(earlier, latest),
        )
    except WaitFailed as failure:
        raise limit_behind(context, name, None) or failure from None


def _ended_since(earlier: Migration | None, latest: Migration | None) -> str | None:
    """Say how a migration later than an earlier one has ended; None when there is none, or it is in progress."""
    if latest is None or latest.under_way or (earlier is not None and latest.id <= earlier.id):
        return None
    return f"it has already ended, {latest.status}"


def _ask_to_live_migrate(context: Context, name: str, migration: LiveMigration) -> str | None:
    """Request a live migration and return the request's id, None when it was refused."""
    server_id = context.servers.id_of(name)
    scheduling.anywhere(context)
    context.servers.begins_move(name)
    context.servers.sought[name] = Sought("live-migration", host=migration.host)
    return ask(context, lambda: context.cloud.server_actions.live_migrate(server_id, migration))


def abort_live_migration(context: Context, name: str) -> None:
    """Abort a live migration, running (2.24) or queued (2.65); wait until it and the server's task have ended."""
    migration = live_migration_under_way(context, name)
    ask(context, lambda: context.cloud.migrations.abort(context.servers.id_of(name), migration.id))
    await_migration_end(context, name, "live_migrate")
    await_end(context, name, None, "live_migrate", patience="accounts")


def force_complete(context: Context, name: str) -> None:
    """Force a running live migration to complete and wait until it and the server's task have ended (2.22)."""
    migration = live_migration_under_way(context, name)
    ask(context, lambda: context.cloud.migrations.force_complete(context.servers.id_of(name), migration.id))
    await_migration_end(context, name, "live_migrate")
    await_end(context, name, None, "live_migrate", patience="accounts")


def evacuate(context: Context, name: str, evacuation: Evacuation) -> None:
    """Evacuate a server and wait until its rebuild has succeeded or failed."""
    scheduling.anywhere(context)
    context.servers.sought[name] = Sought("evacuate", host=evacuation.host)
    act(context, name, "evacuate", lambda server_id: context.cloud.server_actions.evacuate(server_id, evacuation))
    if context.answers.refusal is None:
        await_migration_end(context, name, "evacuate")


def latest_migration(context: Context, name: str) -> Migration | None:
    """Return the server's latest migration, None if it has never moved; every uuid seen is remembered."""
    return max(context.servers.refresh_migrations_of(name), key=lambda migration: migration.id, default=None)


def require_failed_live_migration(context: Context, name: str) -> None:
    """Require that a server is ACTIVE where it was, because its live migration has failed.

    Raises CloudError with the status of the migration, Unverified if a limit of the cloud is the reason.
    """
    server = require(context, name, "ACTIVE")
    migration = latest_migration(context, name)
    if server.host != context.servers.departed.get(name) or migration is None or migration.status not in FAILED:
        found = migration.status if migration is not None else "unknown to Nova"
        raise CloudError(f'the live migration of server "{name}" should have failed, but is {found}')


def last_migration_is(context: Context, name: str, status: str) -> None:
    """Check the status of the server's latest migration, as Nova spells it."""
    eventually(
        lambda: latest_migration(context, name),
        has_properties(status=status),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the last migration of server "{name}" to be {status}',
    )


def live_migration_under_way(context: Context, name: str) -> Migration:
    """Return the live migration that is running or queued. Raises CloudError when there is none."""
    under_way = context.cloud.migrations.live(context.servers.id_of(name))
    if not under_way:
        latest = latest_migration(context, name)
        instead = f": {latest}" if latest else ", and was never moved"
        raise CloudError(f'server "{name}" has no live migration in progress{instead}')
    return under_way[0]


def await_migration_end(context: Context, name: str, operation: str) -> None:
    """Wait until no migration of the server is in progress; one that never began has ended."""
    eventually(
        lambda: latest_migration(context, name),
        any_of(none(), has_properties(under_way=False)),
        within=context.cloud.settings.patience_for(operation),
        what=f'the migration of server "{name}" to end',
    )
    context.readings.forget()  # the server may have been read before the migration ended
