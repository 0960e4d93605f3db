"""The lab's storage: Cinder's driver of a back end whose volumes are nothing but their records."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from cinder import context as contexts
from cinder import interface, objects
from cinder.volume import driver
from hamcrest import empty
from stocktake.support.waiting import TookTooLong, eventually

POOL = "lab"
HANDING_OVER = 10.0  # seconds


def _attachments(volume: Any) -> list[Any]:
    return list(objects.VolumeAttachmentList.get_all_by_volume_id(contexts.get_admin_context(), volume.id))


@interface.volumedriver
class LabDriver(driver.VolumeDriver):
    """Makes, extends and connects volumes that hold no data, each at once."""

    VERSION = "1"
    gigabytes = 100_000
    CI_WIKI_NAME = "none"

    def check_for_setup_error(self) -> None:
        """Find nothing wrong."""

    def get_volume_stats(self, refresh: bool = False) -> Mapping[str, Any]:  # noqa: ARG002 - named by Cinder
        """One pool, which never becomes full."""
        return {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name"),
            "vendor_name": "Stocktake",
            "driver_version": self.VERSION,
            "storage_protocol": "lab",
            "pools": [
                {
                    "pool_name": POOL,
                    "total_capacity_gb": self.gigabytes,
                    "free_capacity_gb": self.gigabytes,
                    "reserved_percentage": 0,
                    "multiattach": True,
                    "online_extend_support": True,
                }
            ],
        }

    def create_volume(self, volume: Any) -> None:
        """Need no room."""

    def delete_volume(self, volume: Any) -> None:
        """Free none; of a volume that has been moved to another back end, not at once.

        Cinder 29 asks for the deletion of what it has moved before it gives the attachments to the volume that takes
        its place (VolumeManager.migrate_volume_completion). Where deletion is faster, they are lost: the volume stays
        in-use by nobody, while its server has it. Storage takes longer than that; this driver would not.
        """
        if volume.migration_status == "deleting":
            with suppress(TookTooLong):
                eventually(partial(_attachments, volume), empty(), within=HANDING_OVER, what="attachments to be given")

    def clone_image(
        self, _context: Any, _volume: Any, _location: Any, _image: Any, _service: Any
    ) -> tuple[Mapping[str, Any], bool]:
        """Be bootable without downloading the image."""
        return {}, True

    def extend_volume(self, volume: Any, new_size: int) -> None:
        """Be as large as asked for."""

    def retype(self, _context: Any, _volume: Any, _new_type: Any, _diff: Any, _host: Any) -> bool:
        """Be of any type without moving."""
        return True

    def create_snapshot(self, snapshot: Any) -> None:
        """Keep nothing."""

    def delete_snapshot(self, snapshot: Any) -> None:
        """Free nothing."""

    def create_volume_from_snapshot(self, volume: Any, snapshot: Any) -> None:
        """Copy nothing."""

    def create_cloned_volume(self, volume: Any, src_vref: Any) -> None:
        """Copy nothing."""

    def ensure_export(self, context: Any, volume: Any) -> None:
        """Export nothing."""

    def create_export(self, context: Any, volume: Any, connector: Any) -> None:
        """Export nothing."""

    def remove_export(self, _context: Any, volume: Any) -> None:
        """Withdraw nothing."""

    def initialize_connection(self, volume: Any, _connector: Any, **_options: Any) -> Mapping[str, Any]:
        """A connection of a kind that no host has to carry out: the lab's hosts connect nothing."""
        return {"driver_volume_type": "fake", "data": {"volume_id": volume.id}}

    def terminate_connection(self, volume: Any, connector: Any, **kwargs: Any) -> None:
        """Disconnect nothing."""


@interface.volumedriver
class SmallDriver(LabDriver):
    """Has less room, so that Cinder's scheduler prefers the other back end for volumes that may be on either."""

    gigabytes = 10_000
