"""Glance over HTTP: finding an image to boot from, and making small ones with properties."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

from stocktake.support.api.replies import ApiError
from stocktake.support.api.session import Session
from stocktake.support.errors import Unverified

NAME_AN_IMAGE = 'upload one, or name one as "image:" under "stocktake:" of the cloud in clouds.yaml'
PAGE = 200
OCTETS = {"Content-Type": "application/octet-stream"}


@dataclass(frozen=True)
class Image:
    """An image. `properties` are all fields that are not of Glance's own schema, for instance traits."""

    id: str
    name: str
    status: str
    size: int | None = None  # bytes
    min_disk: int = 0  # GB
    min_ram: int = 0  # MB
    visibility: str | None = None
    owner: str | None = None  # the project's id
    disk_format: str | None = None
    hidden: bool = False
    created: str | None = None
    tags: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read an image of the Image API v2."""
        return cls(
            id=body["id"],
            name=body.get("name") or "",
            status=body["status"],
            size=body.get("size"),
            min_disk=body.get("min_disk") or 0,
            min_ram=body.get("min_ram") or 0,
            visibility=body.get("visibility"),
            owner=body.get("owner"),
            disk_format=body.get("disk_format"),
            hidden=bool(body.get("os_hidden")),
            created=body.get("created_at"),
            tags=tuple(body.get("tags") or ()),
            properties={k: v for k, v in body.items() if k not in _IMAGE_FIELDS and isinstance(v, str)},
        )

    @property
    def bootable(self) -> bool:
        """Whether a server can boot from its data: it has some, and is neither a snapshot nor part of an image.

        The snapshot of a volume-backed server has no data of its own but `block_device_mapping`. Kernels and ramdisks
        have formats of their own (Glance, "Disk and Container Formats").
        """
        return (
            bool(self.size)
            and self.disk_format not in ("aki", "ari")
            and self.properties.get("image_type") != "snapshot"
            and "block_device_mapping" not in self.properties
        )


_IMAGE_FIELDS = frozenset(
    {
        *("id", "name", "status", "size", "virtual_size", "min_disk", "min_ram", "visibility", "owner", "protected"),
        *("disk_format", "container_format", "os_hidden", "created_at", "updated_at", "tags", "checksum"),
        *("os_hash_algo", "os_hash_value", "self", "file", "schema", "direct_url", "locations", "stores"),
    }
)


class Images:
    """The image API (v2) of one cloud, as the user of the session."""

    def __init__(self, session: Session):
        self.session = session

    def all(self, *, name: str | None = None, status: str | None = None) -> list[Image]:
        """List the images this user sees, latest first, all pages."""
        return [Image.from_json(image) for image in self._pages({"name": name, "status": status, "limit": PAGE})]

    def get(self, image_id: str) -> Image:
        """Return an image. Raises ApiError 404."""
        return Image.from_json(self.session.get("image", f"/images/{quote(image_id, safe='')}"))

    def find(self, name_or_id: str) -> Image:
        """Return the image of that id, or else of that name. Raises Unverified when there is none, or several."""
        cloud = self.session.target.name
        try:
            return self.get(name_or_id)
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
        named = self.all(name=name_or_id)
        if len(named) > 1:
            raise Unverified(f'cloud "{cloud}" has {len(named)} images named "{name_or_id}"', "use an id instead")
        if not named:
            raise Unverified(f'cloud "{cloud}" has no image with the name or id "{name_or_id}"', NAME_AN_IMAGE)
        return named[0]

    def usable(self) -> list[Image]:
        """List images a small flavor can boot: active, public or this project's own, bootable; least demanding first.

        Demanding is, in this order: min_disk, min_ram, size. An administrator is shown everybody's private images too.
        """
        ours = self.session.project_id
        fit = [
            image
            for image in self.all(status="active")
            if image.bootable and not image.hidden and (image.visibility == "public" or image.owner == ours)
        ]
        return sorted(fit, key=lambda image: (image.min_disk, image.min_ram, image.size))

    def choose(self) -> Image:
        """Return the image to boot from: the one `stocktake: image` names, or else the least demanding usable one.

        Raises Unverified when it is not there or not active, or none is usable.
        """
        settings = self.session.target.settings
        if settings.image is not None:
            image = self.find(settings.image)
            if image.status != "active":
                raise Unverified(
                    f'image "{image.name}" of cloud "{settings.cloud}" is {image.status}, not active', NAME_AN_IMAGE
                )
            return image
        usable = self.usable()
        if not usable:
            raise Unverified(f'cloud "{settings.cloud}" has no active image to boot from', NAME_AN_IMAGE)
        return usable[0]

    def create(self, name: str, *, properties: Mapping[str, str] | None = None, data: bytes = b"\0" * 512) -> Image:
        """Create a raw image of `data` bytes with properties, for instance {"trait:CUSTOM_X": "required"}.

        The id is chosen here, so that it can be found if the response is lost.
        """
        image_id = str(uuid4())
        body = {
            **(properties or {}),
            "id": image_id,
            "name": name,
            "disk_format": "raw",
            "container_format": "bare",
            "visibility": "private",
        }
        self.session.exactly_once(
            lambda: self.session.request("POST", "image", "/images", json=body).body,
            lambda: next((image.id for image in self.all(name=name) if image.id == image_id), None),
            what=f'image "{name}" to show after a lost answer',
        )
        self._upload(image_id, data)
        return self.get(image_id)

    def delete(self, image_id: str) -> None:
        """Delete an image; servers created from it are kept."""
        self.session.request("DELETE", "image", f"/images/{image_id}")

    def _upload(self, image_id: str, data: bytes) -> None:
        """Send an image's data; an image that has its data already refuses more (409), so it is looked at."""
        try:
            self.session.request("PUT", "image", f"/images/{image_id}/file", data=data, headers=OCTETS)
        except ApiError as error:
            if error.attempts == 1 or self.get(image_id).status != "active":
                raise

    def _pages(self, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        wanted: dict[str, Any] = dict(params)
        while True:
            page = self.session.get("image", "/images", params=wanted)
            yield from page["images"]
            if not page.get("next") or not page["images"]:
                return
            wanted["marker"] = page["images"][-1]["id"]
