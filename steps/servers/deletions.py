"""Deletions of every kind: soft, forced, and of servers that are not simply running."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import servers, soft_delete


@given("soft delete is enabled", needs=("disruption", "configure"))
def deleted_servers_are_kept(context: Context) -> None:
    """Set Nova's reclaim_instance_interval until the scenario ends, so that servers are soft-deleted first.

    It affects every host, so the scenario is tagged @whole-cloud.

    Example:
        Given soft delete is enabled
    """
    soft_delete.keep_deleted_servers(context)


@when('server "{server}" is soft-deleted')
def delete_softly(context: Context, server: str) -> None:
    """Delete a server where soft delete is enabled; wait until it is soft-deleted.

    Example:
        When server "web" is soft-deleted
    """
    soft_delete.soft_delete(context, server)


@given('server "{server}" has been soft-deleted')
def soft_deleted_server(context: Context, server: str) -> None:
    """Have a server that is soft-deleted.

    Example:
        Given server "web" has been soft-deleted
    """
    soft_delete.soft_delete(context, server)
    servers.require(context, server, "SOFT_DELETED")


@when('server "{server}" is restored')
def restore(context: Context, server: str) -> None:
    """Restore a soft-deleted server; wait until it is restored.

    Example:
        When server "web" is restored
    """
    soft_delete.restore(context, server)


@given('server "{server}" has been restored')
def restored_server(context: Context, server: str) -> None:
    """Have a server ACTIVE that was soft-deleted and restored.

    Example:
        Given server "web" has been restored
    """
    soft_delete.restore(context, server)
    servers.require(context, server, "ACTIVE")


@when('server "{server}" is force-deleted')
def delete_for_good(context: Context, server: str) -> None:
    """Delete a server so that it cannot be restored; wait until it no longer exists.

    Example:
        When server "web" is force-deleted
    """
    soft_delete.delete_for_good(context, server)


@given('server "{server}" has been force-deleted')
def server_deleted_for_good(context: Context, server: str) -> None:
    """Have a server deleted so that it cannot be restored; Nova answers 404 for it.

    Example:
        Given server "web" has been force-deleted
    """
    soft_delete.delete_for_good(context, server)
    servers.require_gone(context, server)


@when('the reclaim interval of server "{server}" expires', needs=("lab",))
def reclaim(context: Context, server: str) -> None:
    """Shorten Nova's reclaim_instance_interval and let the server's host reclaim it; wait until the server is gone.

    Example:
        When the reclaim interval of server "web" expires
    """
    soft_delete.reclaim(context, server)


@given('server "{server}" is being built with flavor "{flavor}" on host "{host}"')
def unfinished_server(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a server that a slow host has claimed resources for and is building.

    Example:
        Given server "web" is being built with flavor "small" on host "slow"
    """
    servers.start_build(context, server, flavor, host)


@given('server "{server}" has been reset to ERROR')
@when('server "{server}" is reset to ERROR')
def declare_broken(context: Context, server: str) -> None:
    """Reset the state of a server to ERROR; nothing else is done to it.

    Example:
        Given server "web" has been reset to ERROR
    """
    servers.declare_broken(context, server)


@given('server "{server}" has been deleted')
def deleted_server(context: Context, server: str) -> None:
    """Have a server deleted; Nova answers 404 for it.

    Example:
        Given server "web" has been deleted
    """
    servers.delete(context, server)
    servers.require_gone(context, server)
