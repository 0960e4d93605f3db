"""A server as Nova shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.compute.flavors import flavor_from_json


@dataclass(frozen=True)
class Fault:
    """Why a server is in ERROR, as reported by Nova. `details` is a traceback and shown to administrators only."""

    message: str
    code: int | None = None
    created: str | None = None
    details: str | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any] | None) -> Self | None:
        """Read the `fault` of a server; None when it has none."""
        if not body:
            return None
        return cls(
            message=body.get("message") or "no message",
            code=body.get("code"),
            created=body.get("created"),
            details=body.get("details"),
        )


@dataclass(frozen=True)
class Server:
    """A server. Host and node are known to administrators only, and None while it has no host.

    `flavor` is the server's flavor, embedded by Nova since 2.47; before, only `flavor_id` is known.
    `image_id` is None for a server that boots from a volume. `volumes` are the ids of attached volumes, None
    where Nova does not show them.
    """

    id: str
    name: str
    status: str
    task_state: str | None = None
    vm_state: str | None = None
    power_state: int | None = None
    host: str | None = None
    hypervisor_hostname: str | None = None
    availability_zone: str | None = None
    fault: Fault | None = None
    flavor: Flavor | None = None
    flavor_id: str | None = None
    image_id: str | None = None
    created: str | None = None
    updated: str | None = None
    launched_at: str | None = None
    terminated_at: str | None = None
    locked: bool | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    project_id: str | None = None
    user_id: str | None = None
    progress: int | None = None
    volumes: tuple[str, ...] | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read one element of `GET /servers/detail`, or the `server` of `GET /servers/{id}`."""
        flavor, attached = body.get("flavor") or {}, body.get("os-extended-volumes:volumes_attached")
        return cls(
            id=body["id"],
            name=body.get("name", ""),
            status=body.get("status", "UNKNOWN"),
            task_state=body.get("OS-EXT-STS:task_state"),
            vm_state=body.get("OS-EXT-STS:vm_state"),
            power_state=body.get("OS-EXT-STS:power_state"),
            host=body.get("OS-EXT-SRV-ATTR:host"),
            hypervisor_hostname=body.get("OS-EXT-SRV-ATTR:hypervisor_hostname"),
            availability_zone=body.get("OS-EXT-AZ:availability_zone") or None,
            fault=Fault.from_json(body.get("fault")),
            flavor=flavor_from_json(flavor) if "vcpus" in flavor else None,
            flavor_id=flavor.get("id"),
            image_id=(body.get("image") or {}).get("id"),
            created=body.get("created"),
            updated=body.get("updated"),
            launched_at=body.get("OS-SRV-USG:launched_at"),
            terminated_at=body.get("OS-SRV-USG:terminated_at"),
            locked=body.get("locked"),
            description=body.get("description"),
            metadata=dict(body.get("metadata") or {}),
            project_id=body.get("tenant_id"),
            user_id=body.get("user_id"),
            progress=body.get("progress"),
            volumes=None if attached is None else tuple(item["id"] for item in attached),
        )

    @property
    def volume_backed(self) -> bool:
        """Whether the root disk is a volume, so that no DISK_GB is charged for it."""
        return self.image_id is None

    def __str__(self) -> str:
        """One line for the history of a wait: status, task and host, and the fault if there is one."""
        task = f", {self.task_state}" if self.task_state else ""
        host = f" on {self.host}" if self.host else ""
        fault = f": {self.fault.message}" if self.fault else ""
        return f"{self.status}{task}{host}{fault}"
