"""Compute services of a scenario's hosts: disabled, so that the scheduler leaves their hosts alone, and enabled."""

from support.cloud.books import Books
from support.cloud.operations import hosts


def disable(books: Books, role: str) -> None:
    """Disable a host's compute service until the scenario ends (2.53). Raises Unverified where that is not allowed."""
    host = books.roles.host(role)
    hosts.check_disruption(books, host)
    compute = books.cloud.compute
    service = compute.service(host.service)
    with books.undoing.after(
        "service-disabled", host.service, lambda: compute.enable_service(service.id), id=service.id
    ):
        compute.disable_service(service.id, reason=books.real_name("disabled"))


def enable(books: Books, role: str) -> None:
    """Enable a host's compute service again."""
    compute = books.cloud.compute
    compute.enable_service(compute.service(books.roles.host(role).service).id)
