"""Shelving: servers put aside, taken off their host, and brought back."""

from support.cloud.books import Books
from support.cloud.operations import hosts
from support.cloud.operations.servers import act

STAY = -1
"""Value of Nova's `shelved_offload_time` by which shelved servers stay on their host until somebody offloads them."""

OFFLOADED = "SHELVED_OFFLOADED"


def let_shelved_servers_stay(books: Books) -> None:
    """Have shelved servers stay on their host until the scenario ends. Raises Unverified where that cannot be set."""
    hosts.set_option(books, "shelved_offload_time", value=STAY)


def shelve(books: Books, name: str) -> None:
    """Put a server aside and wait until that has ended; the cloud's configuration says whether it leaves its host."""
    act(books, name, "shelve", books.cloud.compute.shelve)


def offload(books: Books, name: str) -> None:
    """Take a shelved server off its host."""
    act(books, name, "shelve", books.cloud.compute.shelve_offload)


def shelve_and_offload(books: Books, name: str) -> None:
    """Put a server aside and take it off its host, which many clouds do at once and others after a while."""
    shelve(books, name)
    server = books.server(name)
    if books.refusal is None and server is not None and server.status != OFFLOADED:
        offload(books, name)


def unshelve(books: Books, name: str, host: str | None = None) -> None:
    """Bring a shelved server back, to a host if one is named (2.91), and wait until it runs or has failed to."""
    real = books.roles.host(host).service if host else None
    act(books, name, "unshelve", lambda server_id: books.cloud.compute.unshelve(server_id, host=real))
