"""Deletions of every kind: soft, for good, and of servers that are not simply running."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import servers, soft_delete


@given("deleted servers can be restored", needs=("configure",))
def deleted_servers_are_kept(context: Context) -> None:
    """Set Nova's reclaim_instance_interval until the scenario ends, so that servers are soft-deleted at first.

    It concerns every host, so the scenario is tagged @whole-cloud.

    Example:
        Given deleted servers can be restored
    """
    soft_delete.keep_deleted_servers(context)


@when('server "{server}" is soft deleted')
def delete_softly(context: Context, server: str) -> None:
    """Delete a server where deleted servers can be restored; wait until that has ended.

    Example:
        When server "web" is soft deleted
    """
    soft_delete.soft_delete(context, server)


@given('server "{server}" has been soft deleted')
def soft_deleted_server(context: Context, server: str) -> None:
    """Have a server that is deleted and can be restored.

    Example:
        Given server "web" has been soft deleted
    """
    soft_delete.soft_delete(context, server)
    servers.require(context, server, "SOFT_DELETED")


@when('server "{server}" is restored')
def restore(context: Context, server: str) -> None:
    """Bring a soft-deleted server back; wait until that has ended.

    Example:
        When server "web" is restored
    """
    soft_delete.restore(context, server)


@when('server "{server}" is deleted for good')
def delete_for_good(context: Context, server: str) -> None:
    """Delete a server without the possibility to restore it; wait until Nova knows it no longer.

    Example:
        When server "web" is deleted for good
    """
    soft_delete.delete_for_good(context, server)


@when('the time to restore server "{server}" is over', needs=("lab",))
def reclaim(context: Context, server: str) -> None:
    """Shorten Nova's reclaim_instance_interval and let the server's host reclaim it; wait until the server is gone.

    Example:
        When the time to restore server "web" is over
    """
    soft_delete.reclaim(context, server)


@given('server "{server}" is being built from flavor "{flavor}" on host "{host}"')
def unfinished_server(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a server that a host which takes its time has claimed room for, and is building.

    Example:
        Given server "web" is being built from flavor "small" on host "slow"
    """
    servers.start_build(context, server, flavor, host)


@given('server "{server}" has been declared broken')
@when('server "{server}" is declared broken')
def declare_broken(context: Context, server: str) -> None:
    """Set a server to ERROR as an administrator can, although nothing is done to it.

    Example:
        Given server "web" has been declared broken
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
