"""The resource tracker's periodic of a scenario's hosts, run when a step says so."""

from support.cloud.books import Books
from support.cloud.operations import hosts


def run(books: Books, role: str) -> None:
    """Run the periodic of one host. Raises Unverified where the cloud has no way to do that."""
    books.cloud.control.run_periodic(books.roles.host(role).service)


def run_everywhere(books: Books) -> None:
    """Run the periodic of every host of the scenario that is up, in the order of the roles."""
    for host in books.roles.played.values():
        if hosts.is_up(books, host):
            books.cloud.control.run_periodic(host.service)
