"""Cinder over HTTP: volumes, and their attachments to servers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from stocktake.support.api import microversions
from stocktake.support.api.session import Session

MOVES = ("starting", "migrating", "completing", "target:")
"""How the migration status of a volume begins that Cinder is moving, or of the one that it is being moved to."""

PAGE = 1000
"""Volumes per request; Cinder's own limit is 1000 unless an operator lowered it."""


@dataclass(frozen=True)
class Attachment:
    """What Cinder knows of a volume's attachment to a server.

    `status` is "reserved" until a host has connected the volume, then "attached". `host` is the host of the compute
    service that has; it is shown to administrators only. `volume` is the volume's id, "" where it is known anyway.
    """

    id: str
    status: str
    server: str | None = None
    host: str | None = None
    volume: str = ""


@dataclass(frozen=True)
class Volume:
    """A volume. `size` is in GB, `hosts` are the hosts of its attachments, by their ids, as far as they are shown.

    `moving` says that Cinder is moving it to another back end, or another volume to it, as far as that is shown.
    `changed` is when Cinder last changed its record of the volume, or made it.
    """

    id: str
    name: str
    status: str
    size: int
    bootable: bool
    type: str | None = None
    hosts: Mapping[str, str | None] = field(default_factory=dict)
    changed: datetime | None = None
    moving: bool = False

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
            hosts={one["attachment_id"]: one.get("host_name") for one in body.get("attachments", ())},
            changed=_time(body.get("updated_at") or body.get("created_at")),
            moving=(body.get("os-vol-mig-status-attr:migstat") or "").startswith(MOVES),
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

    def of_every_project(self) -> Iterator[Volume]:
        """Yield the volumes of all projects, page by page; other users than administrators see those of their own."""
        yield from map(Volume.from_json, self._pages({"limit": PAGE, "all_tenants": "true"}))

    def every_attachment(self, volume_id: str | None = None) -> Iterator[Attachment]:
        """Yield the attachments of all volumes of all projects, or of one volume, page by page (3.27).

        Their hosts are shown with the volumes only. Other users than administrators see those of their own project.
        Cinder says of no page whether it is the last one.
        """
        version = self.session.require("volume", microversions.ATTACHMENTS, what="the list of volumes' attachments")
        wanted: dict[str, Any] = {"limit": PAGE, "all_tenants": "true", "volume_id": volume_id}
        path = f"/{self.session.project_id}/attachments"
        while page := self.session.get("volume", path, params=wanted, microversion=version)["attachments"]:
            for one in page:
                yield Attachment(one["id"], one["status"], one.get("instance"), volume=one["volume_id"])
            if volume_id:
                return
            wanted["marker"] = page[-1]["id"]

    def get(self, volume_id: str) -> Volume:
        """Return a volume. Raises ApiError 404."""
        return Volume.from_json(self.session.get("volume", self._at(f"/{volume_id}"))["volume"])

    def attachments(self, volume: Volume) -> list[Attachment]:
        """List a volume's attachments, those included that are only reserved (3.27); hosts are those of the volume."""
        version = self.session.require("volume", microversions.ATTACHMENTS, what="the list of a volume's attachments")
        listed = self.session.get(
            "volume",
            f"/{self.session.project_id}/attachments",
            params={"volume_id": volume.id},
            microversion=version,
        )
        return [
            Attachment(one["id"], one["status"], one.get("instance"), volume.hosts.get(one["id"]))
            for one in listed["attachments"]
        ]

    def extend(self, volume_id: str, size: int) -> None:
        """Let a volume grow to `size` GB, attached or not (3.42)."""
        version = self.session.require("volume", microversions.EXTEND_IN_USE, what="extending an attached volume")
        self.session.exactly_once(
            lambda: self._act(volume_id, {"os-extend": {"new_size": size}}, version),
            lambda: True if self.get(volume_id).size == size else None,
            what="the volume to have grown after a lost answer",
        )

    def retype(self, volume_id: str, type_id: str) -> None:
        """Change the type of a volume, attached or not; Cinder may move it to another back end for that."""
        body = {"os-retype": {"new_type": type_id, "migration_policy": "on-demand"}}
        before = self.get(volume_id).type
        self.session.exactly_once(
            lambda: self._act(volume_id, body),
            lambda: self._is_changing(volume_id, before),
            what="the volume to change its type after a lost answer",
        )

    def _is_changing(self, volume_id: str, before: str | None) -> bool | None:
        found = self.get(volume_id)
        return True if found.status == "retyping" or found.type != before else None

    def rename(self, volume_id: str, name: str, metadata: Mapping[str, str]) -> None:
        """Give a volume, such as one that Nova has made, a name and metadata."""
        body = {"volume": {"name": name, "metadata": dict(metadata)}}
        self.session.request("PUT", "volume", self._at(f"/{volume_id}"), json=body)

    def reset(self, volume_id: str) -> None:
        """Have Cinder believe that nobody has a volume, and that nothing is being done with it (for administrators)."""
        states = {"status": "available", "attach_status": "detached", "migration_status": "none"}
        self._act(volume_id, {"os-reset_status": states})

    def force_delete(self, volume_id: str) -> None:
        """Delete a volume in any state, with what Cinder has recorded of its attachments (for administrators)."""
        self._act(volume_id, {"os-force_delete": {}})

    def _act(self, volume_id: str, body: Mapping[str, Any], version: str | None = None) -> bool:
        path = self._at(f"/{volume_id}/action")
        return bool(self.session.request("POST", "volume", path, json=body, microversion=version).status)

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


def _time(text: str | None) -> datetime | None:
    """Read a time, which Cinder writes in UTC without saying so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
