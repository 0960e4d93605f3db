"""Nova's libvirt driver on a host that is none: without qemu-img, /proc and a disk of its own, and otherwise as it is.

Disks are sparse files, which the driver's own code creates, renames, copies and deletes.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nova.virt.libvirt import driver, imagebackend

if TYPE_CHECKING:
    from stocktake.support.lab.hosts.libvirt.machine import LibvirtMachine

SNAPSHOT = bytes(512)


class Disk(imagebackend.Flat):
    """A disk of zeros in a sparse file; no image is downloaded or converted."""

    def cache(self, *_arguments: Any, size: int | None = None, **_options: Any) -> None:
        """Create the disk, of `size` bytes, or extend it."""
        path = Path(self.path)
        path.touch()
        os.truncate(path, max(size or 0, path.stat().st_size))

    def correct_format(self) -> None:
        """It is raw."""

    def resize_image(self, size: int) -> None:
        """Extend it to `size` bytes."""
        os.truncate(self.path, size)

    def snapshot_extract(self, target: str, out_format: str) -> None:  # noqa: ARG002
        """Write a few bytes."""
        Path(target).write_bytes(SNAPSHOT)


class Disks(imagebackend.Backend):
    """Has one kind of disk."""

    def backend(self, image_type: str | None = None) -> type[Disk]:  # noqa: ARG002
        """Return it."""
        return Disk


class Driver(driver.LibvirtDriver):
    """The driver of one compute service on a machine of the lab."""

    def __init__(self, virtapi: Any, machine: "LibvirtMachine"):
        self._machine = machine
        super().__init__(virtapi)
        self.image_backend = Disks(use_cow=False)
        self._host.get_connection = lambda: machine.connection
        self._host._node_uuid = machine.node_uuid  # Nova would read one from a file, for all hosts of the process
        self._host._get_avail_memory_kb = lambda: machine.profile.memory_mb * 1024
        self._host._kernel_supports_amd_sev = lambda model="sev": bool(
            model == "sev" and machine.profile.encrypted_guests
        )

    def update_provider_tree(self, provider_tree: Any, nodename: str, allocations: Any = None) -> None:
        """Remember the host's own tree alone, as elsewhere; here, all hosts of the process share what they have read of
        Placement.
        """
        super().update_provider_tree(provider_tree, nodename, allocations=allocations)
        for root in list(self.provider_tree.roots):
            if root.name != nodename:
                self.provider_tree.remove(root.uuid)

    def _get_local_gb_info(self) -> Mapping[str, float]:
        """The profile's disk, in GiB."""
        size = float(self._machine.profile.local_gb)
        return {"total": size, "free": size, "used": 0.0}

    def _get_pci_passthrough_devices(self) -> str:
        """Nova's own, but not remembered for ever, which would keep every driver that a host has had."""
        devices: str = driver.LibvirtDriver._get_pci_passthrough_devices.__wrapped__(self)
        return devices

    def _live_snapshot(
        self, _context: Any, _instance: Any, _guest: Any, _disk_path: str, out_path: str, *_formats: Any
    ) -> None:
        """Write a few bytes."""
        Path(out_path).write_bytes(SNAPSHOT)

    def get_volume_connector(self, instance: Any) -> Mapping[str, str]:  # noqa: ARG002
        """Return what nova.virt.fake does; os-brick would look for iSCSI and multipath on the lab's machine."""
        return {"ip": "127.0.0.1", "initiator": "fake", "host": self._machine.connection.hostname}
