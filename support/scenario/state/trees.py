"""The provider trees of the hosts that one scenario holds: their structure and inventories, read once each."""

from collections.abc import Mapping

from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.hosts.roles import Roles


class ProviderTrees:
    """Reads the provider trees of a scenario's hosts, and remembers them."""

    def __init__(self, placement: Placement, roles: Roles):
        self._placement, self._roles = placement, roles
        self._trees: dict[str, tuple[Provider, ...]] = {}
        self._inventories: dict[str, Mapping[str, Inventory]] = {}

    def all(self) -> dict[str, tuple[Provider, ...]]:
        """Return the provider tree of every host held, by root uuid; empty for a host that has been retired.

        Structure is read once per scenario.
        """
        held = [host.provider for host in self._roles.hosts]
        for root in held:
            if root not in self._trees:
                self._trees[root] = tuple(self._placement.tree(root))
        return {root: self._trees[root] for root in held}

    def forget(self, root: str) -> None:
        """Read a provider tree's structure again next time, because something has changed it."""
        for provider in self._trees.pop(root, ()):
            self._inventories.pop(provider.uuid, None)

    def inventories(self) -> dict[str, Mapping[str, Inventory]]:
        """Return the inventories of every provider held, by provider uuid; read once per scenario."""
        for tree in self.all().values():
            for provider in tree:
                if provider.uuid not in self._inventories:
                    found = self._placement.inventories(provider.uuid)
                    self._inventories[provider.uuid] = found.inventories
        return dict(self._inventories)
