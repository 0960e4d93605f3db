"""What a run changes about compute hosts: stopped and disabled services, hosts added to a lab, host aggregates."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus

from hamcrest import empty, has_properties
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.replies import ApiError
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.hosts.disruption import Guests
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leaked, Leftover, is_named, unless_gone
from stocktake.support.ownership.mark import NAME_PREFIX, Mark
from stocktake.support.waiting import TookTooLong, eventually


def start_service(cloud: ControlledCloud, service: ComputeService, guests: Guests = "kept") -> None:
    """Start a host's compute service and no longer force it down; `await_up` waits until it is up."""
    cloud.control.return_host(service.host, guests)
    cloud.services.force_down(service.id, down=False)


def await_up(cloud: ControlledCloud, host: str) -> None:
    """Wait until Nova reports a host's compute service as up. Raises TookTooLong."""
    eventually(
        lambda: cloud.services.get(host),
        has_properties(up=True, forced_down=False),
        within=cloud.patience("host"),
        what=f'the compute service of host "{host}" to be up',
    )


def _bring_back(cloud: ControlledCloud, service: ComputeService) -> None:
    """Start a host's compute service as soon as no evacuation from it is under way.

    A service settles at its start the evacuations that have ended until then. One that ends later leaves the host
    charged and forced down until its service is started once more (Nova, `_destroy_evacuated_instances`).
    """
    with suppress(TookTooLong):  # what waits for a host that is down will not end
        eventually(
            lambda: _evacuations_under_way(cloud, service.host),
            empty(),
            within=cloud.patience("evacuate"),
            what=f'the evacuations from host "{service.host}" to end',
        )
    with _restarted_if_refused(cloud, service):
        start_service(cloud, service)


def _evacuations_under_way(cloud: ControlledCloud, host: str) -> list[Migration]:
    """Return the evacuations from a host that have not ended; none where the user may not see any."""
    with suppress(ApiError):
        moves = cloud.migrations.all(host=host, type="evacuation")
        return [move for move in moves if move.source == host and move.under_way]
    return []


@contextmanager
def _restarted_if_refused(cloud: ControlledCloud, service: ComputeService) -> Iterator[None]:
    """Start a host's compute service once more if Nova does not let the block end that the host is forced down.

    Nova answers 400 if evacuations from it have ended that the service has not settled (API reference, "Update
    compute service", 2.53).
    """
    try:
        yield
    except ApiError as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        cloud.control.stop_host(service.host)
        start_service(cloud, service)


def _find_stopped(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    """A host that may be stopped or forced down; one that was retired meanwhile is not.

    Nova's report is not enough: a service that has just been stopped is reported as up until its heartbeat is missed. A
    lab knows; elsewhere starting a service that is already up does no harm.
    """
    service = _service(cloud, entry.name)
    if service is None:
        return
    control = cloud.control
    runs = isinstance(control, HttpControl) and all(
        host["state"] == "up" for host in control.hosts() if host["host"] == entry.name
    )
    if runs and not service.forced_down:
        return
    remove = partial(_no_longer_force_down if runs else _bring_back, cloud, service)
    yield Leftover("bring back host", entry.name, remove, finish=partial(await_up, cloud, entry.name))


def _no_longer_force_down(cloud: ControlledCloud, service: ComputeService) -> None:
    with _restarted_if_refused(cloud, service):
        cloud.services.force_down(service.id, down=False)


def _find_disabled(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    service = _service(cloud, entry.name)
    if service is not None and not service.enabled and Mark(entry.mark).owns(service.disabled_reason):
        yield _disabled(cloud, service)


def _list_disabled(cloud: ControlledCloud) -> Iterable[Leftover]:
    for service in cloud.services.all():
        if not service.enabled and Mark.of(service.disabled_reason or ""):
            yield _disabled(cloud, service)


def _disabled(cloud: ControlledCloud, service: ComputeService) -> Leftover:
    name = f"{service.disabled_reason} on {service.host}"
    return Leftover("enable compute service", name, partial(cloud.services.enable, service.id), service.id)


def _service(cloud: ControlledCloud, host: str) -> ComputeService | None:
    return next(iter(cloud.services.all(host=host)), None)


def _find_lab_host(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    if entry.name in _lab_hosts(cloud) or _service(cloud, entry.name) is not None:
        yield _lab_host(cloud, entry.name, entry.details.get("provider"))


def _list_lab_hosts(cloud: ControlledCloud) -> Iterable[Leftover]:
    return (_lab_host(cloud, name) for name in _lab_hosts(cloud) if name.startswith(NAME_PREFIX))


def _lab_hosts(cloud: ControlledCloud) -> list[str]:
    control = cloud.control
    return [host["host"] for host in control.hosts()] if isinstance(control, HttpControl) else []


def _lab_host(cloud: ControlledCloud, name: str, provider: str | None = None) -> Leftover:
    """A host of a lab, with its compute service, its node and its resource providers."""
    roots = [provider] if provider else []

    def remove() -> None:
        if not roots:
            roots.extend(hypervisor.id for hypervisor in cloud.hypervisors.of_host(name))
        try:
            _free(cloud, name, roots)
        finally:
            if name in _lab_hosts(cloud):
                cloud.control.remove_host(name)
            service = _service(cloud, name)
            if service is not None:
                unless_gone(lambda: cloud.services.delete(service.id))

    def finish() -> None:
        eventually(
            lambda: [provider.name for root in roots for provider in cloud.placement.tree(root)],
            empty(),
            within=cloud.patience("accounts"),
            what=f'the resource provider of host "{name}" to be gone',
        )

    return Leftover("remove host", name, remove, finish=finish)


def _free(cloud: ControlledCloud, host: str, roots: Iterable[str]) -> None:
    """Wait until a host has no allocations, because deleting its resource provider would hide them.

    Raises Leaked when it had some, after freeing them.
    """
    providers = [provider.uuid for root in roots for provider in cloud.placement.tree(root)]
    try:
        eventually(
            lambda: sorted({one for uuid in providers for one in cloud.placement.provider_allocations(uuid)}),
            empty(),
            within=cloud.patience("accounts"),
            what=f'nothing to be held on host "{host}"',
        )
    except TookTooLong as failure:
        for consumer in failure.last:
            cloud.placement.delete_allocations(consumer)
        held = ", ".join(failure.last)
        raise Leaked(f"consumers {held} still held resources on it; their allocations have now been freed") from failure


def _find_aggregates(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    return (leftover for leftover in _list_aggregates(cloud) if is_named(entry, leftover.name))


def _list_aggregates(cloud: ControlledCloud) -> Iterable[Leftover]:
    for aggregate in cloud.aggregates.all():
        if aggregate.name.startswith(NAME_PREFIX):
            remove = partial(_remove_aggregate, cloud, aggregate.id, aggregate.hosts)
            yield Leftover("delete aggregate", aggregate.name, remove, str(aggregate.id))


def _remove_aggregate(cloud: ControlledCloud, aggregate_id: int, hosts: Iterable[str]) -> None:
    for host in hosts:
        unless_gone(partial(cloud.aggregates.remove_host, aggregate_id, host))
    unless_gone(lambda: cloud.aggregates.delete(aggregate_id))


STOPPED_HOST = Kind("host-stopped", _find_stopped, on_hosts=True)
"""The `name` of a host whose compute service was stopped or forced down, or both."""

DISABLED_SERVICE = Kind("service-disabled", _find_disabled, list_marked=_list_disabled, on_hosts=True)
"""The `name` of a host whose compute service was disabled; the reason for disabling must be a marked name."""

LAB_HOST = Kind("lab-host", _find_lab_host, list_marked=_list_lab_hosts)
"""The `name` of a host added to a lab; `provider`: uuid of its resource provider, if known."""

AGGREGATE = Kind("aggregate", _find_aggregates, list_marked=_list_aggregates, on_hosts=True)
"""The `name` of a host aggregate."""
