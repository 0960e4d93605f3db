"""Hosts of a scenario: stopped and returned, their periodic run, Nova's options changed, all for the scenario only."""

from collections.abc import Callable
from typing import Any

from hamcrest import has_properties

from support.cloud.books import Books
from support.cloud.control import Guests, may_disrupt
from support.cloud.operations.special_hosts import is_special
from support.cloud.roles import ComputeHost
from support.waiting import eventually


def stop(books: Books, role: str) -> None:
    """Stop a host's compute service, force it down over the API (2.53) and wait until Nova calls it down.

    Raises Unverified where that is not allowed or not possible, or the host could not be brought back.
    """
    host, control = books.roles.host(role), books.cloud.control
    check_disruption(books, host)
    for action in ("stop_host", "return_host"):
        missing = control.missing(action)
        if missing is not None:
            raise missing
    service = books.cloud.compute.service(host.service)
    with books.undoing.after("host-stopped", host.service, lambda: bring_back(books, host), id=service.id):
        books.stopped.add(host.service)
        control.stop_host(host.service)
        books.cloud.compute.force_down(service.id)
    await_service(books, host, up=False)


def return_with_guests(books: Books, role: str) -> None:
    """Start a host's compute service again, its guests as it left them, and wait until Nova calls it up."""
    bring_back(books, books.roles.host(role), guests="kept")


def return_without_guests(books: Books, role: str) -> None:
    """Start the compute service of a host that lost its guests, and wait until Nova calls it up."""
    bring_back(books, books.roles.host(role), guests="lost")


def bring_back(books: Books, host: ComputeHost, guests: Guests = "kept") -> None:
    """Bring back a host that the scenario has stopped; one that was retired is left alone.

    What Nova says does not tell: a service that has just been stopped is called up until its heartbeat is missed.
    """
    if host.service not in books.stopped:
        return
    if books.cloud.compute.services(host=host.service):
        books.cloud.control.return_host(host.service, guests)
        books.cloud.compute.force_down(books.cloud.compute.service(host.service).id, down=False)
        await_service(books, host, up=True)
    books.stopped.discard(host.service)


def is_up(books: Books, host: ComputeHost) -> bool:
    """Tell whether Nova calls a host's compute service up; a host without one was retired."""
    return any(service.up for service in books.cloud.compute.services(host=host.service))


def await_service(books: Books, host: ComputeHost, *, up: bool) -> None:
    """Wait until Nova calls a host's compute service up, or down."""
    eventually(
        lambda: books.cloud.compute.service(host.service),
        has_properties(up=up),
        within=books.cloud.settings.patience_for("host"),
        what=f"the compute service of {books.roles.role_of(host.service)} to be {'up' if up else 'down'}",
    )


def check_disruption(books: Books, host: ComputeHost) -> None:
    """Raise Unverified unless this host may be disrupted: allowed, listed, and free of other people's servers.

    A host that was added for the scenario may be.
    """
    if is_special(books, host):
        return
    refusal = may_disrupt(books.cloud.settings, host.service, books.cloud.foreign_servers(host.service))
    if refusal is not None:
        raise refusal


def set_option(
    books: Books,
    option: str,
    *,
    value: Any,
    group: str = "DEFAULT",
    afterwards: Callable[[], object] = lambda: None,
) -> None:
    """Set one of Nova's options until the scenario ends; `afterwards` is done once it is set back.

    Raises Unverified where the cloud has no way to do that, FeatureError if the scenario is not alone.
    """
    control = books.cloud.control
    missing = control.missing("configure")
    if missing is not None:
        raise missing
    books.check_alone(f"the option {option}")
    was = control.option(option, group)

    def set_back() -> None:
        control.configure(option, was, group)
        afterwards()

    with books.undoing.after("option", option, set_back, was=was, group=group):
        control.configure(option, value, group)
