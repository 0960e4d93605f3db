"""Traits: those that exist in Placement, and those of a resource provider."""

from collections.abc import Callable, Iterable

from stocktake.support.api import microversions
from stocktake.support.api.placement.client import CHANGES_TRIED, PlacementClient, another_was_faster
from stocktake.support.api.replies import ApiError


class Traits(PlacementClient):
    """The traits of one cloud."""

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
        return frozenset(self._send("PUT", f"/resource_providers/{uuid}/traits", microversions.TRAITS, body)["traits"])

    def add(self, uuid: str, trait: str) -> frozenset[str]:
        """Add a trait to a provider, even if others change it at the same time, and return all its traits."""
        return self._change(uuid, lambda traits: traits | {trait})

    def remove(self, uuid: str, trait: str) -> frozenset[str]:
        """Remove a trait from a provider, even if others change it at the same time, and return all its traits."""
        return self._change(uuid, lambda traits: traits - {trait})

    def _change(self, uuid: str, change: Callable[[frozenset[str]], frozenset[str]]) -> frozenset[str]:
        for tried in range(CHANGES_TRIED):
            found = self._get(f"/resource_providers/{uuid}/traits", microversions.TRAITS)
            has, generation = frozenset(found["traits"]), found["resource_provider_generation"]
            if change(has) == has:
                return has
            try:
                return self.replace(uuid, change(has), generation=generation)
            except ApiError as error:
                if not another_was_faster(error) or tried == CHANGES_TRIED - 1:
                    raise
        raise AssertionError("unreachable")
