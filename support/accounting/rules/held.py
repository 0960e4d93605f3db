"""What one consumer holds, seen by provider trees."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from stocktake.support.accounting.entitlements import Entitlements
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.snapshot import Snapshot


@dataclass(frozen=True)
class Held:
    """What one consumer holds, by the trees of compute nodes; what it holds elsewhere is kept apart.

    `judged`, where asked for, are the resource classes that flavors explain; ports, PCI devices and device profiles
    add others, on child providers.
    """

    snapshot: Snapshot
    entitlements: Entitlements
    consumer: str

    @cached_property
    def rows(self) -> dict[str, Resources]:
        """Provider uuid -> resources."""
        return dict(self.snapshot.held_by.get(self.consumer, {}))

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The roots of all listed trees in which it holds anything, by name."""
        found = {self.snapshot.root_of[provider] for provider in self.rows if provider in self.snapshot.root_of}
        return tuple(sorted(found, key=self.snapshot.name))

    @cached_property
    def trees(self) -> tuple[str, ...]:
        """The roots of compute nodes in whose trees it holds anything, by name."""
        return tuple(root for root in self.roots if root in self.snapshot.compute_roots)

    def all_in(self, root: str) -> Resources:
        """Add up everything held in a tree."""
        return Resources.total(
            resources for provider, resources in self.rows.items() if self.snapshot.root_of.get(provider) == root
        )

    def in_tree(self, root: str, judged: Collection[str]) -> Resources:
        """Add up a tree: all classes of the root itself, of its children those that flavors explain."""
        return Resources.total(
            resources if provider == root else resources.only(judged)
            for provider, resources in self.rows.items()
            if self.snapshot.root_of.get(provider) == root
        )

    def shared(self, judged: Collection[str]) -> Resources:
        """Add up what is held on listed roots that are not compute nodes, such as shared storage."""
        return self._outside(judged, listed=True)

    def unlisted(self, judged: Collection[str]) -> Resources:
        """Add up what is held on providers that the snapshot does not list."""
        return self._outside(judged, listed=False)

    def _outside(self, judged: Collection[str], *, listed: bool) -> Resources:
        return Resources.total(
            resources.only(judged)
            for provider, resources in self.rows.items()
            if (provider in self.snapshot.root_of) == listed
            and self.snapshot.root_of.get(provider) not in self.snapshot.compute_roots
        )
