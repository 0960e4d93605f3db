"""The lab's storage: Cinder's driver of a back end whose volumes are nothing but their records."""

from collections.abc import Mapping
from typing import Any

from cinder import interface
from cinder.volume import driver

POOL = "lab"
GIGABYTES = 100_000


@interface.volumedriver
class LabDriver(driver.VolumeDriver):
    """Makes, extends and connects volumes that hold no data, each at once."""

    VERSION = "1"
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
                    "total_capacity_gb": GIGABYTES,
                    "free_capacity_gb": GIGABYTES,
                    "reserved_percentage": 0,
                    "multiattach": True,
                    "online_extend_support": True,
                }
            ],
        }

    def create_volume(self, volume: Any) -> None:
        """Need no room."""

    def delete_volume(self, volume: Any) -> None:
        """Free none."""

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

    def remove_export(self, context: Any, volume: Any) -> None:
        """Withdraw nothing."""

    def initialize_connection(self, volume: Any, _connector: Any, **_options: Any) -> Mapping[str, Any]:
        """A connection of a kind that no host has to carry out: the lab's hosts connect nothing."""
        return {"driver_volume_type": "fake", "data": {"volume_id": volume.id}}

    def terminate_connection(self, volume: Any, connector: Any, **kwargs: Any) -> None:
        """Disconnect nothing."""
