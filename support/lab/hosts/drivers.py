"""Virt drivers for the lab's hosts, with behaviour that those of nova.virt.fake lack.

All have capacity for many small servers and complete every operation at once and with success, except for what their
name says. A host is the source of some operations and the destination of others; each docstring says which.
"""

import io
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import os_traits
from nova import exception, objects
from nova.compute import task_states
from nova.image import glance
from nova.objects import fields
from nova.virt import fake
from stocktake.support.lab import releases
from stocktake.support.lab.hosts import failures

# Slow operations wait this long for an external event, and then continue.
SLOW_SECONDS = 120.0
LOOK_SECONDS = 0.1


class LabDriver(fake.FakeDriver):
    """The usual host of a lab.

    Unlike nova.virt.fake's driver, it removes a guest that has been live migrated away, its snapshots become active
    images, a guest that was moved to it has its interfaces, one that is missing can be switched off and on, soft
    deletion switches off what is restored running, and servers can be cold migrated from it to hosts of the libvirt
    driver.
    """

    vcpus = 32
    memory_mb = 65536  # MB
    local_gb = 2000  # GB

    # Methods of Nova's resource tracker that refuse on this host, although the scheduler finds enough capacity.
    refused_claims: tuple[str, ...] = ()

    # Set when the host fails; each return brings a new one.
    failed: threading.Event

    # Whether one live migration waits for another, as with Nova's default for max_concurrent_live_migrations.
    live_migrates_in_turn = False

    def post_live_migration(
        self,
        context: Any,
        instance: Any,
        block_device_info: Any,
        migrate_data: Any = None,  # noqa: ARG002 - the name is the interface
    ) -> None:
        """Called on the source once the guest runs on the destination."""
        self.destroy(context, instance, network_info=None, block_device_info=block_device_info)

    def migrate_disk_and_power_off(self, *_args: Any, **_options: Any) -> str:
        """Called on the source of a resize or cold migration; describes no disks, in the JSON that libvirt reads."""
        return "[]"

    def power_off(self, instance: Any, timeout: int = 0, retry_interval: int = 0) -> None:
        """A guest that is missing is off already, as for libvirt's driver."""
        if instance.uuid in self.instances:
            super().power_off(instance, timeout, retry_interval)

    def power_on(
        self, context: Any, instance: Any, network_info: Any, block_device_info: Any = None, *args: Any, **options: Any
    ) -> None:
        """A guest that is missing is made anew, as by libvirt's driver."""
        if instance.uuid in self.instances:
            super().power_on(context, instance, network_info, block_device_info, *args, **options)
        else:
            self.reboot(context, instance, network_info, "HARD", block_device_info)

    def soft_delete(self, _instance: Any) -> None:
        """Not implemented, as in drivers of real clouds, so that Nova switches the guest off."""
        raise NotImplementedError

    def restore(self, _instance: Any) -> None:
        """Not implemented, as in drivers of real clouds, so that Nova switches the guest on."""
        raise NotImplementedError

    def attach_interface(self, _context: Any, _instance: Any, _image_meta: Any, vif: Any) -> None:
        """Plug an interface, even if a guest had it that has left."""
        self._interfaces[vif["id"]] = vif

    def detach_interface(self, _context: Any, _instance: Any, vif: Any) -> None:
        """Unplug an interface, even if the guest came with it from another host."""
        self._interfaces.pop(vif["id"], None)

    def snapshot(self, context: Any, instance: Any, image_id: str, update_task_state: Callable[..., None]) -> None:
        """Store a few bytes as the image."""
        super().snapshot(context, instance, image_id, update_task_state)
        metadata = {"status": "active", "disk_format": "raw", "container_format": "bare"}
        glance.API().update(context, image_id, metadata, io.BytesIO(bytes(512)), purge_props=False)


class RoomyDriver(LabDriver):
    """Has so much capacity of every kind that the scheduler prefers it to all other hosts."""

    vcpus = 4000
    memory_mb = 4_000_000  # MB
    local_gb = 4_000_000  # GB

    def get_available_resource(self, nodename: str) -> dict[str, Any]:
        """Say that the disk is free, too: Nova's fake driver has none, which counts against it beside libvirt's."""
        return {**super().get_available_resource(nodename), "disk_available_least": self.local_gb}


class SpawnFailDriver(RoomyDriver):
    """Fails to start any guest after the claim, so that another host is tried for a new one."""

    def spawn(self, *_args: Any, **_kwargs: Any) -> None:
        """Fail so that Nova reschedules the build."""
        raise exception.HypervisorUnavailable


class BuildAbortDriver(RoomyDriver):
    """Aborts every build after the claim, so that no other host is tried."""

    def spawn(self, _context: Any, instance: Any, *_args: Any, **_kwargs: Any) -> None:
        """Fail so that Nova gives the build up."""
        raise exception.BuildAbortException(instance_uuid=instance.uuid, reason="this host aborts builds")


class SlowBuildDriver(LabDriver):
    """A build continues until its server is deleted, or for two minutes."""

    def spawn(self, context: Any, instance: Any, *args: Any, **kwargs: Any) -> None:
        """Wait for the server's deletion before the guest is there."""
        if instance.task_state == task_states.SPAWNING:
            _look_until(lambda: _is_being_deleted(context, instance), self.failed)
        super().spawn(context, instance, *args, **kwargs)


class SlowLiveMigrationDriver(LabDriver):
    """Source: a live migration continues until it is aborted or forced to complete, or for two minutes.

    Others are queued.
    """

    live_migrates_in_turn = True

    def __init__(self, virtapi: Any, read_only: bool = False):
        super().__init__(virtapi, read_only)
        self._decisions: dict[str, str] = {}

    def live_migration(
        self,
        context: Any,
        instance: Any,
        dest: str,
        post_method: Callable[..., None],
        recover_method: Callable[..., None],
        block_migration: bool = False,
        migrate_data: Any = None,
    ) -> None:
        """Wait until it is aborted or forced to complete."""
        _look_until(lambda: instance.uuid in self._decisions, self.failed)
        if self._decisions.pop(instance.uuid, None) == "abort":
            recover_method(context, instance, dest, migrate_data, migration_status="cancelled")
        else:
            post_method(context, instance, dest, block_migration, migrate_data)

    def live_migration_abort(self, instance: Any) -> None:
        """Called on the source."""
        self._decisions[instance.uuid] = "abort"

    def live_migration_force_complete(self, instance: Any) -> None:
        """Called on the source."""
        self._decisions[instance.uuid] = "complete"


class LiveMigrationCheckFailDriver(RoomyDriver):
    """Destination: fails the check of every live migration."""

    def check_can_live_migrate_destination(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse."""
        raise exception.MigrationPreCheckError(reason="LiveMigrationCheckFailDriver")


class LiveMigrationPrepareFailDriver(LabDriver):
    """Destination: accepts live migrations, and fails when it prepares for them."""

    def pre_live_migration(self, *_args: Any, **_kwargs: Any) -> Any:
        """Fail."""
        raise exception.VirtualInterfaceCreateException


class LiveMigrationFailDriver(LabDriver):
    """Source: live migrations begin, and fail midway."""

    def live_migration(
        self,
        context: Any,
        instance: Any,
        dest: str,
        post_method: Callable[..., None],  # noqa: ARG002
        recover_method: Callable[..., None],
        block_migration: bool = False,  # noqa: ARG002
        migrate_data: Any = None,
    ) -> None:
        """Fail as libvirt's driver does: the manager's rollback is called."""
        recover_method(context, instance, dest, migrate_data, migration_status="error")


class MoveRefusedDriver(RoomyDriver):
    """Destination: refuses the claim of a resize or cold migration, so that another host is tried."""

    refused_claims = ("resize_claim",)


class EvacuationRefusedDriver(LabDriver):
    """Destination: refuses the claim of an evacuation."""

    refused_claims = ("rebuild_claim",)


class BuildRefusedDriver(RoomyDriver):
    """Refuses the claim of a new or unshelved server, so that another host is tried for a new one."""

    refused_claims = ("instance_claim",)


class ResizeSourceFailDriver(LabDriver):
    """Source: fails to move the guest's disk for a resize or cold migration."""

    def migrate_disk_and_power_off(self, *_args: Any, **_kwargs: Any) -> Any:
        """Fail."""
        raise exception.ResizeError(reason="ResizeSourceFailDriver")


class ResizeDestinationFailDriver(LabDriver):
    """Destination: fails to finish a resize or cold migration."""

    def finish_migration(self, *_args: Any, **_kwargs: Any) -> None:
        """Fail."""
        raise exception.VirtualInterfaceCreateException


class SwapFailDriver(LabDriver):
    """Fails to exchange a volume of a guest for another one."""

    def swap_volume(self, *_args: Any, **_kwargs: Any) -> None:
        """Fail."""
        raise exception.HypervisorUnavailable


class ConfirmFailDriver(LabDriver):
    """Source: fails to clean up when a resize or cold migration is confirmed."""

    def confirm_migration(self, *_args: Any, **_kwargs: Any) -> None:
        """Fail."""
        raise exception.HypervisorUnavailable


class RevertFailDriver(LabDriver):
    """Source: fails to restore the guest when a resize or cold migration is reverted."""

    def finish_revert_migration(self, *_args: Any, **_kwargs: Any) -> None:
        """Fail."""
        raise exception.HypervisorUnavailable


class RebuildFailDriver(LabDriver):
    """Fails to start the guest of a rebuild in place, or of an evacuation to it; new guests start."""

    def spawn(self, context: Any, instance: Any, *args: Any, **kwargs: Any) -> None:
        """Fail if it is not a new guest."""
        if instance.task_state == task_states.REBUILD_SPAWNING:
            raise exception.VirtualInterfaceCreateException
        super().spawn(context, instance, *args, **kwargs)


class UnshelveFailDriver(LabDriver):
    """Fails to start the guest of an unshelved server; new guests start."""

    def spawn(self, context: Any, instance: Any, *args: Any, **kwargs: Any) -> None:
        """Fail if the guest was shelved."""
        if instance.vm_state == fields.InstanceState.SHELVED_OFFLOADED:
            raise exception.VirtualInterfaceCreateException
        super().spawn(context, instance, *args, **kwargs)


class NestedDriver(LabDriver):
    """Has a child provider `HOST-child` with CUSTOM_MAGIC: 10."""

    child_inventory: ClassVar[dict[str, dict[str, float]]] = {
        "CUSTOM_MAGIC": {
            "total": 10,
            "reserved": 0,
            "min_unit": 1,
            "max_unit": 10,
            "step_size": 1,
            "allocation_ratio": 1.0,
        }
    }

    def update_provider_tree(self, provider_tree: Any, nodename: str, allocations: Any = None) -> None:
        """Report the child beside the host's own inventory."""
        super().update_provider_tree(provider_tree, nodename, allocations=allocations)
        child = f"{nodename}-child"
        if not provider_tree.exists(child):
            provider_tree.new_child(name=child, parent=nodename)
        provider_tree.update_inventory(child, self.child_inventory)
        if releases.installed().owner_trait:
            provider_tree.add_traits(child, os_traits.OWNER_NOVA)


class NestedSpawnFailDriver(NestedDriver, SpawnFailDriver):
    """Both: the child and its resource, and guests that never start."""


class NestedSlowLiveMigrationDriver(NestedDriver, SlowLiveMigrationDriver):
    """Both: the child and its resource, and slow live migrations."""


def _is_being_deleted(context: Any, instance: Any) -> bool:
    try:
        now = objects.Instance.get_by_uuid(context, instance.uuid, expected_attrs=[])
    except exception.InstanceNotFound:
        return True
    return bool(now.task_state == task_states.DELETING)


def _look_until(happened: Callable[[], bool], failed: threading.Event) -> None:
    """Return when the condition is met, or after the time limit. Raises HostFailed once the host has `failed`."""
    for _look in range(int(SLOW_SECONDS / LOOK_SECONDS)):
        if happened():
            return
        if failed.wait(LOOK_SECONDS):
            failures.fail()
