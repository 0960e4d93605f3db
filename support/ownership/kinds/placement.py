"""What a run creates and changes in Placement: providers, inventories, traits and resource classes."""

from collections.abc import Iterable
from functools import partial

from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds import nested_providers
from stocktake.support.ownership.kinds.kind import Kind, Leaked, Leftover, by_id, is_named, succeeds, unless_gone
from stocktake.support.ownership.mark import CUSTOM_PREFIX, NAME_PREFIX, Mark


def _find_inventory(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    """Find an inventory that was changed; if its provider or class is gone, there is nothing to restore."""
    provider = str(entry.details["provider"])
    found = unless_gone(lambda: cloud.placement.inventories(provider))
    now = found.inventories.get(entry.name) if found else None
    wanted = _as_before(entry, now) if now else now
    if wanted is not None and wanted != now:
        name = f"{entry.name} of resource provider"
        remove = partial(cloud.placement.set_inventory, provider, entry.name, wanted)
        yield Leftover("restore inventory of", name, remove, provider)


def _as_before(entry: Entry, now: Inventory) -> Inventory:
    """Restore the fields of an inventory that the run has set and that have not changed since.

    The operator may have changed the same field, and Nova updates the others whenever its periodic task runs.
    """
    was, present = entry.details["was"], now.as_json()
    run_set = entry.details.get("set", present)  # journals of format 1 do not say what was set
    return Inventory.from_json(
        {
            field: was[field] if value == run_set[field] and was[field] != run_set[field] else value
            for field, value in present.items()
        }
    )


def _find_provider_trait(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    traits = unless_gone(lambda: cloud.traits.of_provider(str(entry.details["provider"])))
    if traits is None:
        return
    if entry.details.get("had"):
        if entry.name not in traits:
            yield from _provider_trait(cloud, entry)
    elif entry.name in traits and Mark(entry.mark).owns(entry.name):
        yield from _provider_trait(cloud, entry)


def _provider_trait(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    """Find a trait to restore or to remove; a provider that is gone has no traits."""
    provider, had = str(entry.details["provider"]), entry.details.get("had")
    change = cloud.traits.add if had else cloud.traits.remove
    action = "restore trait" if had else "remove trait"
    remove = partial(unless_gone, partial(change, provider, entry.name))
    yield Leftover(action, f"{entry.name} on resource provider", remove, provider)


def _find_provider(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    if entry.id is None:
        provider = cloud.placement.find_provider(entry.name)
    else:
        provider = next(iter(cloud.placement.providers(uuid=entry.id)), None)
    if provider is not None and Mark(entry.mark).owns(provider.name):
        yield _provider(cloud, provider.name, provider.uuid)


def _list_providers(cloud: ControlledCloud) -> Iterable[Leftover]:
    """List the marked providers; one below a host must not just be deleted."""
    found = {provider.uuid: provider for provider in cloud.placement.providers()}
    for provider in found.values():
        if provider.name.startswith(NAME_PREFIX):
            root = found.get(provider.root or provider.uuid)
            if root is None or root.name.startswith(NAME_PREFIX):
                yield _provider(cloud, provider.name, provider.uuid)
            else:
                yield nested_providers.leftover(cloud, provider, cloud.hypervisors.get(root.uuid).host)


def _provider(cloud: ControlledCloud, name: str, uuid: str) -> Leftover:
    def remove() -> None:
        """Delete marked children first; Placement refuses if there are children of others."""
        if succeeds(partial(cloud.placement.delete_provider, uuid)):
            return
        tree = cloud.placement.tree(uuid)
        mark = Mark.of(name)
        below = _descendants(tree, uuid)
        ours = [one.uuid for one in reversed(below) if mark is not None and mark.owns(one.name)] + [uuid]
        freed = [consumer for one in ours for consumer in _free(cloud, one, set(ours))]
        for one in ours:
            unless_gone(partial(cloud.placement.delete_provider, one))
        if freed:
            raise Leaked(f"consumers {', '.join(freed)} still held resources of it; these have now been freed")

    return Leftover("delete resource provider", name, remove, uuid)


def _free(cloud: ControlledCloud, uuid: str, ours: set[str]) -> list[str]:
    """Free a provider from consumers that hold only resources of this run, and return them."""
    held = unless_gone(lambda: cloud.placement.provider_allocations(uuid)) or {}
    freed = [consumer for consumer in held if ours.issuperset(cloud.placement.allocations(consumer).allocations)]
    for consumer in freed:
        cloud.placement.delete_allocations(consumer)
    return freed


def _descendants(tree: Iterable[Provider], top: str) -> list[Provider]:
    """Every provider below one, parents before children."""
    found: list[Provider] = []
    above = {top}
    left = list(tree)
    while fitting := [provider for provider in left if provider.parent in above and provider not in found]:
        found.extend(fitting)
        above |= {provider.uuid for provider in fitting}
    return found


def _find_trait(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    if Mark(entry.mark).owns(entry.name) and entry.name in cloud.traits.all(prefix=entry.name):
        yield _trait(cloud, entry.name)


def _list_traits(cloud: ControlledCloud) -> Iterable[Leftover]:
    return (_trait(cloud, name) for name in cloud.traits.all(prefix=CUSTOM_PREFIX))


def _trait(cloud: ControlledCloud, name: str) -> Leftover:
    def remove() -> None:
        """Delete a trait; if Placement refuses because providers have it, remove it from them first."""
        if succeeds(partial(cloud.traits.delete, name)):
            return
        for provider in cloud.placement.providers(required=[name]):
            unless_gone(partial(cloud.traits.remove, provider.uuid, name))
        unless_gone(lambda: cloud.traits.delete(name))

    return Leftover("delete trait", name, remove)


def _find_resource_class(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    return (leftover for leftover in _list_resource_classes(cloud) if is_named(entry, leftover.name))


def _list_resource_classes(cloud: ControlledCloud) -> Iterable[Leftover]:
    names = (name for name in cloud.resource_classes.all() if name.startswith(CUSTOM_PREFIX))
    return (_resource_class(cloud, name) for name in names)


def _known_resource_class(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    return [_resource_class(cloud, entry.name, entry.details.get("providers", ()))]


def _resource_class(cloud: ControlledCloud, name: str, likely: Iterable[str] = ()) -> Leftover:
    delete = partial(cloud.resource_classes.delete, name)

    def remove() -> None:
        """Delete a class; if Placement refuses because providers have it, remove it from them first."""
        if succeeds(delete):
            return
        for uuid in likely:
            unless_gone(partial(cloud.placement.delete_inventory, uuid, name))
        if succeeds(delete):
            return
        for provider in cloud.placement.providers_of_class(name):
            unless_gone(partial(cloud.placement.delete_inventory, provider.uuid, name))
            if succeeds(delete):
                return
        unless_gone(delete)

    return Leftover("delete resource class", name, remove)


INVENTORY = Kind("provider-inventory", _find_inventory, on_hosts=True)
"""A changed inventory; `name` is its resource class; `provider`: uuid; `was`, `set`: its inventory before and since, as
Placement writes it."""

PROVIDER_TRAIT = Kind("provider-trait", _find_provider_trait, known=_provider_trait, on_hosts=True)
"""A trait added to a provider or removed from it; `name`; `provider`: uuid; `had`: whether the provider had the
trait."""

PROVIDER = Kind(
    "provider",
    _find_provider,
    known=by_id(_provider, _find_provider),
    list_marked=_list_providers,
    on_hosts=True,
)
"""A resource provider; `name`, `id`."""

TRAIT = Kind("trait", _find_trait, known=lambda cloud, entry: [_trait(cloud, entry.name)], list_marked=_list_traits)
"""A custom trait; `name`."""

RESOURCE_CLASS = Kind(
    "resource-class",
    _find_resource_class,
    known=_known_resource_class,
    list_marked=_list_resource_classes,
    on_hosts=True,
)
"""A custom resource class; `name`; `providers`: uuids of those that are likely to have an inventory of it."""
