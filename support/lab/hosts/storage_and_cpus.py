"""Virt drivers for hosts as some clouds have them: with shared storage, or from before CPUs were divided."""

from typing import Any

from nova import objects
from stocktake.support.lab.hosts.drivers import LabDriver, RoomyDriver


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


class RoomySharedStorageDriver(SharedStorageDriver, RoomyDriver):
    """Both: no DISK_GB, and so much of everything else that the scheduler prefers it to all other hosts."""


class UndividedPinnedDriver(LabDriver):
    """Pins guests to any of its CPUs, all of which it reports as VCPU, as hosts did before PCPU existed (Nova 20)."""

    def get_available_resource(self, nodename: str) -> dict[str, Any]:
        """Nova's own figures, with the NUMA topology that CPU pinning needs: one node."""
        resources: dict[str, Any] = super().get_available_resource(nodename)
        cpus = set(range(self.vcpus))
        cell = objects.NUMACell(
            id=0,
            socket=0,
            cpuset=cpus,
            pcpuset=cpus,
            memory=self.memory_mb,
            cpu_usage=0,
            memory_usage=0,
            pinned_cpus=set(),
            siblings=[{cpu} for cpu in sorted(cpus)],
            mempages=[objects.NUMAPagesTopology(size_kb=4, total=self.memory_mb * 256, used=0, reserved=0)],
            network_metadata=objects.NetworkMetadata(physnets=set(), tunneled=False),
        )
        resources["numa_topology"] = objects.NUMATopology(cells=[cell])._to_json()
        return resources
