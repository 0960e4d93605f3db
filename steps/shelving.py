"""Shelving: servers put aside, taken off their host, and brought back."""

from support.cloud.books import Books
from support.cloud.operations import servers, shelving
from support.gherkin.phrases import given, when


@given("shelved servers stay on their host")
def shelved_servers_stay(books: Books) -> None:
    """Set Nova's shelved_offload_time until the scenario ends, so that only an operator offloads.

    It concerns every host, so the scenario is tagged @whole-cloud.

    Example:
        Given shelved servers stay on their host
    """
    shelving.let_shelved_servers_stay(books)


@when('server "{server}" is shelved')
def shelve(books: Books, server: str) -> None:
    """Put a server aside; wait until that has ended. Whether it leaves its host is the cloud's configuration.

    Example:
        When server "web" is shelved
    """
    shelving.shelve(books, server)


@given('server "{server}" has been shelved')
def shelved_server(books: Books, server: str) -> None:
    """Have a server shelved that is still on its host.

    Example:
        Given server "web" has been shelved
    """
    shelving.shelve(books, server)
    servers.require(books, server, "SHELVED")


@when('server "{server}" is offloaded')
def offload(books: Books, server: str) -> None:
    """Take a shelved server off its host; wait until that has ended.

    Example:
        When server "web" is offloaded
    """
    shelving.offload(books, server)


@when('server "{server}" is shelved and offloaded')
def shelve_and_offload(books: Books, server: str) -> None:
    """Put a server aside and take it off its host, in one request or two as the cloud is configured.

    Example:
        When server "web" is shelved and offloaded
    """
    shelving.shelve_and_offload(books, server)


@given('server "{server}" has been offloaded')
def offloaded_server(books: Books, server: str) -> None:
    """Have a server shelved that is on no host.

    Example:
        Given server "web" has been offloaded
    """
    shelving.shelve_and_offload(books, server)
    servers.require(books, server, "SHELVED_OFFLOADED")


@when('server "{server}" is unshelved')
def unshelve(books: Books, server: str) -> None:
    """Bring a shelved server back where the scheduler likes; wait until it runs, or has failed to.

    Example:
        When server "web" is unshelved
    """
    shelving.unshelve(books, server)


@when('server "{server}" is unshelved on host "{host}"')
def unshelve_on_host(books: Books, server: str, host: str) -> None:
    """Bring a shelved server back on a named host, which needs microversion 2.91; wait until it runs, or failed to.

    Example:
        When server "web" is unshelved on host "beta"
    """
    shelving.unshelve(books, server, host)
