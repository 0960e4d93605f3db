"""Shelving: servers shelved, offloaded from their host, and unshelved."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import server_requests, servers, shelving


@given("shelved servers are not offloaded automatically", needs=("disruption", "configure"))
def shelved_servers_stay(context: Context) -> None:
    """Set Nova's shelved_offload_time until the scenario ends, so that servers are offloaded only on request.

    It affects every host, so the scenario is tagged @whole-cloud.

    Example:
        Given shelved servers are not offloaded automatically
    """
    shelving.let_shelved_servers_stay(context)


@when('server "{server}" is shelved')
def shelve(context: Context, server: str) -> None:
    """Shelve a server; wait until it is shelved. Whether it is offloaded depends on the cloud's configuration.

    Example:
        When server "web" is shelved
    """
    shelving.shelve(context, server)


@given('server "{server}" has been shelved')
def shelved_server(context: Context, server: str) -> None:
    """Have a server shelved that is still on its host.

    Example:
        Given server "web" has been shelved
    """
    shelving.shelve(context, server)
    servers.require(context, server, "SHELVED")


@when('server "{server}" is offloaded')
def offload(context: Context, server: str) -> None:
    """Offload a shelved server; wait until it is offloaded.

    Example:
        When server "web" is offloaded
    """
    shelving.offload(context, server)


@when('server "{server}" is shelved and offloaded')
def shelve_and_offload(context: Context, server: str) -> None:
    """Shelve and offload a server, in one request or two depending on the cloud's configuration.

    Example:
        When server "web" is shelved and offloaded
    """
    shelving.shelve_and_offload(context, server)


@given('server "{server}" has been offloaded')
def offloaded_server(context: Context, server: str) -> None:
    """Have a server that is shelved and offloaded.

    Example:
        Given server "web" has been offloaded
    """
    shelving.shelve_and_offload(context, server)
    servers.require(context, server, "SHELVED_OFFLOADED")


@when('server "{server}" is unshelved', needs=("moves",))
def unshelve(context: Context, server: str) -> None:
    """Unshelve a server; wait until it runs or has failed to start.

    Example:
        When server "web" is unshelved
    """
    shelving.unshelve(context, server, server_requests.unshelving(context))


@given('server "{server}" has been unshelved', needs=("moves",))
def server_unshelved_anywhere(context: Context, server: str) -> None:
    """Have a server ACTIVE that was unshelved: on its host if it had not left it, else where the scheduler chose.

    Example:
        Given server "web" has been unshelved
    """
    shelving.unshelve(context, server, server_requests.unshelving(context))
    servers.require(context, server, "ACTIVE")


@when('server "{server}" is unshelved to host "{host}"', needs=("moves", "compute 2.91"))
def unshelve_on_host(context: Context, server: str, host: str) -> None:
    """Unshelve a server to a specified host (microversion 2.91); wait until it runs or has failed to start.

    Example:
        When server "web" is unshelved to host "beta"
    """
    shelving.unshelve(context, server, server_requests.unshelving(context, host))


@given('server "{server}" has been unshelved to host "{host}"', needs=("moves", "compute 2.91"))
def unshelved_server(context: Context, server: str, host: str) -> None:
    """Have a server ACTIVE that was unshelved to a specified host (microversion 2.91).

    Example:
        Given server "web" has been unshelved to host "beta"
    """
    shelving.unshelve(context, server, server_requests.unshelving(context, host))
    servers.require(context, server, "ACTIVE", host)


@given('server "{server}" is being unshelved to host "{host}"', needs=("moves", "compute 2.91"))
def unfinished_unshelving(context: Context, server: str, host: str) -> None:
    """Have a server that a slow host has claimed resources for, and is starting (microversion 2.91).

    Example:
        Given server "web" is being unshelved to host "slow"
    """
    shelving.start_unshelving(context, server, host)
