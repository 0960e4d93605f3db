"""Host aggregates, which also make availability zones."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.replies import ApiError


@dataclass(frozen=True)
class HostAggregate:
    """A named group of hosts with metadata; `uuid` (2.41) is also its name in Placement."""

    id: int
    uuid: str | None
    name: str
    availability_zone: str | None
    hosts: tuple[str, ...]
    metadata: Mapping[str, str]

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read an `aggregate`."""
        return cls(
            id=body["id"],
            uuid=body.get("uuid"),
            name=body["name"],
            availability_zone=body.get("availability_zone"),
            hosts=tuple(body.get("hosts") or ()),
            metadata=dict(body.get("metadata") or {}),
        )


class Aggregates(ComputeClient):
    """The host aggregates of a cloud, for administrators."""

    def all(self) -> list[HostAggregate]:
        """List host aggregates (2.41 for their uuids)."""
        listed = self._get("/os-aggregates", microversions.AGGREGATE_UUIDS)["aggregates"]
        return [HostAggregate.from_json(aggregate) for aggregate in listed]

    def create(self, name: str, *, zone: str | None = None) -> HostAggregate:
        """Create an empty aggregate; its name is unique, so that it can be found if the response is lost."""
        body = {"aggregate": {"name": name, **({"availability_zone": zone} if zone else {})}}

        def send() -> HostAggregate:
            made = self._post("/os-aggregates", body, microversions.AGGREGATE_UUIDS).body["aggregate"]
            return HostAggregate.from_json(made)

        return self.session.exactly_once(
            send,
            lambda: next((found for found in self.all() if found.name == name), None),
            what=f'aggregate "{name}" to show after a lost answer',
        )

    def set_metadata(self, aggregate_id: int, metadata: Mapping[str, str]) -> None:
        """Set these keys of an aggregate's metadata."""
        self._act(aggregate_id, {"set_metadata": {"metadata": dict(metadata)}})

    def add_host(self, aggregate_id: int, host: str) -> None:
        """Add a host to an aggregate."""
        self._act(aggregate_id, {"add_host": {"host": host}}, done=HTTPStatus.CONFLICT)

    def remove_host(self, aggregate_id: int, host: str) -> None:
        """Remove a host from an aggregate."""
        self._act(aggregate_id, {"remove_host": {"host": host}}, done=HTTPStatus.NOT_FOUND)

    def delete(self, aggregate_id: int) -> None:
        """Delete an aggregate, which must be empty."""
        self._delete(f"/os-aggregates/{aggregate_id}")

    def _act(self, aggregate_id: int, body: Mapping[str, Any], *, done: int | None = None) -> None:
        """Change an aggregate; `done` is the status of a repeated request that had already succeeded."""
        path = f"/os-aggregates/{aggregate_id}/action"
        try:
            self.session.request("POST", "compute", path, json=dict(body), repeatable=True)
        except ApiError as error:
            if error.attempts == 1 or error.status != done:
                raise
