"""Resource providers with their inventories, usages, allocations and aggregates."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import uuid4

from stocktake.support.accounting.resources import Resources
from stocktake.support.api import microversions
from stocktake.support.api.placement.client import CHANGES_TRIED, PlacementClient, another_was_faster
from stocktake.support.api.placement.values import (
    ConsumerAllocations,
    Inventory,
    Provider,
    ProviderAllocations,
    ProviderInventories,
)
from stocktake.support.api.replies import ApiError, none_if_missing

T = TypeVar("T")

TYPES_OF_NOVA = ("unknown", "INSTANCE", "MIGRATION")
"""The types of consumers that may be a server or a migration (Placement, "Consumer Types")."""


class Placement(PlacementClient):
    """The placement API of one cloud, for administrators."""

    # Providers

    def providers(
        self,
        *,
        name: str | None = None,
        uuid: str | None = None,
        in_tree: str | None = None,
        member_of: str | None = None,
        resources: Resources | None = None,
        required: Iterable[str] = (),
    ) -> list[Provider]:
        """List resource providers (1.14): all, or those that fit every filter.

        `in_tree` is the uuid of any provider of a tree; `member_of` an aggregate's; `resources` what must be free;
        `required` traits (1.18) are asked for only when given.
        """
        version = microversions.REQUIRED_TRAITS if required else microversions.TREES
        filters = {
            "name": name,
            "uuid": uuid,
            "in_tree": in_tree,
            "member_of": member_of,
            "resources": _amounts(resources) if resources else None,
            "required": ",".join(required) or None,
        }
        listed = self._get("/resource_providers", version, filters, long=not any(filters.values()))
        return [Provider.from_json(provider) for provider in listed["resource_providers"]]

    def providers_of_class(self, name: str) -> Iterator[Provider]:
        """Yield the providers that have an inventory of a resource class, whatever it lets anybody allocate.

        Those come first that Placement itself finds by one free unit of it. That leaves out what is reserved or used
        up, and what step_size or min_unit allow in larger amounts only; so the inventories of all others are read, one
        request for each: stop as soon as there is enough.
        """
        found = self.providers(resources=Resources({name: 1}))
        yield from found
        for provider in self.providers():
            if provider not in found and name in self._inventories_now(provider.uuid):
                yield provider

    def _inventories_now(self, uuid: str) -> Mapping[str, Inventory]:
        """Return the inventories of a provider, none when it is gone meanwhile."""
        found = none_if_missing(lambda: self.inventories(uuid))
        return found.inventories if found else {}

    def provider(self, uuid: str) -> Provider:
        """Return one provider. Raises ApiError 404."""
        return Provider.from_json(self._get(f"/resource_providers/{uuid}", microversions.TREES))

    def find_provider(self, name: str) -> Provider | None:
        """Return the provider of that name (names are unique), None when there is none."""
        return next(iter(self.providers(name=name)), None)

    def tree(self, root: str) -> list[Provider]:
        """Return all providers of a tree, the root first, then by name. Empty when there is no such tree."""
        found = self.providers(in_tree=root)
        return sorted(found, key=lambda provider: (provider.parent is not None, provider.name))

    def create_provider(self, name: str, *, uuid: str | None = None, parent: str | None = None) -> Provider:
        """Create a provider (1.20). Its uuid is chosen here, so that it can be found if the response is lost."""
        chosen = uuid or str(uuid4())
        body = {"name": name, "uuid": chosen, **({"parent_provider_uuid": parent} if parent else {})}
        return self.session.exactly_once(
            lambda: Provider.from_json(self._send("POST", "/resource_providers", microversions.CREATED_PROVIDER, body)),
            lambda: next(iter(self.providers(uuid=chosen)), None),
            what=f'resource provider "{name}" to show after a lost answer',
        )

    def detach_provider(self, provider: Provider) -> None:
        """Make a provider, with all below it, the root of a tree of its own (1.37); the rest of it stays as it is."""
        body = {"name": provider.name, "parent_provider_uuid": None}
        self._send("PUT", f"/resource_providers/{provider.uuid}", microversions.REPARENTING, body)

    def delete_provider(self, uuid: str) -> None:
        """Delete a provider; refused with 409 while it has children or allocations."""
        self._send("DELETE", f"/resource_providers/{uuid}", microversions.TREES)

    # Inventories

    def inventories(self, uuid: str) -> ProviderInventories:
        """Return what a provider has of each resource class, and its generation."""
        return _inventories(self._get(f"/resource_providers/{uuid}/inventories"))

    def set_inventories(
        self, uuid: str, inventories: Mapping[str, Inventory], *, generation: int | None = None
    ) -> ProviderInventories:
        """Replace all inventories of a provider.

        With `generation`, the change is rejected with 409 when the provider was changed since; without, it is
        made on whatever is there.
        """

        def put(current: int) -> ProviderInventories:
            wanted = {name: inventory.as_json() for name, inventory in inventories.items()}
            body = {"resource_provider_generation": current, "inventories": wanted}
            try:
                return _inventories(
                    self._send("PUT", f"/resource_providers/{uuid}/inventories", microversions.TREES, body)
                )
            except ApiError as error:
                now = self.inventories(uuid) if _repeated_conflict(error) else None
                if now is None or now.inventories != dict(inventories):  # else the lost attempt had worked
                    raise
                return now

        return self._at_generation(uuid, put, generation)

    def set_inventory(
        self, uuid: str, name: str, inventory: Inventory, *, generation: int | None = None
    ) -> ProviderInventories:
        """Add or change what a provider has of one resource class; `generation` as in `set_inventories`."""

        def put(current: int) -> ProviderInventories:
            others = self.inventories(uuid)
            wanted = {**others.inventories, name: inventory}
            return self.set_inventories(uuid, wanted, generation=current)

        return self._at_generation(uuid, put, generation)

    def delete_inventory(self, uuid: str, name: str) -> None:
        """Remove one resource class from a provider; refused with 409 while some of it is allocated."""
        self._send("DELETE", f"/resource_providers/{uuid}/inventories/{name}", microversions.TREES)

    # Usages and allocations

    def usages(self, uuid: str) -> Resources:
        """Return the usages of a provider, as Placement reports them (Resource provider usages)."""
        return Resources.from_json(self._get(f"/resource_providers/{uuid}/usages")["usages"])

    def usages_of_trees(self, wanted: Resources) -> dict[str, Resources]:
        """Return the usages of all providers in trees with room for `wanted` on one provider of each (1.29), by uuid.

        Placement says so in the summaries of allocation candidates, which it adds up from allocations as it does for
        one provider. Several classes, or one that trees have more than once, are answered with all combinations.
        """
        filters = {"resources": _amounts(wanted)}
        found = self._get("/allocation_candidates", microversions.CANDIDATES, filters, long=True)
        summaries = found["provider_summaries"].items()
        return {
            uuid: Resources({name: one["used"] for name, one in summary["resources"].items()})
            for uuid, summary in summaries
        }

    def project_usages(self, project_id: str, *, user_id: str | None = None) -> Resources:
        """Return what all consumers of a project hold (Usages, 1.9)."""
        found = self._get("/usages", microversions.PROJECT_USAGES, {"project_id": project_id, "user_id": user_id})
        return Resources.from_json(found["usages"])

    def allocations_on(self, uuid: str) -> ProviderAllocations:
        """Return the allocations on a provider, and its generation (Resource provider allocations)."""
        return ProviderAllocations.from_json(self._get(f"/resource_providers/{uuid}/allocations"))

    def provider_allocations(self, uuid: str) -> dict[str, Resources]:
        """Return the allocations on a provider: consumer uuid -> resources."""
        return dict(self.allocations_on(uuid).allocations)

    def allocations(self, consumer: str) -> ConsumerAllocations:
        """Return what one consumer holds, by provider, with its project and user (1.12) and generation (1.28)."""
        return ConsumerAllocations.from_json(
            self._get(f"/allocations/{consumer}", self._best(*microversions.ALLOCATIONS))
        )

    def projects_charged(self, consumers: Iterable[str]) -> dict[str, str]:
        """Return which project each consumer's allocations are charged to (1.12); consumers that hold nothing are
        omitted.

        Requests: one per consumer. A quota that is counted from Placement counts by this project (Nova, "Quota usage
        from placement").
        """
        found = {consumer: self.allocations(consumer).project_id for consumer in sorted(consumers)}
        return {consumer: project for consumer, project in found.items() if project}

    def of_other_services(self, consumers: Iterable[str]) -> frozenset[str]:
        """Return which consumers another service than Nova has made, as their type shows (1.38); before, none.

        Requests: one per consumer. Nova gives its consumers no type; Placement calls that `unknown`.
        """
        if not self.session.offers("placement", microversions.CONSUMER_TYPES):
            return frozenset()
        paths = {consumer: f"/allocations/{consumer}" for consumer in sorted(consumers)}
        types = {
            consumer: self._get(path, microversions.CONSUMER_TYPES).get("consumer_type") or TYPES_OF_NOVA[0]
            for consumer, path in paths.items()
        }
        return frozenset(consumer for consumer, kind in types.items() if kind not in TYPES_OF_NOVA)

    def set_allocations(
        self,
        consumer: str,
        allocations: Mapping[str, Resources],
        *,
        generation: int | None,
        project_id: str,
        user_id: str,
    ) -> None:
        """Replace what a consumer holds; `generation` None is a consumer that does not exist yet.

        At 1.28: from 1.38 a consumer type must be named, and the "unknown" that is read there for Nova's own
        consumers is refused when written. Older clouds (1.12) know no generation of consumers, and do not heed it.
        Raises ApiError 409 for a generation that has passed or too little left.
        """
        version = self._best(*microversions.ALLOCATIONS)
        if not allocations and version != microversions.CONSUMER_GENERATIONS:  # which refuse a body that gives nothing
            self.delete_allocations(consumer)
            return
        body: dict[str, Any] = {
            "allocations": {uuid: {"resources": held.as_json()} for uuid, held in allocations.items()},
            "project_id": project_id,
            "user_id": user_id,
        }
        if version == microversions.CONSUMER_GENERATIONS:
            body["consumer_generation"] = generation
        try:
            self._send("PUT", f"/allocations/{consumer}", version, body)
        except ApiError as error:
            now = self.allocations(consumer) if _repeated_conflict(error) else None
            if now is None or now.allocations != dict(allocations):  # else the lost attempt had worked
                raise

    def check_consumer_generations(self) -> None:
        """Raise Unverified where Placement does not heed the generation of a consumer (before 1.28)."""
        self.session.require("placement", microversions.CONSUMER_GENERATIONS, what="the generation of a consumer")

    def delete_allocations(self, consumer: str) -> None:
        """Free all that a consumer holds, if anything."""
        self.session.request("DELETE", "placement", f"/allocations/{consumer}", ok=(204, HTTPStatus.NOT_FOUND))

    # Aggregates

    def provider_aggregates(self, uuid: str) -> frozenset[str]:
        """Return the uuids of the aggregates a provider is in (1.19)."""
        return frozenset(self._get(f"/resource_providers/{uuid}/aggregates", microversions.AGGREGATES)["aggregates"])

    def set_provider_aggregates(self, uuid: str, aggregates: Iterable[str], *, generation: int | None = None) -> None:
        """Replace the aggregates of a provider (1.19); `generation` as in `set_inventories`."""
        wanted = sorted(aggregates)

        def put(current: int) -> None:
            body = {"aggregates": wanted, "resource_provider_generation": current}
            self._send("PUT", f"/resource_providers/{uuid}/aggregates", microversions.AGGREGATES, body)

        self._at_generation(uuid, put, generation)

    def _at_generation(self, uuid: str, put: Callable[[int], T], generation: int | None) -> T:
        """Change a provider at the generation given, or at the one it has, again if that moved meanwhile."""
        if generation is not None:
            return put(generation)
        for _ in range(CHANGES_TRIED - 1):
            try:
                return put(self.provider(uuid).generation)
            except ApiError as error:
                if not another_was_faster(error):
                    raise
        return put(self.provider(uuid).generation)


def _repeated_conflict(error: ApiError) -> bool:
    """Tell whether a change that was sent more than once met a generation that an earlier attempt may have moved."""
    return error.status == HTTPStatus.CONFLICT and error.attempts > 1


def _inventories(body: Any) -> ProviderInventories:
    found = body["inventories"]
    return ProviderInventories(
        generation=body["resource_provider_generation"],
        inventories={name: Inventory.from_json(inventory) for name, inventory in found.items()},
    )


def _amounts(resources: Resources) -> str:
    return ",".join(f"{name}:{amount}" for name, amount in sorted(resources.items()))
