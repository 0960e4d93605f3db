"""What an interrupted run may have left in a cloud: how each kind is recognised, and how it is undone.

Everything here looks before it touches: a thing is ours only if it carries the mark of the run whose journal names it,
in its name and, for servers, in its metadata. What is gone already is no leftover.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hamcrest import empty, has_properties, is_, none
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.api.replies import NOT_FOUND, ApiError
from stocktake.support.hosts.control import HttpControl, control_of
from stocktake.support.ownership.journal import METADATA_KEY, PREFIX, Entry, Mark
from stocktake.support.waiting import TookTooLong, eventually

NAME_PREFIX = f"{PREFIX}-"
CUSTOM_PREFIX = f"CUSTOM_{PREFIX.upper()}_"

FREEING = 10.0
"""Seconds Nova gets to free what a deleted server held. Nova does not mind finding it freed already."""


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Leftover:
    """Something a run left. `remove` undoes it, `finish` waits until that is complete; both may raise CloudError."""

    kind: str
    name: str
    remove: Callable[[], object]
    id: str | None = None
    finish: Callable[[], object] = _nothing

    def __str__(self) -> str:
        """What undoing it is, as an order: `delete server stocktake-…-web (7f…)`."""
        known = f" ({self.id})" if self.id and self.id != self.name else ""
        return f"{ORDERS.get(self.kind, f'delete {self.kind}')} {self.name}{known}"


ORDERS = {
    "option": "set back option",
    "placement-fault": "remove injected fault",
    "provider-inventory": "set back inventory of",
    "host-stopped": "bring back host",
    "service-forced-down": "no longer force down host",
    "service-disabled": "enable compute service",
    "allocation": "free allocation",
    "provider-aggregate": "take out of aggregate",
    "provider-trait": "set right trait",
    "lab-host": "remove host",
    "provider": "delete resource provider",
    "resource-class": "delete resource class",
}
"""How undoing is said for kinds that are not simply deleted, or have a longer name."""


Finder = Callable[[Clients, Entry], Iterable[Leftover]]
Lister = Callable[[Clients], Iterable[Leftover]]


def of_entry(clients: Clients, entry: Entry) -> list[Leftover]:
    """Look for what a journal's entry names; empty when it is gone, or is not ours."""
    return list(FINDERS[entry.kind](clients, entry))


def marked(clients: Clients, wanted: Callable[[Mark], bool]) -> list[Leftover]:
    """List everything that carries a mark that is `wanted`, whether a journal names it or not, in undoing order."""
    found = (leftover for list_all in LISTERS for leftover in list_all(clients))
    return [leftover for leftover in found if (mark := Mark.of(leftover.name)) and wanted(mark)]


# Servers and what they hold


def _servers_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    if entry.id is not None:
        server = clients.servers.find(entry.id)
        if server is None:
            return _allocations_left(clients, entry.name, entry.id)
        found = [server]
    else:
        found = clients.servers.all(name=f"^{entry.name}", all_projects=True)
    return [_server(clients, server) for server in found if _carries(server, Mark(entry.mark))]


def _list_servers(clients: Clients) -> Iterable[Leftover]:
    for server in clients.servers.all(name=f"^{NAME_PREFIX}", all_projects=True):
        mark = Mark.of(server.name)
        if mark and _carries(server, mark):
            yield _server(clients, server)


def _carries(server: Server, mark: Mark) -> bool:
    return mark.owns(server.name) and server.metadata.get(METADATA_KEY) == mark.run


def _server(clients: Clients, server: Server) -> Leftover:
    consumers = [server.id]

    def remove() -> None:
        # Nova forgets the uuids of a server's migrations with the server, and they too may hold something.
        consumers.extend(move.uuid for move in clients.migrations.all(server_id=server.id) if move.uuid)
        _tolerant(lambda: clients.servers.delete_whatever_it_takes(server.id))()

    def finish() -> None:
        eventually(
            lambda: clients.servers.find(server.id),
            is_(none()),
            within=clients.patience("delete"),
            what=f'server "{server.name}" to be gone',
        )
        _free(clients, server.name, consumers)

    return Leftover("server", server.name, remove, server.id, finish)


def _allocations_left(clients: Clients, name: str, consumer: str) -> Iterable[Leftover]:
    """What a server still holds though Nova no longer knows it."""
    if clients.placement.allocations(consumer).allocations:
        yield Leftover("allocation", f"of deleted server {name}", lambda: _free(clients, name, [consumer]), consumer)


def _free(clients: Clients, name: str, consumers: Iterable[str]) -> None:
    """Give Nova its time to free what deleted consumers held, and free what it has not."""
    waiting = list(consumers)
    try:
        eventually(
            lambda: [consumer for consumer in waiting if clients.placement.allocations(consumer).allocations],
            is_(empty()),
            within=min(FREEING, clients.patience("accounts")),
            what=f'the allocations of server "{name}" to be gone',
        )
    except TookTooLong as failure:
        for consumer in failure.last:
            clients.placement.delete_allocations(consumer)


def _allocation_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    consumer = entry.id or entry.name
    server = clients.servers.find(consumer)
    if server is not None and not _carries(server, Mark(entry.mark)):
        return
    if clients.placement.allocations(consumer).allocations:
        yield Leftover("allocation", entry.name, lambda: clients.placement.delete_allocations(consumer), consumer)


# Flavors, images, volumes


def _flavor_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    if entry.id is None:
        flavor = clients.flavors.named(entry.name)
    else:
        flavor = _unless_gone(lambda: clients.flavors.get(str(entry.id)))
    if flavor is not None and Mark(entry.mark).owns(flavor.name):
        yield _flavor(clients, flavor.name, str(flavor.id))


def _list_flavors(clients: Clients) -> Iterable[Leftover]:
    for flavor in clients.flavors.all():
        if flavor.name.startswith(NAME_PREFIX):
            yield _flavor(clients, flavor.name, str(flavor.id))


def _flavor(clients: Clients, name: str, flavor_id: str) -> Leftover:
    return Leftover("flavor", name, lambda: clients.flavors.delete(flavor_id), flavor_id)


def _images_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    return (_image(clients, image) for image in clients.images.all(name=entry.name) if _is(entry, image.name))


def _list_images(clients: Clients) -> Iterable[Leftover]:
    return (_image(clients, image) for image in clients.images.all() if image.name.startswith(NAME_PREFIX))


def _image(clients: Clients, image: Any) -> Leftover:
    return Leftover("image", image.name, _tolerant(lambda: clients.images.delete(image.id)), image.id)


def _volumes_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    if not clients.volumes.offered:
        return []
    return (_volume(clients, volume) for volume in clients.volumes.all(name=entry.name) if _is(entry, volume.name))


def _list_volumes(clients: Clients) -> Iterable[Leftover]:
    if not clients.volumes.offered:
        return []
    return (_volume(clients, volume) for volume in clients.volumes.all() if volume.name.startswith(NAME_PREFIX))


def _volume(clients: Clients, volume: Any) -> Leftover:
    return Leftover("volume", volume.name, _tolerant(lambda: clients.volumes.delete(volume.id)), volume.id)


# Hosts and their services


def _stopped_host_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    """A host that may be stopped or forced down. A command that starts one that is up does no harm."""
    service = _service(clients, entry.name)
    if service is None:
        return
    control = control_of(clients.target)
    if isinstance(control, HttpControl):
        down = any(host["host"] == entry.name and host["state"] != "up" for host in control.hosts())
        if not down and not service.forced_down:
            return

    def remove() -> None:
        if not isinstance(control, HttpControl) or down:
            control.return_host(entry.name)
        clients.services.force_down(service.id, down=False)

    yield Leftover("host-stopped", entry.name, remove, finish=lambda: _await_up(clients, entry.name))


def _await_up(clients: Clients, host: str) -> None:
    eventually(
        lambda: clients.services.get(host),
        has_properties(up=True, forced_down=False),
        within=clients.patience("host"),
        what=f'the compute service of host "{host}" to be up',
    )


def _forced_down_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    service = _service(clients, entry.name)
    if service is not None and service.forced_down:
        yield Leftover(
            "service-forced-down", entry.name, lambda: clients.services.force_down(service.id, down=False), service.id
        )


def _disabled_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    service = _service(clients, entry.name)
    if service is not None and not service.enabled and Mark(entry.mark).owns(service.disabled_reason):
        yield _disabled(clients, service)


def _list_disabled(clients: Clients) -> Iterable[Leftover]:
    for service in clients.services.all():
        if not service.enabled and Mark.of(service.disabled_reason or ""):
            yield _disabled(clients, service)


def _disabled(clients: Clients, service: ComputeService) -> Leftover:
    name = f"{service.disabled_reason} on {service.host}"
    return Leftover("service-disabled", name, lambda: clients.services.enable(service.id), service.id)


def _service(clients: Clients, host: str) -> ComputeService | None:
    return next(iter(clients.services.all(host=host)), None)


def _lab_host_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    if entry.name in _lab_hosts(clients) or _service(clients, entry.name) is not None:
        yield _lab_host(clients, entry.name)


def _list_lab_hosts(clients: Clients) -> Iterable[Leftover]:
    return (_lab_host(clients, name) for name in _lab_hosts(clients) if name.startswith(NAME_PREFIX))


def _lab_hosts(clients: Clients) -> list[str]:
    control = control_of(clients.target)
    return [host["host"] for host in control.hosts()] if isinstance(control, HttpControl) else []


def _lab_host(clients: Clients, name: str) -> Leftover:
    def remove() -> None:
        if name in _lab_hosts(clients):
            control_of(clients.target).remove_host(name)
        service = _service(clients, name)
        if service is not None:
            _tolerant(lambda: clients.services.delete(service.id))()

    return Leftover("lab-host", name, remove)


def _option_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    was, group = entry.details["was"], entry.details.get("group", "DEFAULT")
    yield Leftover("option", entry.name, lambda: control_of(clients.target).configure(entry.name, was, group))


def _fault_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    control = control_of(clients.target)
    if isinstance(control, HttpControl) and control.fault().get("times"):
        yield Leftover("placement-fault", entry.name, control.remove_fault)


def _aggregates_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    return (leftover for leftover in _list_aggregates(clients) if _is(entry, leftover.name))


def _list_aggregates(clients: Clients) -> Iterable[Leftover]:
    for aggregate in clients.aggregates.all():
        if not aggregate.name.startswith(NAME_PREFIX):
            continue

        def remove(aggregate: Any = aggregate) -> None:
            for host in aggregate.hosts:
                _tolerant(partial(clients.aggregates.remove_host, aggregate.id, host))()
            _tolerant(lambda: clients.aggregates.delete(aggregate.id))()

        yield Leftover("aggregate", aggregate.name, remove, str(aggregate.id))


# Placement


def _inventory_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    """An inventory that was changed; where the provider or the class has gone since, nothing is to be set back."""
    provider, was = str(entry.details["provider"]), Inventory.from_json(entry.details["was"])
    found = _unless_gone(lambda: clients.placement.inventories(provider))
    now = found.inventories.get(entry.name) if found else None
    if now is not None and now != was:
        name = f"{entry.name} of resource provider"
        yield Leftover(
            "provider-inventory", name, lambda: clients.placement.set_inventory(provider, entry.name, was), provider
        )


def _provider_trait_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    provider = str(entry.details["provider"])
    traits = _unless_gone(lambda: clients.traits.of_provider(provider))
    if traits is None:
        return
    name = f"{entry.name} on resource provider"
    if entry.details.get("had"):
        if entry.name not in traits:
            yield Leftover("provider-trait", name, lambda: clients.traits.add(provider, entry.name), provider)
    elif entry.name in traits and Mark(entry.mark).owns(entry.name):
        yield Leftover("provider-trait", name, lambda: clients.traits.remove(provider, entry.name), provider)


def _provider_aggregate_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    provider = str(entry.details["provider"])
    aggregates = _unless_gone(lambda: clients.placement.provider_aggregates(provider))
    if aggregates and entry.name in aggregates:
        others = aggregates - {entry.name}
        name = f"{entry.name} resource provider"
        yield Leftover(
            "provider-aggregate",
            name,
            lambda: clients.placement.set_provider_aggregates(provider, others),
            provider,
        )


def _provider_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    if entry.id is None:
        provider = clients.placement.find_provider(entry.name)
    else:
        provider = next(iter(clients.placement.providers(uuid=entry.id)), None)
    if provider is not None and Mark(entry.mark).owns(provider.name):
        yield _provider(clients, provider)


def _list_providers(clients: Clients) -> Iterable[Leftover]:
    for provider in clients.placement.providers():
        if provider.name.startswith(NAME_PREFIX):
            yield _provider(clients, provider)


def _provider(clients: Clients, provider: Provider) -> Leftover:
    def remove() -> None:
        """Children go first, and only if they carry the same mark; anybody else's make Placement refuse."""
        mark = Mark.of(provider.name)
        below = _descendants(clients.placement.tree(provider.uuid), provider.uuid)
        ours = [one for one in [*reversed(below), provider] if mark is not None and mark.owns(one.name)]
        for one in ours:
            _free_provider(clients, one.uuid, {another.uuid for another in ours})
            _tolerant(partial(clients.placement.delete_provider, one.uuid))()

    return Leftover("provider", provider.name, remove, provider.uuid)


def _free_provider(clients: Clients, uuid: str, ours: set[str]) -> None:
    """Free a provider of consumers that hold nothing but what is ours."""
    for consumer in _unless_gone(lambda: clients.placement.provider_allocations(uuid)) or ():
        if ours.issuperset(clients.placement.allocations(consumer).allocations):
            clients.placement.delete_allocations(consumer)


def _descendants(tree: Iterable[Provider], top: str) -> list[Provider]:
    """Every provider below one, parents before children."""
    found: list[Provider] = []
    above = {top}
    left = list(tree)
    while fitting := [provider for provider in left if provider.parent in above and provider not in found]:
        found.extend(fitting)
        above |= {provider.uuid for provider in fitting}
    return found


def _trait_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    if Mark(entry.mark).owns(entry.name) and entry.name in clients.traits.all(prefix=entry.name):
        yield _trait(clients, entry.name)


def _list_traits(clients: Clients) -> Iterable[Leftover]:
    return (_trait(clients, name) for name in clients.traits.all(prefix=CUSTOM_PREFIX))


def _trait(clients: Clients, name: str) -> Leftover:
    def remove() -> None:
        for provider in clients.placement.providers(required=[name]):
            clients.traits.remove(provider.uuid, name)
        _tolerant(lambda: clients.traits.delete(name))()

    return Leftover("trait", name, remove)


def _resource_class_of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
    return (leftover for leftover in _list_resource_classes(clients) if _is(entry, leftover.name))


def _list_resource_classes(clients: Clients) -> Iterable[Leftover]:
    names = (name for name in clients.resource_classes.all() if name.startswith(CUSTOM_PREFIX))
    return (_resource_class(clients, name) for name in names)


def _resource_class(clients: Clients, name: str) -> Leftover:
    def remove() -> None:
        for provider in clients.placement.providers(resources=Resources({name: 1})):
            _tolerant(partial(clients.placement.delete_inventory, provider.uuid, name))()
        _tolerant(lambda: clients.resource_classes.delete(name))()

    return Leftover("resource-class", name, remove)


# Users and projects


def _identities(kind: str) -> tuple[Finder, Lister]:
    """How users, or projects, are found by name and listed."""

    def leftovers(clients: Clients, params: Mapping[str, str]) -> Iterable[Leftover]:
        for found in clients.session.get("identity", f"/{kind}s", params=params)[f"{kind}s"]:
            yield Leftover(kind, found["name"], partial(_remove_identity, clients, kind, found["id"]), found["id"])

    def of(clients: Clients, entry: Entry) -> Iterable[Leftover]:
        return (found for found in leftovers(clients, {"name": entry.name}) if _is(entry, found.name))

    def list_all(clients: Clients) -> Iterable[Leftover]:
        found = leftovers(clients, {"name__startswith": NAME_PREFIX})
        return (leftover for leftover in found if leftover.name.startswith(NAME_PREFIX))

    return of, list_all


def _remove_identity(clients: Clients, kind: str, identity: str) -> None:
    """Delete a user, or a project with the limits Nova keeps for it."""
    if kind == "project":
        clients.quotas.reset(identity)
    _tolerant(lambda: clients.session.request("DELETE", "identity", f"/{kind}s/{identity}"))()


def _is(entry: Entry, name: str) -> bool:
    """Whether a thing has the name of an entry, and the mark."""
    return name == entry.name and Mark(entry.mark).owns(name)


def _unless_gone(read: Callable[[], Any]) -> Any:
    """What `read` returns, None when the API answers 404."""
    try:
        return read()
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        return None


def _tolerant(remove: Callable[[], object]) -> Callable[[], object]:
    """The same, with a 404 for an answer as good as any: it is gone."""
    return lambda: _unless_gone(remove)


_users_of, _list_users = _identities("user")
_projects_of, _list_projects = _identities("project")

FINDERS: Mapping[str, Finder] = {
    "option": _option_of,
    "placement-fault": _fault_of,
    "host-stopped": _stopped_host_of,
    "service-forced-down": _forced_down_of,
    "service-disabled": _disabled_of,
    "server": _servers_of,
    "allocation": _allocation_of,
    "volume": _volumes_of,
    "image": _images_of,
    "flavor": _flavor_of,
    "provider-aggregate": _provider_aggregate_of,
    "provider-inventory": _inventory_of,
    "provider-trait": _provider_trait_of,
    "lab-host": _lab_host_of,
    "provider": _provider_of,
    "aggregate": _aggregates_of,
    "trait": _trait_of,
    "resource-class": _resource_class_of,
    "user": _users_of,
    "project": _projects_of,
}
"""How each kind of journal entry is found in the cloud."""

LISTERS: tuple[Lister, ...] = (
    _list_disabled,
    _list_servers,
    _list_volumes,
    _list_images,
    _list_flavors,
    _list_lab_hosts,
    _list_providers,
    _list_aggregates,
    _list_traits,
    _list_resource_classes,
    _list_users,
    _list_projects,
)
"""How what can be told by its name alone is listed, in undoing order."""
