"""Hypervisors for the lab's hosts, for what those of nova.virt.fake lack."""

from typing import Any

from nova.virt import fake


class LabDriver(fake.FakeDriver):
    """The usual host of a lab: room for many small servers, every operation at once and successful.

    Unlike nova.virt.fake's own, it lets go of a guest that has moved away by live migration.
    """

    vcpus = 32
    memory_mb = 65536  # MB
    local_gb = 2000  # GB

    def post_live_migration(
        self, context: Any, instance: Any, block_device_info: Any, migrate_data: Any = None
    ) -> None:
        """Called on the source when the guest runs on the destination."""
        self.destroy(context, instance, network_info=None, block_device_info=block_device_info)
