"""Virt drivers for hosts as some clouds have them: with shared storage, or from before CPUs were divided."""

from typing import Any, ClassVar

from nova.virt import fake
from stocktake.support.lab.hosts.drivers import LabDriver, PinnedDriver


class SharedStorageDriver(LabDriver):
    """Reports no DISK_GB, because its guests' disks are on storage that has a resource provider of its own.

    An operator creates that provider (Nova, "Using shared storage with placement").
    """

    def update_provider_tree(self, provider_tree: Any, nodename: str, allocations: Any = None) -> None:
        """Report CPUs and memory only."""
        super().update_provider_tree(provider_tree, nodename, allocations=allocations)
        inventory = dict(provider_tree.data(nodename).inventory)
        inventory.pop("DISK_GB", None)
        provider_tree.update_inventory(nodename, inventory)


class UndividedPinnedDriver(PinnedDriver):
    """Pins guests to any of its CPUs, all of which it reports as VCPU, as hosts did before PCPU existed (Nova 20)."""

    capabilities: ClassVar[dict[str, bool]] = {**fake.FakeDriver.capabilities, "supports_pcpus": False}
    shared_cpus = frozenset(range(32))
    dedicated_cpus = frozenset(range(32))

    def update_provider_tree(self, provider_tree: Any, nodename: str, allocations: Any = None) -> None:
        """Report what a usual host reports."""
        LabDriver.update_provider_tree(self, provider_tree, nodename, allocations=allocations)
