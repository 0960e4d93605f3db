"""Shelving: servers put aside, taken off their host, and brought back."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import server_requests, servers, shelving


@given("shelved servers stay on their host", needs=("configure",))
def shelved_servers_stay(context: Context) -> None:
    """Set Nova's shelved_offload_time until the scenario ends, so that only an operator offloads.

    It concerns every host, so the scenario is tagged @whole-cloud.

    Example:
        Given shelved servers stay on their host
    """
    shelving.let_shelved_servers_stay(context)


@when('server "{server}" is shelved')
def shelve(context: Context, server: str) -> None:
    """Put a server aside; wait until that has ended. Whether it leaves its host is the cloud's configuration.

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
    """Take a shelved server off its host; wait until that has ended.

    Example:
        When server "web" is offloaded
    """
    shelving.offload(context, server)


@when('server "{server}" is shelved and offloaded')
def shelve_and_offload(context: Context, server: str) -> None:
    """Put a server aside and take it off its host, in one request or two as the cloud is configured.

    Example:
        When server "web" is shelved and offloaded
    """
    shelving.shelve_and_offload(context, server)


@given('server "{server}" has been offloaded')
def offloaded_server(context: Context, server: str) -> None:
    """Have a server shelved that is on no host.

    Example:
        Given server "web" has been offloaded
    """
    shelving.shelve_and_offload(context, server)
    servers.require(context, server, "SHELVED_OFFLOADED")


@when('server "{server}" is unshelved')
def unshelve(context: Context, server: str) -> None:
    """Bring a shelved server back where the scheduler likes; wait until it runs, or has failed to.

    Example:
        When server "web" is unshelved
    """
    shelving.unshelve(context, server, server_requests.unshelving(context))


@when('server "{server}" is unshelved on host "{host}"', needs=("compute 2.91",))
def unshelve_on_host(context: Context, server: str, host: str) -> None:
    """Bring a shelved server back on a named host, which needs microversion 2.91; wait until it runs, or failed to.

    Example:
        When server "web" is unshelved on host "beta"
    """
    shelving.unshelve(context, server, server_requests.unshelving(context, host))
