"""The provider trees of one scenario, of its hosts and its shared storage: their structure and inventories, read once
each.
"""

from collections.abc import Mapping

from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.placement.values import Inventory, Provider, ProviderInventories
from stocktake.support.hosts.roles import Roles


class ProviderTrees:
    """Reads the provider trees of a scenario's hosts and of its shared storage, and remembers them.

    `shared` are the resource providers of shared storage, by uuid, with the feature's name of each; `changing` the
    roots of trees in which Nova may create and delete providers at any time.
    """

    def __init__(self, placement: Placement, roles: Roles):
        self._placement, self._roles = placement, roles
        self.shared: dict[str, str] = {}
        self.changing: set[str] = set()
        self._trees: dict[str, tuple[Provider, ...]] = {}
        self._inventories: dict[str, ProviderInventories] = {}

    def all(self) -> dict[str, tuple[Provider, ...]]:
        """Return every provider tree of the scenario, by root uuid; empty for a host that has been retired.

        Structure is read once per scenario, unless it is changing.
        """
        held = [*(host.provider for host in self._roles.hosts), *self.shared]
        for root in self.changing:
            self.forget(root)
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
                    self._inventories[provider.uuid] = self._placement.inventories(provider.uuid)
        return {provider: found.inventories for provider, found in self._inventories.items()}

    def inventories_at(self, provider: str, generation: int | None) -> Mapping[str, Inventory]:
        """Return the inventories that a provider has at this generation; read unless they were read at the same one."""
        known = self._inventories.get(provider)
        if known is None or known.generation != generation:
            known = self._inventories[provider] = self._placement.inventories(provider)
        return known.inventories
