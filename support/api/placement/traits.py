"""Traits: those that exist in Placement, and those of a resource provider."""

from collections.abc import Callable, Iterable
from typing import Any

from stocktake.support.api import microversions
from stocktake.support.api.placement.client import CHANGES_TRIED, PlacementClient, another_was_faster
from stocktake.support.api.replies import ApiError
from stocktake.support.api.session import Session


class Traits(PlacementClient):
    """The traits of one cloud.

    `written` are the generations before and after the last change of each provider's traits by this client, between
    which nothing else about the provider was written.
    """

    def __init__(self, session: Session):
        super().__init__(session)
        self.written: dict[str, tuple[int, int]] = {}
        self._known: dict[str, tuple[frozenset[str], int]] = {}

    def all(self, *, prefix: str | None = None) -> list[str]:
        """List known traits (1.6), or those that begin with `prefix`."""
        wanted = {"name": f"startswith:{prefix}" if prefix else None}
        return list(self._get("/traits", microversions.TRAITS, wanted)["traits"])

    def create(self, name: str) -> None:
        """Create a custom trait, CUSTOM_…; one that exists is kept."""
        self._send("PUT", f"/traits/{name}", microversions.TRAITS)

    def delete(self, name: str) -> None:
        """Delete a custom trait; refused with 409 while a provider has it."""
        self._send("DELETE", f"/traits/{name}", microversions.TRAITS)

    def of_provider(self, uuid: str) -> frozenset[str]:
        """Return the traits of a provider."""
        return frozenset(self._get(f"/resource_providers/{uuid}/traits", microversions.TRAITS)["traits"])

    def replace(self, uuid: str, traits: Iterable[str], *, generation: int) -> frozenset[str]:
        """Replace the traits of a provider. Raises ApiError 409 when the provider was changed since.

        Nova's scheduler needs OWNER_NOVA on the provider of a compute node: add and remove single traits instead.
        """
        body = {"traits": sorted(traits), "resource_provider_generation": generation}
        path = f"/resource_providers/{uuid}/traits"
        found, after = self._learn(uuid, self._send("PUT", path, microversions.TRAITS, body))
        self.written[uuid] = generation, after
        return found

    def add(self, uuid: str, trait: str, *, generation: int | None = None) -> frozenset[str]:
        """Add a trait to a provider, even if others change it at the same time, and return all its traits.

        `generation` is that of the provider now, if known: where this client has left it at that generation, its traits
        are not read first. Placement refuses to replace them if they have changed all the same.
        """
        known, at = self._known.get(uuid, (frozenset[str](), None))
        if generation is not None and generation == at and trait not in known:
            try:
                return self.replace(uuid, known | {trait}, generation=generation)
            except ApiError as error:
                if not another_was_faster(error):
                    raise
        return self._change(uuid, lambda traits: traits | {trait})

    def remove(self, uuid: str, trait: str) -> frozenset[str]:
        """Remove a trait from a provider, even if others change it at the same time, and return all its traits."""
        return self._change(uuid, lambda traits: traits - {trait})

    def _change(self, uuid: str, change: Callable[[frozenset[str]], frozenset[str]]) -> frozenset[str]:
        for tried in range(CHANGES_TRIED):
            found = self._get(f"/resource_providers/{uuid}/traits", microversions.TRAITS)
            has, generation = self._learn(uuid, found)
            if change(has) == has:
                return has
            try:
                return self.replace(uuid, change(has), generation=generation)
            except ApiError as error:
                if not another_was_faster(error) or tried == CHANGES_TRIED - 1:
                    raise
        raise AssertionError("unreachable")

    def _learn(self, uuid: str, body: Any) -> tuple[frozenset[str], int]:
        """Remember what Placement says about a provider's traits, and return them with the generation."""
        self._known[uuid] = frozenset(body["traits"]), body["resource_provider_generation"]
        return self._known[uuid]
