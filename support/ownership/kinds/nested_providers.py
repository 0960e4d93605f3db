"""Resource providers below those of hosts, which must not be deleted while nova-compute may look for them.

Deleting one makes every build, resize and deletion on the host fail, whoever requests it, until nova-compute has read
its provider tree again (see `hosts.provider_cache`). So the provider first leaves the tree and becomes a root of its
own: nova-compute still finds it under its uuid, and no longer sees it when it reads the tree again (Nova,
`ProviderTree.populate_from_iterable`; Placement 1.37). Only then is it deleted.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from stocktake.support.api.placement.values import Provider
from stocktake.support.hosts import provider_cache
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover, unless_gone
from stocktake.support.ownership.mark import Mark


def leftover(cloud: ControlledCloud, provider: Provider, host: str | None) -> Leftover:
    """A provider below that of a host, given by its compute service: detached, and deleted when nova-compute no longer
    looks for it."""
    detached = datetime.now(UTC)

    def remove() -> None:
        nonlocal detached
        detach(cloud, provider)
        detached = datetime.now(UTC)

    def finish() -> None:
        if host is None or not provider_cache.read_now(cloud, host):
            provider_cache.await_read(cloud, host, detached)
        delete(cloud, provider.uuid)

    return Leftover("delete resource provider", provider.name, remove, provider.uuid, finish)


def detach(cloud: ControlledCloud, provider: Provider) -> None:
    """Let a provider leave the tree that it is in, if it is in one of another provider."""
    if provider.parent is not None:
        unless_gone(partial(cloud.placement.detach_provider, provider))


def delete(cloud: ControlledCloud, uuid: str) -> None:
    """Delete a provider that nova-compute no longer looks for. Raises ApiError 409 while something is allocated."""
    unless_gone(partial(cloud.placement.delete_provider, uuid))


def _find(cloud: ControlledCloud, entry: Entry) -> list[Provider]:
    """Return the provider that an entry names, if it exists and is the run's."""
    found = cloud.placement.providers(uuid=entry.id)
    return [provider for provider in found if Mark(entry.mark).owns(provider.name)]


def _find_nested(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    return [leftover(cloud, provider, entry.details["host"]) for provider in _find(cloud, entry)]


def _known_nested(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    """Only detach it: the scenario that has created it decides when it is deleted."""
    for provider in _find(cloud, entry):
        yield Leftover("detach resource provider", provider.name, partial(detach, cloud, provider), provider.uuid)


def _find_detached(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    for provider in _find(cloud, entry):

        def finish(uuid: str = provider.uuid) -> None:
            provider_cache.await_read(cloud, entry.details.get("host"), entry.at)
            delete(cloud, uuid)

        yield Leftover("delete resource provider", provider.name, lambda: None, provider.uuid, finish)


NESTED_PROVIDER = Kind("nested-provider", _find_nested, known=_known_nested, on_hosts=True)
"""A resource provider below that of a host; `name`, `id`; `host`: the name of its compute service."""

DETACHED_PROVIDER = Kind("detached-provider", _find_detached)
"""A resource provider that has left the tree of a host when the entry was written; `name`, `id`; `host`: the name of
its compute service."""
