"""Migrations: moves of servers, and operations on live migrations in progress."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Self

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.replies import ApiError

MIGRATION_UNDER_WAY = frozenset(
    ("accepted", "queued", "preparing", "pre-migrating", "migrating", "post-migrating", "running", "reverting")
)
"""Statuses of a migration that has not ended (Nova, `objects.Migration`; API reference, "Migrations")."""


@dataclass(frozen=True)
class Migration:
    """One move of a server. `uuid` is also the consumer that holds the old flavor meanwhile; None before 2.59."""

    id: int
    uuid: str | None
    type: str | None
    status: str
    source: str | None
    dest: str | None
    server: str | None
    source_node: str | None = None
    dest_node: str | None = None
    created: str | None = None
    updated: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read one element of `GET /os-migrations` or of `GET /servers/{id}/migrations`."""
        return cls(
            id=body["id"],
            uuid=body.get("uuid"),
            type=body.get("migration_type"),
            status=body.get("status") or "unknown",
            source=body.get("source_compute"),
            dest=body.get("dest_compute"),
            server=body.get("instance_uuid") or body.get("server_uuid"),
            source_node=body.get("source_node"),
            dest_node=body.get("dest_node"),
            created=body.get("created_at"),
            updated=body.get("updated_at"),
        )

    @property
    def under_way(self) -> bool:
        """Whether it has not ended; an unconfirmed resize has ended as far as Nova's work is concerned."""
        return self.status in MIGRATION_UNDER_WAY

    @property
    def undecided(self) -> bool:
        """Whether it may have allocations in Placement: it is running, or an unconfirmed resize."""
        return self.under_way or self.status == "finished"

    def __str__(self) -> str:
        return f"{self.type or 'migration'} {self.status}, {self.source} to {self.dest}"


class Migrations(ComputeClient):
    """Migrations, as an administrator sees them."""

    def all(
        self,
        *,
        server_id: str | None = None,
        status: str | None = None,
        host: str | None = None,
        type: str | None = None,
        changed_since: datetime | None = None,
        as_consumers: bool = False,
    ) -> list[Migration]:
        """List migrations, latest first (for administrators): with uuids and page by page at 2.59, without at 2.23.

        `host` is the source or the destination. `changed_since`, a time with its zone, is not heeded before 2.59.
        Those of a deleted server are no longer listed. `as_consumers` asks for them to explain what Placement shows:
        Unverified if one may hold something there under an unknown uuid.
        """
        version = self.session.best("compute", *microversions.MIGRATIONS, what="the type of a migration")
        filters = {"instance_uuid": server_id, "status": status, "host": host, "migration_type": type}
        paged = version == microversions.MIGRATIONS[-1]  # before, Nova returns all at once, unordered
        filters |= {"changes-since": changed_since.isoformat()} if changed_since and paged else {}
        pages = self._pages("/os-migrations", "migrations", filters, version, marker="uuid", paged=paged)
        found = [Migration.from_json(migration) for migration in pages]
        if as_consumers and any(migration.undecided and migration.uuid is None for migration in found):
            self._require(microversions.MIGRATIONS[-1], "the uuid of a migration")
        return found if paged else sorted(found, key=lambda migration: migration.id, reverse=True)

    def live(self, server_id: str) -> list[Migration]:
        """List a server's live migrations that are in progress (2.23); their ids serve to abort them."""
        version = self.session.best("compute", *microversions.MIGRATIONS, what="the live migrations of a server")
        listed = self._get(f"/servers/{server_id}/migrations", version)
        return [Migration.from_json(migration) for migration in listed["migrations"]]

    def abort(self, server_id: str, migration_id: int) -> None:
        """Abort a live migration: a running one at 2.24, one that is queued or being prepared at 2.65."""
        version = self.session.best("compute", *microversions.ABORT, what="aborting a live migration")
        self._steer("DELETE", f"/servers/{server_id}/migrations/{migration_id}", version)

    def force_complete(self, server_id: str, migration_id: int) -> None:
        """End the copying of a running live migration by pausing the server (2.22)."""
        version = self._require(microversions.FORCE_COMPLETE, "forcing a live migration to complete")
        path = f"/servers/{server_id}/migrations/{migration_id}/action"
        self._steer("POST", path, version, {"force_complete": None})

    def _steer(self, method: str, path: str, version: str, body: Any = None) -> None:
        """Send a request to a running live migration; if it no longer runs at a repeated request, it has received the
        first."""
        try:
            self.session.request(method, "compute", path, json=body, microversion=version, repeatable=True)
        except ApiError as error:
            over = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
            if error.attempts == 1 or error.status not in over:
                raise
