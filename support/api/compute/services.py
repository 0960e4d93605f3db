"""Compute services, by host and by uuid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.errors import CloudError


@dataclass(frozen=True)
class ComputeService:
    """A service of Nova on one host; `id` is its uuid (2.53). `state` is "up" or "down", `status` "enabled" or not."""

    id: str
    host: str
    binary: str
    state: str
    status: str
    forced_down: bool = False
    disabled_reason: str | None = None
    zone: str | None = None
    updated: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read one element of `GET /os-services`."""
        return cls(
            id=str(body["id"]),
            host=body["host"],
            binary=body["binary"],
            state=body.get("state", "unknown"),
            status=body.get("status", "unknown"),
            forced_down=bool(body.get("forced_down")),
            disabled_reason=body.get("disabled_reason"),
            zone=body.get("zone"),
            updated=body.get("updated_at"),
        )

    @property
    def up(self) -> bool:
        """Whether Nova reports the service as up."""
        return self.state == "up"

    @property
    def enabled(self) -> bool:
        """Whether the scheduler may choose its host."""
        return self.status == "enabled"

    def __str__(self) -> str:
        forced = ", forced down" if self.forced_down else ""
        reason = f" ({self.disabled_reason})" if self.disabled_reason else ""
        return f"{self.binary} on {self.host}: {self.state}, {self.status}{forced}{reason}"


class Services(ComputeClient):
    """Nova's services on their hosts, for administrators."""

    def all(self, *, host: str | None = None, binary: str | None = "nova-compute") -> list[ComputeService]:
        """List Nova's services with their uuids (2.53)."""
        version = self._require(microversions.SERVICE_UUIDS, "the uuid of a compute service")
        listed = self._get("/os-services", version, {"host": host, "binary": binary}, long=host is None)
        return [ComputeService.from_json(service) for service in listed["services"]]

    def in_every_cell(self) -> tuple[list[ComputeService], frozenset[str]]:
        """List the compute services, and the hosts of those in cells that do not answer (2.69); before, these are
        missing."""
        if not self.session.offers("compute", microversions.PARTIAL_RESULTS):
            return self.all(), frozenset()
        every = {"binary": "nova-compute"}
        listed = self._get("/os-services", microversions.PARTIAL_RESULTS, every, long=True)["services"]
        shown = [ComputeService.from_json(service) for service in listed if "id" in service]
        return shown, frozenset(service["host"] for service in listed if "id" not in service)

    def get(self, host: str) -> ComputeService:
        """Return the compute service of a host. Raises CloudError when the host has none."""
        found = self.all(host=host)
        if not found:
            raise CloudError(f'cloud "{self.session.target.name}" has no compute service on host "{host}"')
        return found[0]

    def in_several_cells(self) -> bool:
        """Return whether services certainly belong to several cells: some share an id, which counts in each cell.

        Ids are numbers below 2.53. Which service is in which cell, no API shows.
        """
        ids = [service["id"] for service in self._get("/os-services")["services"]]
        return len(set(ids)) < len(ids)

    def enable(self, service_id: str) -> ComputeService:
        """Let the scheduler choose the service's host again."""
        return self._change(service_id, {"status": "enabled"})

    def disable(self, service_id: str, *, reason: str) -> ComputeService:
        """Keep the scheduler from choosing the service's host."""
        return self._change(service_id, {"status": "disabled", "disabled_reason": reason})

    def force_down(self, service_id: str, *, down: bool = True) -> ComputeService:
        """Force a service down without waiting for its heartbeat to time out, or undo that."""
        return self._change(service_id, {"forced_down": down})

    def delete(self, service_id: str) -> None:
        """Delete a compute service, its compute nodes and their resource providers; refused while servers are there."""
        version = self._require(microversions.SERVICE_UUIDS, "deleting a compute service by uuid")
        self._delete(f"/os-services/{service_id}", version)

    def _change(self, service_id: str, change: Mapping[str, Any]) -> ComputeService:
        version = self._require(microversions.SERVICE_UUIDS, "changing a compute service by uuid")
        reply = self.session.request(
            "PUT", "compute", f"/os-services/{service_id}", json=dict(change), microversion=version
        )
        return ComputeService.from_json(reply.body["service"])
