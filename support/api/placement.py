"""Placement over HTTP: providers, inventories, usages, allocations, traits, aggregates, classes, candidates.

Section names in docstrings are those of the Placement API reference. Every method asks for the least microversion
that offers what it needs, explained in `versions`; older clouds raise Unverified.

Changes of a provider name the generation they were based on. Where two writers may meet (traits: Nova's resource
tracker writes them too), a change is made again on what the other has left.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import uuid4

from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api import microversions
from stocktake.support.api.replies import CONFLICT, FAILED, NOT_FOUND, ApiError
from stocktake.support.api.session import Session
from stocktake.support.api.values import (
    AllocationCandidate,
    ConsumerAllocations,
    Inventory,
    Provider,
    ProviderInventories,
)

T = TypeVar("T")


CHANGES_TRIED = 5
"""A provider whose generation moves more often than this between a read and a write has no resting point."""

UPDATED_BY_ANOTHER = "Another thread concurrently updated the resource provider data"
"""What Placement says where another writer came between its own check of a generation and its write."""


class Placement:
    """The placement API of one cloud, for administrators."""

    def __init__(self, session: Session):
        self.session = session

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
        listed = self._get("/resource_providers", version, filters)
        return [Provider.from_json(provider) for provider in listed["resource_providers"]]

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
        """Create a provider (1.20). Its uuid is chosen here, so a lost answer is found by it."""
        chosen = uuid or str(uuid4())
        body = {"name": name, "uuid": chosen, **({"parent_provider_uuid": parent} if parent else {})}
        return self.session.exactly_once(
            lambda: Provider.from_json(self._send("POST", "/resource_providers", microversions.CREATED_PROVIDER, body)),
            lambda: next(iter(self.providers(uuid=chosen)), None),
            what=f'resource provider "{name}" to show after a lost answer',
        )

    def rename_provider(self, uuid: str, name: str) -> Provider:
        """Give a provider another name."""
        provider = self.provider(uuid)
        body = {"name": name, **({"parent_provider_uuid": provider.parent} if provider.parent else {})}
        return Provider.from_json(self._send("PUT", f"/resource_providers/{uuid}", microversions.TREES, body))

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

        With `generation`, the change is refused with 409 when somebody changed the provider since; without, it is
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
        """Take one resource class away from a provider; refused with 409 while some of it is allocated."""
        self._send("DELETE", f"/resource_providers/{uuid}/inventories/{name}", microversions.TREES)

    # Usages and allocations

    def usages(self, uuid: str) -> Resources:
        """Return what is used of a provider, by Placement's own sum (Resource provider usages)."""
        return Resources.from_json(self._get(f"/resource_providers/{uuid}/usages")["usages"])

    def project_usages(self, project_id: str, *, user_id: str | None = None) -> Resources:
        """Return what all consumers of a project hold (Usages, 1.9)."""
        found = self._get("/usages", microversions.PROJECT_USAGES, {"project_id": project_id, "user_id": user_id})
        return Resources.from_json(found["usages"])

    def provider_allocations(self, uuid: str) -> dict[str, Resources]:
        """Return who holds what of a provider: consumer uuid -> resources (Resource provider allocations)."""
        found = self._get(f"/resource_providers/{uuid}/allocations")["allocations"]
        return {consumer: Resources.from_json(held["resources"]) for consumer, held in found.items()}

    def allocations(self, consumer: str) -> ConsumerAllocations:
        """Return what one consumer holds, by provider, with its project and user (1.12) and generation (1.28)."""
        return ConsumerAllocations.from_json(
            self._get(f"/allocations/{consumer}", self._best(*microversions.ALLOCATIONS))
        )

    def projects_charged(self, consumers: Iterable[str]) -> dict[str, str]:
        """Return which project each consumer's allocations are charged to (1.12); who holds nothing is left out.

        Requests: one per consumer. A quota that is counted from Placement counts by this project (Nova, "Quota usage
        from placement").
        """
        found = {consumer: self.allocations(consumer).project_id for consumer in sorted(consumers)}
        return {consumer: project for consumer, project in found.items() if project}

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
        """Free all a consumer holds. Nothing held is fine."""
        self.session.request("DELETE", "placement", f"/allocations/{consumer}", ok=(204, NOT_FOUND))

    def read_ledger(self, roots: Sequence[str]) -> tuple[Ledger, Usages]:
        """Read who holds what on the provider trees of these roots, and the usages Placement itself states.

        Providers and consumers are uuids. Requests: one per tree, and two per provider of it; the number depends on
        the trees, not on the size of the cloud. The usages name every provider read, used or not. A root that is
        gone (its compute service was deleted) contributes nothing.
        """
        rows: dict[tuple[str, str], Resources] = {}
        used: dict[str, Resources] = {}
        for root in roots:
            for provider in self.tree(root):
                used[provider.uuid] = self.usages(provider.uuid)
                for consumer, held in self.provider_allocations(provider.uuid).items():
                    rows[consumer, provider.uuid] = held
        return Ledger(rows), Usages(used, providers=used)

    # Traits

    def traits(self, *, prefix: str | None = None) -> list[str]:
        """List known traits (1.6), or those that begin with `prefix`."""
        wanted = {"name": f"startswith:{prefix}" if prefix else None}
        return list(self._get("/traits", microversions.TRAITS, wanted)["traits"])

    def create_trait(self, name: str) -> None:
        """Create a custom trait, CUSTOM_…; one that exists is kept."""
        self._send("PUT", f"/traits/{name}", microversions.TRAITS)

    def delete_trait(self, name: str) -> None:
        """Delete a custom trait; refused with 409 while a provider has it."""
        self._send("DELETE", f"/traits/{name}", microversions.TRAITS)

    def provider_traits(self, uuid: str) -> frozenset[str]:
        """Return the traits of a provider."""
        return frozenset(self._get(f"/resource_providers/{uuid}/traits", microversions.TRAITS)["traits"])

    def set_provider_traits(self, uuid: str, traits: Iterable[str], *, generation: int) -> frozenset[str]:
        """Replace the traits of a provider. Raises ApiError 409 when somebody changed the provider since.

        Nova's scheduler needs OWNER_NOVA on the provider of a compute node: add and remove single traits instead.
        """
        body = {"traits": sorted(traits), "resource_provider_generation": generation}
        return frozenset(self._send("PUT", f"/resource_providers/{uuid}/traits", microversions.TRAITS, body)["traits"])

    def add_trait(self, uuid: str, trait: str) -> frozenset[str]:
        """Give a provider one more trait, whoever else changes it at the time, and return all it has then."""
        return self._change_traits(uuid, lambda traits: traits | {trait})

    def remove_trait(self, uuid: str, trait: str) -> frozenset[str]:
        """Take one trait from a provider, whoever else changes it at the time, and return all it has then."""
        return self._change_traits(uuid, lambda traits: traits - {trait})

    def _change_traits(self, uuid: str, change: Callable[[frozenset[str]], frozenset[str]]) -> frozenset[str]:
        for tried in range(CHANGES_TRIED):
            found = self._get(f"/resource_providers/{uuid}/traits", microversions.TRAITS)
            has, generation = frozenset(found["traits"]), found["resource_provider_generation"]
            if change(has) == has:
                return has
            try:
                return self.set_provider_traits(uuid, change(has), generation=generation)
            except ApiError as error:
                if not _another_was_faster(error) or tried == CHANGES_TRIED - 1:
                    raise
        raise AssertionError("unreachable")

    # Aggregates, resource classes, candidates

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

    def resource_classes(self) -> list[str]:
        """List the resource classes Placement knows (1.2)."""
        return [
            known["name"]
            for known in self._get("/resource_classes", microversions.RESOURCE_CLASSES)["resource_classes"]
        ]

    def create_resource_class(self, name: str) -> None:
        """Create a custom resource class, CUSTOM_… (1.7); one that exists is kept."""
        self._send("PUT", f"/resource_classes/{name}", microversions.CLASS_BY_NAME)

    def delete_resource_class(self, name: str) -> None:
        """Delete a custom resource class; refused with 409 while a provider has some."""
        self._send("DELETE", f"/resource_classes/{name}", microversions.CLASS_BY_NAME)

    def candidates(
        self, resources: Resources, *, required: Iterable[str] = (), in_tree: str | None = None, limit: int = 100
    ) -> list[AllocationCandidate]:
        """Return ways to allocate these resources (Allocation candidates, 1.29; in_tree 1.31), at most `limit`.

        `required` are traits; one that begins with "!" is forbidden.
        """
        version = microversions.CANDIDATES_OF_TREE if in_tree else microversions.CANDIDATES
        wanted = {
            "resources": _amounts(resources),
            "required": ",".join(required) or None,
            "in_tree": in_tree,
            "limit": limit,
        }
        found = self._get("/allocation_candidates", version, wanted)["allocation_requests"]
        return [
            AllocationCandidate(
                {uuid: Resources.from_json(part["resources"]) for uuid, part in request["allocations"].items()}
            )
            for request in found
        ]

    # How requests are made

    def _get(self, path: str, version: str = "1.0", params: Mapping[str, Any] | None = None) -> Any:
        return self.session.get("placement", path, microversion=self._at(version, path), params=params)

    def _send(self, method: str, path: str, version: str, body: Any = None) -> Any:
        at = self._at(version, path)
        return self.session.request(method, "placement", path, json=body, microversion=at).body

    def _at(self, version: str, path: str) -> str:
        return self.session.require("placement", version, what=f"{path.split('/')[1]} in Placement")

    def _best(self, *versions: str) -> str:
        return self.session.best("placement", *versions, what="allocations in Placement")

    def _at_generation(self, uuid: str, put: Callable[[int], T], generation: int | None) -> T:
        """Change a provider at the generation given, or at the one it has, again if that moved meanwhile."""
        if generation is not None:
            return put(generation)
        for _ in range(CHANGES_TRIED - 1):
            try:
                return put(self.provider(uuid).generation)
            except ApiError as error:
                if not _another_was_faster(error):
                    raise
        return put(self.provider(uuid).generation)


def _another_was_faster(error: ApiError) -> bool:
    """Tell whether a change was not made because another writer's came first.

    That is 409, but for the traits of a provider: where the other came in while Placement was at it, the PUT is
    answered with 500 (`placement.handlers.trait` turns that conflict into 409 for DELETE only).
    """
    return error.status == CONFLICT or (error.status == FAILED and UPDATED_BY_ANOTHER in error.message)


def _repeated_conflict(error: ApiError) -> bool:
    """Tell whether a change that was sent more than once met a generation that an earlier attempt may have moved."""
    return error.status == CONFLICT and error.attempts > 1


def _inventories(body: Any) -> ProviderInventories:
    found = body["inventories"]
    return ProviderInventories(
        generation=body["resource_provider_generation"],
        inventories={name: Inventory.from_json(inventory) for name, inventory in found.items()},
    )


def _amounts(resources: Resources) -> str:
    return ",".join(f"{name}:{amount}" for name, amount in sorted(resources.items()))
