"""Servers: booted, stopped, deleted, and their state in Nova."""

from collections.abc import Mapping

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import claims
from stocktake.support.scenario.operations.servers import server_requests, servers


def _uuid_of_migration(status: str) -> tuple[str, ...]:
    """Declare that the allocations of a migration can be found only by its uuid (2.59)."""
    return ("compute 2.59",) if status in ("VERIFY_RESIZE", "MIGRATING") else ()


@given('server "{server}" runs flavor "{flavor}" on host "{host}"')
def running_server(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a server ACTIVE on a host; fails if it does not become so.

    Example:
        Given server "web" runs flavor "small" on host "alpha"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host))
    servers.require(context, server, "ACTIVE", host)


@given('server "{server}" runs flavor "{flavor}"')
def running_server_anywhere(context: Context, server: str, flavor: str) -> None:
    """Have a server ACTIVE on a host that the scheduler selects among those of the scenario.

    Example:
        Given server "web" runs flavor "small"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor))
    servers.require(context, server, "ACTIVE")


@given('no valid host was found for server "{server}" with flavor "{flavor}"')
def server_without_host(context: Context, server: str, flavor: str) -> None:
    """Have a server in ERROR because no valid host was found for it.

    Example:
        Given no valid host was found for server "web" with flavor "huge"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor))
    servers.require(context, server, "ERROR")


@given('server "{server}" failed to build with flavor "{flavor}" on host "{host}"')
def server_that_failed_to_build(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a server in ERROR because its host failed to build it.

    Example:
        Given server "web" failed to build with flavor "small" on host "picky"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host))
    servers.require(context, server, "ERROR")


@when('server "{server}" is booted with flavor "{flavor}"')
def boot(context: Context, server: str, flavor: str) -> None:
    """Boot a server; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "small"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor))


@when('server "{server}" is booted with flavor "{flavor}" on host "{host}"')
def boot_on_host(context: Context, server: str, flavor: str, host: str) -> None:
    """Boot a server on a specified host; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "small" on host "alpha"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host))


@when('server "{server}" is booted with flavor "{flavor}" on host "{host}" with scheduler hint "{hint}"')
def boot_with_hint(context: Context, server: str, flavor: str, host: str, hint: Mapping[str, str]) -> None:
    """Boot a server on a specified host with a scheduler hint NAME=VALUE; wait until its build has ended.

    Example:
        When server "web" is booted with flavor "small" on host "alpha" with scheduler hint "_nova_check_type=rebuild"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host, hints=hint))


@when('server "{server}" is booted with flavor "{flavor}" in the zone of host "{host}"')
def boot_in_zone(context: Context, server: str, flavor: str, host: str) -> None:
    """Boot a server with availability zone ZONE:HOST; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "small" in the zone of host "beta"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host, by_zone=True))


@when('{count} servers "{server}" are booted in one request with flavor "{flavor}"')
def boot_together(context: Context, count: int, server: str, flavor: str) -> None:
    """Boot servers in one request (Nova names them web-1, web-2 and so on); wait until all builds have ended.

    Example:
        When 3 servers "web" are booted in one request with flavor "small"
    """
    servers.boot_together(context, server, flavor, count)


@given('{count} servers "{server}" run flavor "{flavor}"')
def servers_running_together(context: Context, count: int, server: str, flavor: str) -> None:
    """Have servers ACTIVE that were booted in one request, named web-1, web-2 and so on.

    Example:
        Given 3 servers "web" run flavor "small"
    """
    for each in servers.boot_together(context, server, flavor, count):
        servers.require(context, each, "ACTIVE")


@given('server "{server}" is stopped')
@when('server "{server}" is shut off')
def stop(context: Context, server: str) -> None:
    """Stop a server; wait until its power is off.

    Example:
        Given server "web" is stopped
    """
    servers.stop(context, server)


@when('server "{server}" is started')
def start(context: Context, server: str) -> None:
    """Start a server that is shut off; wait until its power is on.

    Example:
        When server "web" is started
    """
    servers.start(context, server)


@when('server "{server}" is {interruption}')
def interrupt(context: Context, server: str, interruption: str) -> None:
    """Pause, reboot, rescue or suspend a server; wait until the operation has ended.

    Example:
        When server "web" is suspended
    """
    servers.interrupt(context, server, interruption)


@given('server "{server}" has been started')
def started_server(context: Context, server: str) -> None:
    """Have a server that was shut off and is ACTIVE again.

    Example:
        Given server "web" is stopped
        And server "web" has been started
    """
    servers.start(context, server)
    servers.require(context, server, "ACTIVE")


@given('server "{server}" has been {interruption}')
def interrupted_server(context: Context, server: str, interruption: str) -> None:
    """Have a server that was paused, rebooted, rescued or suspended.

    Example:
        Given server "web" has been suspended
    """
    servers.interrupt(context, server, interruption)
    servers.require(context, server, None)


@given('server "{server}" has been rebuilt')
def rebuilt_server(context: Context, server: str) -> None:
    """Have a server that was rebuilt from the image of the run.

    Example:
        Given server "web" has been rebuilt
    """
    servers.rebuild(context, server)
    servers.require(context, server, None)


@when('server "{server}" is rebuilt')
def rebuild(context: Context, server: str) -> None:
    """Rebuild a server from the image of the run; wait until the rebuild has succeeded or failed.

    Example:
        When server "web" is rebuilt
    """
    servers.rebuild(context, server)


@when('server "{server}" is deleted')
def delete(context: Context, server: str) -> None:
    """Delete a server; wait until Nova answers 404 for it and its last action has ended.

    Example:
        When server "web" is deleted
    """
    servers.delete(context, server)


@then('server "{server}" is {status} on host "{host}"', needs=_uuid_of_migration)
def server_is_on_host(context: Context, server: str, status: str, host: str) -> None:
    """Check a server's status and host, with no task in progress.

    Example:
        Then server "web" is ACTIVE on host "alpha"
    """
    claims.server_is(context, server, status=status, host=host)


@then('server "{server}" is {status} on another host "{host}"', needs=_uuid_of_migration)
def server_is_on_another_host(context: Context, server: str, status: str, host: str) -> None:
    """Check a server's status, and bind a role to the host that the scheduler selected.

    Example:
        Then server "web" is VERIFY_RESIZE on another host "beta"
    """
    claims.server_is(context, server, status=status, another_host=host)


@then('server "{server}" is on host "{host}"')
def server_is_located(context: Context, server: str, host: str) -> None:
    """Check a server's host, whatever its status, with no task in progress.

    Example:
        Then server "web" is on host "beta"
    """
    claims.server_is(context, server, host=host)


@then('server "{server}" is on another host "{host}"')
def server_is_located_elsewhere(context: Context, server: str, host: str) -> None:
    """Check that a server has left its host, and bind a role to the host that the scheduler selected.

    Example:
        Then server "web" is on another host "beta"
    """
    claims.server_is(context, server, another_host=host)


@then('server "{server}" is {status} without a host', needs=_uuid_of_migration)
def server_is_on_no_host(context: Context, server: str, status: str) -> None:
    """Check a server's status and that it has no host.

    Example:
        Then server "web" is SHELVED_OFFLOADED without a host
    """
    claims.server_is(context, server, status=status, no_host=True)


@then('server "{server}" is {status} with fault "{reason}"', needs=_uuid_of_migration)
def server_is_at_fault(context: Context, server: str, status: str, reason: str) -> None:
    """Check a server's status and that its fault contains these words.

    Example:
        Then server "web" is ERROR with fault "No valid host was found"
    """
    claims.server_is(context, server, status=status, reason=reason)


@then('server "{server}" is gone')
def server_is_gone(context: Context, server: str) -> None:
    """Check that the server no longer exists.

    Example:
        Then server "web" is gone
    """
    claims.server_is_gone(context, server)
