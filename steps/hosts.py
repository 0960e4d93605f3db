"""Hosts: compute hosts that this scenario has to itself, called by the role they play."""

from support.cloud.books import Books
from support.cloud.operations import hosts
from support.gherkin.phrases import given, when


@given('host "{host}"')
def one_host(books: Books, host: str) -> None:
    """Bind a role to a compute host that no other scenario uses meanwhile.

    Example:
        Given host "alpha"
    """
    books.roles.bind(host)


@given('hosts "{host}" and "{other}"')
def two_hosts(books: Books, host: str, other: str) -> None:
    """Bind two roles to compute hosts that no other scenario uses meanwhile.

    Example:
        Given hosts "alpha" and "beta"
    """
    books.roles.bind(host, other)


@given('hosts "{host}", "{other}" and "{third}"')
def three_hosts(books: Books, host: str, other: str, third: str) -> None:
    """Bind three roles to compute hosts that no other scenario uses meanwhile.

    Example:
        Given hosts "alpha", "beta" and "gamma"
    """
    books.roles.bind(host, other, third)


@given('host "{host}" is down')
def host_goes_down(books: Books, host: str) -> None:
    """Stop the compute service of a host and force it down; wait until Nova calls it down.

    Example:
        Given host "alpha" is down
    """
    hosts.stop(books, host)


@given('host "{host}" is back')
@when('host "{host}" returns')
def host_returns(books: Books, host: str) -> None:
    """Start the compute service of a host again, its guests as it left them; wait until Nova calls it up.

    Example:
        When host "alpha" returns
    """
    hosts.return_with_guests(books, host)


@when('host "{host}" returns without its guests')
def host_returns_empty(books: Books, host: str) -> None:
    """Start the compute service of a host that lost its guests; wait until Nova calls it up.

    Example:
        When host "alpha" returns without its guests
    """
    hosts.return_without_guests(books, host)


@given("resizes may stay on the same host")
def resizes_may_stay(books: Books) -> None:
    """Set Nova's allow_resize_to_same_host until the scenario ends.

    It concerns every host, so the scenario is tagged @whole-cloud.

    Example:
        Given resizes may stay on the same host
    """
    hosts.set_option(books, "allow_resize_to_same_host", value=True)
