"""Retirement: hosts whose compute service is deleted, and what Placement still knows of them."""

from dataclasses import replace

from support.cloud import versions
from support.cloud.answers import NO_CONTENT, NOT_FOUND
from support.cloud.books import Books
from support.cloud.operations.requests import ANY_STATUS
from support.cloud.operations.special_hosts import await_retirement
from support.cloud.operations.wording import Worded, listed
from support.waiting import eventually


def delete_service(books: Books, role: str) -> None:
    """Ask Nova to delete a host's compute service, and keep the answer, whatever it is.

    Where the answer was lost and the service is gone at the next request, it was deleted, which is answered with 204
    and nothing else (API reference, "Delete Compute Service").
    """
    host, session = books.roles.host(role), books.cloud.session
    version = session.require("compute", versions.SERVICE_UUIDS, what="deleting a compute service by uuid")
    service = books.cloud.compute.service(host.service)
    path = f"/os-services/{service.id}"
    answer = session.request("DELETE", "compute", path, microversion=version, ok=ANY_STATUS)
    deleted_before = answer.status == NOT_FOUND and answer.attempts > 1
    books.answer = replace(answer, status=NO_CONTENT, body=None) if deleted_before else answer
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
