"""Evacuations to a host the operator names, through the scheduler or past it."""

from support.cloud.books import Books
from support.cloud.operations import moves, servers
from support.gherkin.phrases import given, when


@when('server "{server}" is evacuated to host "{host}"')
def evacuate_to_host(books: Books, server: str, host: str) -> None:
    """Evacuate a server to a named host that the scheduler checks; wait until its rebuild has ended.

    Example:
        When server "web" is evacuated to host "beta"
    """
    moves.evacuate(books, server, host)


@when('server "{server}" is evacuated by force to host "{host}"')
def force_evacuate(books: Books, server: str, host: str) -> None:
    """Evacuate a server to a named host without asking the scheduler, as microversions up to 2.67 can.

    Example:
        When server "web" is evacuated by force to host "beta"
    """
    moves.evacuate(books, server, host, force=True)


@when('server "{server}" is evacuated by force to host "{host}" at microversion {microversion}')
def force_evacuate_at(books: Books, server: str, host: str, microversion: str) -> None:
    """Ask for an evacuation past the scheduler at a microversion that may no longer have it.

    Example:
        When server "web" is evacuated by force to host "beta" at microversion 2.68
    """
    moves.evacuate(books, server, host, force=True, version=microversion)


@when('server "{server}" is evacuated at microversion {microversion}')
def evacuate_at(books: Books, server: str, microversion: str) -> None:
    """Evacuate a server at a microversion that changes how it arrives: from 2.95 on it stays stopped.

    Example:
        When server "web" is evacuated at microversion 2.95
    """
    moves.evacuate(books, server, version=microversion)


@given('server "{server}" could not be evacuated')
def stranded_server(books: Books, server: str) -> None:
    """Have a server in ERROR because it was to be evacuated and found no host.

    Example:
        Given server "web" could not be evacuated
    """
    moves.evacuate(books, server)
    servers.require(books, server, "ERROR")


@given('server "{server}" has been evacuated by force to host "{host}"')
def forcibly_evacuated_server(books: Books, server: str, host: str) -> None:
    """Have a server evacuated to a named host without asking the scheduler.

    Example:
        Given server "web" has been evacuated by force to host "beta"
    """
    moves.evacuate(books, server, host, force=True)
    servers.require(books, server, None, host)
