"""Hosts of a scenario: stopped, returned, and run with other options of Nova, until the scenario ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hamcrest import has_properties
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.hosts.disruption import Guests
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.ownership.kinds.hosts import STOPPED_HOST, start_service
from stocktake.support.ownership.kinds.options import OPTION
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts.guard import check_disruption, check_disruption_of_cloud, vacated
from stocktake.support.waiting import eventually


def stop(context: Context, role: str) -> None:
    """Stop a host's compute service, force it down over the API (2.53) and wait until Nova reports it as down.

    One that has failed unnoticed is only forced down. Raises Unverified where that is not allowed or not possible, or
    the host could not be brought back.
    """
    host, control = context.roles.host(role), context.cloud.control
    if host.service in context.owned.stopped:
        context.cloud.services.force_down(context.cloud.services.get(host.service).id)
        await_service(context, host, up=False)
        return
    check_halting(context, host, "stop_host")
    with vacated(context, host):
        with halting(context, host) as service:
            control.stop_host(host.service)
            context.cloud.services.force_down(service.id)
        await_service(context, host, up=False)


def check_halting(context: Context, host: ComputeHost, action: str) -> None:
    """Raise Unverified unless a host may be disrupted, and be halted by `action` and brought back."""
    control = context.cloud.control
    check_disruption(context, host)  # named first, whatever else is missing
    for each in (action, "return_host"):
        missing = control.missing(each)
        if missing is not None:
            raise missing
    if isinstance(control, HttpControl):
        control.hosts()  # an endpoint that cannot be reached is noticed before anything is changed


@contextmanager
def halting(
    context: Context, host: ComputeHost, *, then: Callable[[], object] = lambda: None
) -> Iterator[ComputeService]:
    """Record that the block halts a host, and yield its compute service.

    `then` is done after the scenario's end has brought the host back.
    """
    service = context.cloud.services.get(host.service)
    with context.undoing.after(STOPPED_HOST, host.service, then=then, id=service.id) as entry:
        context.owned.stopped[host.service] = entry
        yield service


def return_with_guests(context: Context, role: str) -> None:
    """Start a host's compute service again, its guests as it left them, and wait until Nova reports it as up."""
    bring_back(context, context.roles.host(role), guests="kept")


def return_without_guests(context: Context, role: str) -> None:
    """Start the compute service of a host that lost its guests, and wait until Nova reports it as up."""
    bring_back(context, context.roles.host(role), guests="lost")


def bring_back(context: Context, host: ComputeHost, guests: Guests = "kept") -> None:
    """Bring back a host that the scenario has stopped; one that was retired is left alone.

    Nova's report is not enough: a service that was just stopped is reported as up until its heartbeat is missed.
    """
    if host.service not in context.owned.stopped:
        return
    for service in context.cloud.services.all(host=host.service):
        start_service(context.cloud, service, guests)
        await_service(context, host, up=True)
    context.undoing.undone(context.owned.stopped.pop(host.service))


def is_up(context: Context, host: ComputeHost) -> bool:
    """Return whether a host's compute service is up: Nova reports it so, and the scenario has not halted it.

    A host without a service was retired.
    """
    return host.service not in context.owned.stopped and any(service.up for service in context.services.of(host))


def await_service(context: Context, host: ComputeHost, *, up: bool) -> None:
    """Wait until Nova reports a host's compute service as up, or as down."""
    eventually(
        lambda: context.cloud.services.get(host.service),
        has_properties(up=up),
        within=context.cloud.settings.patience_for("host"),
        what=f"the compute service of {context.roles.role_of(host.service)} to be {'up' if up else 'down'}",
    )


def set_option(
    context: Context,
    option: str,
    *,
    value: Any,
    group: str = "DEFAULT",
    afterwards: Callable[[], object] = lambda: None,
) -> None:
    """Set one of Nova's options until the scenario ends; `afterwards` is done once it is set back.

    Raises Unverified where the cloud has no way to do that or others would notice, FeatureError if the scenario is not
    alone.
    """
    control = context.cloud.control
    missing = control.missing("configure")
    if missing is not None:
        raise missing
    context.check_alone(f"the option {option}")
    check_disruption_of_cloud(context)
    was = control.option(option, group)
    with context.undoing.after(OPTION, option, then=afterwards, was=was, set=value, group=group):
        control.configure(option, value, group)
