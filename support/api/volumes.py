"""Cinder over HTTP, as little of it as volume-backed servers need."""

from collections.abc import Mapping

from stocktake.support.api.replies import NOT_FOUND, ApiError
from stocktake.support.api.session import Session
from stocktake.support.api.values import Volume


class Volumes:
    """The block storage API (v3) of one cloud. `offered` tells whether the cloud has one."""

    def __init__(self, session: Session):
        self.session = session

    @property
    def offered(self) -> bool:
        """Whether the catalog has a block storage service."""
        return self.session.offers_service("volume")

    def create_volume(
        self,
        name: str,
        size: int,
        *,
        image_id: str | None = None,
        volume_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Volume:
        """Create a volume of `size` GB, bootable when made of an image.

        The name must be unused: a lost answer is found by it. The volume is not usable until "available".
        """
        body = {
            "name": name,
            "size": size,
            **({"imageRef": image_id} if image_id else {}),
            **({"volume_type": volume_type} if volume_type else {}),
            **({"metadata": dict(metadata)} if metadata else {}),
        }
        return self.session.exactly_once(
            lambda: Volume.from_json(
                self.session.request("POST", "volume", self._at(""), json={"volume": body}).body["volume"]
            ),
            lambda: next((volume for volume in self.volumes(name=name)), None),
            what=f'volume "{name}" to show after a lost answer',
        )

    def volumes(self, *, name: str | None = None) -> list[Volume]:
        """List volumes of this project, or those of that name."""
        listed = self.session.get("volume", self._at("/detail"), params={"name": name})["volumes"]
        return [Volume.from_json(volume) for volume in listed]

    def get_volume(self, volume_id: str) -> Volume:
        """Return a volume. Raises ApiError 404."""
        return Volume.from_json(self.session.get("volume", self._at(f"/{volume_id}"))["volume"])

    def find_volume(self, volume_id: str) -> Volume | None:
        """Return a volume, None when there is no such volume (any more)."""
        try:
            return self.get_volume(volume_id)
        except ApiError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def delete_volume(self, volume_id: str) -> None:
        """Delete a volume, which must not be in use."""
        self.session.request("DELETE", "volume", self._at(f"/{volume_id}"))

    def _at(self, path: str) -> str:
        """Return the path of volumes; block storage still wants the project in it before 3.67."""
        return f"/{self.session.project_id}/volumes{path}"
