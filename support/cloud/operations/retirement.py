"""Retirement: hosts whose compute service is deleted, and what Placement still knows of them."""

from support.cloud import versions
from support.cloud.books import Books
from support.cloud.operations.requests import ANY_STATUS
from support.cloud.operations.special_hosts import await_retirement
from support.cloud.operations.wording import Worded, listed
from support.waiting import eventually


def delete_service(books: Books, role: str) -> None:
    """Ask Nova to delete a host's compute service, and keep the answer, whatever it is."""
    host, session = books.roles.host(role), books.cloud.session
    version = session.require("compute", versions.SERVICE_UUIDS, what="deleting a compute service by uuid")
    service = books.cloud.compute.service(host.service)
    books.answer = session.request(
        "DELETE", "compute", f"/os-services/{service.id}", microversion=version, ok=ANY_STATUS
    )
    books.forget_tree(host.provider)


def has_provider(books: Books, role: str) -> None:
    """Claim that Placement knows the resource provider of a host."""
    host = books.roles.host(role)
    eventually(
        lambda: [provider.name for provider in books.cloud.placement.tree(host.provider)],
        Worded(bool, "a resource provider", listed),
        within=0,
        what=f'host "{role}" to have a resource provider',
    )


def has_no_provider(books: Books, role: str) -> None:
    """Claim that Placement no longer knows the resource provider of a host, nor any child of it."""
    await_retirement(books, books.roles.host(role))
