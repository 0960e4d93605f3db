"""Soft deletion: servers that are deleted and can be restored for a while, until they are reclaimed."""

from hamcrest import none
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.servers.servers import act, act_until_gone
from stocktake.support.waiting import eventually

LONG = 86400  # seconds; nothing is reclaimed within that time
SHORT = 1  # second, after which everything is reclaimed; 0 would disable soft delete
RECLAIMING = "_reclaim_queued_deletes"
"""The compute manager's periodic task that reclaims soft-deleted servers."""

INTERVAL = "reclaim_instance_interval"


def keep_deleted_servers(context: Context) -> None:
    """Enable soft delete until the scenario ends. Raises Unverified where that cannot be set."""
    hosts.set_option(context, INTERVAL, value=LONG)


def soft_delete(context: Context, name: str) -> None:
    """Delete a server where soft delete is enabled, and wait until it is soft-deleted."""
    act(context, name, "delete", context.cloud.servers.delete)


def restore(context: Context, name: str) -> None:
    """Restore a soft-deleted server."""
    act(context, name, "start", context.cloud.server_actions.restore)


def delete_for_good(context: Context, name: str) -> None:
    """Delete a server at once, soft-deleted before or not."""
    context.servers.last_migrations()
    act_until_gone(context, name, context.cloud.server_actions.force_delete, restorable=False)


def reclaim(context: Context, name: str) -> None:
    """Let the reclaim interval of a server expire: its host reclaims what was deleted more than a second ago."""
    server = context.servers.read(name)
    host = server.host if server is not None else None
    hosts.set_option(context, INTERVAL, value=SHORT)

    def look_again() -> object:
        if host:
            context.cloud.control.run_task(host, RECLAIMING)
        return context.servers.read(name)

    eventually(
        look_again,
        none(),
        within=context.cloud.settings.patience_for("delete"),
        what=f'server "{name}" to be reclaimed',
    )
