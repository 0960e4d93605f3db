"""Cinder over HTTP, as little of it as volume-backed servers need."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from stocktake.support.api.session import Session

PAGE = 1000
"""Volumes per request; Cinder's own limit is 1000 unless an operator lowered it."""


@dataclass(frozen=True)
class Volume:
    """A volume. `size` is in GB."""

    id: str
    name: str
    status: str
    size: int
    bootable: bool
    type: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read a volume of the Block Storage API v3."""
        return cls(
            id=body["id"],
            name=body.get("name") or "",
            status=body["status"],
            size=body["size"],
            bootable=str(body.get("bootable")).lower() == "true",
            type=body.get("volume_type"),
        )


class Volumes:
    """The block storage API (v3) of one cloud. `offered` tells whether the cloud has one."""

    def __init__(self, session: Session):
        self.session = session

    @property
    def offered(self) -> bool:
        """Whether the catalog has a block storage service."""
        return self.session.offers_service("volume")

    def create(
        self,
        name: str,
        size: int,
        *,
        image_id: str | None = None,
        volume_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Volume:
        """Create a volume of `size` GB, bootable when made of an image.

        The name must be unused, so that the volume can be found if the response is lost. The volume is not usable until
        "available".
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
            lambda: next((volume for volume in self.all(name=name)), None),
            what=f'volume "{name}" to show after a lost answer',
        )

    def all(self, *, name: str | None = None, all_projects: bool = False) -> list[Volume]:
        """List volumes of this project, or those of that name, all pages; `all_projects` is for administrators."""
        filters = {"name": name, "limit": PAGE, "all_tenants": "true" if all_projects else None}
        return [Volume.from_json(volume) for volume in self._pages(filters)]

    def get(self, volume_id: str) -> Volume:
        """Return a volume. Raises ApiError 404."""
        return Volume.from_json(self.session.get("volume", self._at(f"/{volume_id}"))["volume"])

    def delete(self, volume_id: str) -> None:
        """Delete a volume, which must not be in use."""
        self.session.request("DELETE", "volume", self._at(f"/{volume_id}"))

    def remove_quotas(self, project_id: str) -> None:
        """Remove the limits of a project's volumes (for administrators)."""
        body = {"quota_set": {"volumes": -1, "gigabytes": -1}}
        self.session.request("PUT", "volume", self._quotas_of(project_id), json=body)

    def reset_quotas(self, project_id: str) -> None:
        """Restore the default limits of a project's volumes (for administrators)."""
        self.session.request("DELETE", "volume", self._quotas_of(project_id))

    def _quotas_of(self, project_id: str) -> str:
        return f"/{self.session.project_id}/os-quota-sets/{project_id}"

    def _pages(self, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        wanted: dict[str, Any] = dict(params)
        while True:
            page = self.session.get("volume", self._at("/detail"), params=wanted)
            yield from page["volumes"]
            if not page.get("volumes_links") or not page["volumes"]:
                return
            wanted["marker"] = page["volumes"][-1]["id"]

    def _at(self, path: str) -> str:
        """Return the path of volumes; block storage still wants the project in it before 3.67."""
        return f"/{self.session.project_id}/volumes{path}"
