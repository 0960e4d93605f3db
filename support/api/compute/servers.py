"""Servers: created, found, listed and deleted."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.compute.instance_actions import InstanceActions
from stocktake.support.api.compute.requests import BootRequest
from stocktake.support.api.compute.server_actions import ServerActions
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.services import Services
from stocktake.support.api.replies import SETTLING_AFTER_TIMEOUT, ApiError, none_if_missing
from stocktake.support.api.session import Session


class Accepted(NamedTuple):
    """What Nova accepted: the server's id, and the request under which its action is recorded.

    `request_id` is None when the response was lost and Nova has not recorded an action, as for a server that never
    reached a host.
    """

    id: str
    request_id: str | None


class Servers(ComputeClient):
    """The servers of a project; host names and lists of all projects are for administrators."""

    def __init__(self, session: Session, actions: ServerActions, instance_actions: InstanceActions, services: Services):
        super().__init__(session)
        self._actions = actions
        self._instance_actions = instance_actions
        self._services = services

    def create(self, request: BootRequest) -> Accepted:
        """Boot a server (Servers, "Create server")."""
        document, version = self._boot_document(request)

        def send() -> Accepted:
            reply = self._post("/servers", document, version)
            return Accepted(reply.body["server"]["id"], reply.request_id)

        def find() -> Accepted | None:
            found = self.named(request.name)
            return Accepted(found[0].id, self._instance_actions.creation_of(found[0].id)) if found else None

        accepted = self.session.exactly_once(send, find, what=f'server "{request.name}" to show after a lost answer')
        if accepted.request_id is None:  # the server was found before Nova had recorded its creation
            request_id = self.session.look_for(
                lambda: self._instance_actions.creation_of(accepted.id),
                within=SETTLING_AFTER_TIMEOUT,
                what=f'"{request.name}" to have an action',
            )
            return Accepted(accepted.id, request_id)
        return accepted

    def create_together(self, request: BootRequest, count: int) -> str:
        """Boot `count` servers in one request, named NAME-1 and so on, and return their reservation id."""
        document, version = self._boot_document(request)
        document["server"] |= {"min_count": count, "max_count": count, "return_reservation_id": True}
        pattern = f"^{re.escape(request.name)}(-[0-9]+)?$"

        def send() -> str:
            return str(self._post("/servers", document, version).body["reservation_id"])

        def find() -> str | None:
            listed = self._servers_json({"name": pattern}, microversions.RESERVATION_IN_SERVER)
            return next((server["OS-EXT-SRV-ATTR:reservation_id"] for server in listed), None)

        return self.session.exactly_once(send, find, what=f'servers "{request.name}-…" to show after a lost answer')

    def get(self, server_id: str) -> Server:
        """Return a server ("Show server details", 2.47). Raises ApiError 404 once it is deleted."""
        return Server.from_json(self._get(f"/servers/{server_id}", microversions.FLAVOR_IN_SERVER)["server"])

    def find(self, server_id: str) -> Server | None:
        """Return a server, None when it does not exist (any more)."""
        return none_if_missing(lambda: self.get(server_id))

    def all(
        self,
        *,
        name: str | None = None,
        host: str | None = None,
        status: str | None = None,
        reservation_id: str | None = None,
        all_projects: bool = False,
        deleted: bool = False,
        changed_since: datetime | None = None,
    ) -> list[Server]:
        """List servers ("List servers detailed", 2.47), all pages. `name` is a regular expression, as Nova takes it.

        `all_projects` and `deleted` are for administrators. `changed_since`, a time with its zone, also finds
        servers that were deleted since.
        """
        filters = {
            "name": name,
            "host": host,
            "status": status,
            "reservation_id": reservation_id,
            "all_tenants": "1" if all_projects else None,
            "deleted": "true" if deleted else None,
            "changes-since": changed_since.isoformat() if changed_since else None,
        }
        return [Server.from_json(server) for server in self._servers_json(filters, microversions.FLAVOR_IN_SERVER)]

    def of_every_project(self) -> Iterator[Server]:
        """Yield the servers of all projects, page by page as they are read, for administrators."""
        filters = {"all_tenants": "1"}
        return (Server.from_json(server) for server in self._servers_json(filters, microversions.FLAVOR_IN_SERVER))

    def soft_deleted(self) -> list[Server]:
        """List the servers of all projects that wait to be reclaimed or restored, which other lists leave out."""
        filters = {"all_tenants": "1", "deleted": "true", "status": "SOFT_DELETED"}
        return [Server.from_json(server) for server in self._servers_json(filters, microversions.FLAVOR_IN_SERVER)]

    def find_in_any_cell(self, server_id: str) -> Server | None:
        """Return a server, None when Nova has none of that id.

        One of a cell that does not answer is returned without host and name, in status UNKNOWN (2.69); before, Nova
        answers 500, which raises ApiError.
        """
        partial = self.session.offers("compute", microversions.PARTIAL_RESULTS)
        version = microversions.PARTIAL_RESULTS if partial else microversions.FLAVOR_IN_SERVER
        found = none_if_missing(lambda: self._get(f"/servers/{server_id}", version)["server"])
        return Server.from_json(found) if found else None

    def addresses(self, server_id: str) -> frozenset[str]:
        """Return the IP addresses of a server, as Nova remembers them ("List Ips"). Raises ApiError 404."""
        listed = self._get(f"/servers/{server_id}/ips")["addresses"].values()
        return frozenset(address["addr"] for addresses in listed for address in addresses)

    def named(self, name: str) -> list[Server]:
        """Return the servers of exactly that name, in this project."""
        return [server for server in self.all(name=f"^{re.escape(name)}$") if server.name == name]

    def delete(self, server_id: str, *, known: bool = True) -> str | None:
        """Delete a server; return the request id, or None when it was already gone at a repeated request.

        `known` is False for users that cannot see the server: then a repeated request finds nothing because it is
        refused.

        Where deleted servers can be restored, a second request that meets the first one halfway leaves the server
        between the two states for good: so a lost answer is looked for like that of any other action.
        """
        sent = 0

        def send() -> str | None:
            nonlocal sent
            sent += 1
            ok = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND) if sent > 1 and known else None
            reply = self.session.request("DELETE", "compute", f"/servers/{server_id}", repeatable=False, ok=ok)
            return None if reply.status == HTTPStatus.NOT_FOUND else reply.request_id

        return self._instance_actions.once(server_id, "delete", send)

    def delete_whatever_it_takes(self, server_id: str) -> str:
        """Delete a server at once; if Nova refuses or fails to delete it, reset it to ERROR first.

        Nova refuses what is in the middle of something, and confirms an unconfirmed move first, at which its old host
        may fail. What such a move holds is then not freed by Nova. Raises ApiError 404 when it is gone.
        """
        try:
            return self._actions.force_delete(server_id)
        except ApiError as error:
            if error.status not in (HTTPStatus.CONFLICT, HTTPStatus.INTERNAL_SERVER_ERROR):
                raise
        self._actions.reset_state(server_id, "error")
        return self._actions.force_delete(server_id)

    def _servers_json(self, filters: Mapping[str, Any], version: str) -> Iterator[dict[str, Any]]:
        return self._pages("/servers/detail", "servers", filters, version)

    def _boot_document(self, request: BootRequest) -> tuple[dict[str, Any], str]:
        """Return the document of a boot request and the least microversion that understands it."""
        version = self._require(microversions.NETWORKS_NONE, "booting a server without a network")
        networks: Any = request.networks if request.networks in ("none", "auto") else [{"uuid": request.networks}]
        if request.port_id is not None:
            version = self._require(microversions.PORT_WITH_REQUEST, "booting a server with a guaranteed port")
            networks = [{"port": request.port_id}]
        body: dict[str, Any] = {
            "name": request.name,
            "flavorRef": request.flavor_id,
            "networks": networks,
        }
        zone = request.zone
        if request.host is not None and self.session.offers("compute", microversions.HOST_IN_BOOT):
            version = microversions.HOST_IN_BOOT
            body["host"] = request.host
        elif request.host is not None:
            zone = f"{zone or self._services.get(request.host).zone}:{request.host}"
        root = _root_volume(request)
        optional = {
            "imageRef": None if root else request.image_id,
            "availability_zone": zone,
            "metadata": dict(request.metadata),
            "block_device_mapping_v2": [root] if root else None,
        }
        hints = {"os:scheduler_hints": dict(request.hints)} if request.hints else {}
        return {"server": body | {key: value for key, value in optional.items() if value}, **hints}, version


def _root_volume(request: BootRequest) -> dict[str, Any] | None:
    """Return the block device of a server that boots from a volume; None of one that does not."""
    if request.volume_id:
        source = {"source_type": "volume", "uuid": request.volume_id, "delete_on_termination": request.volume_ends}
    elif request.volume_size:
        source = {
            "source_type": "image",
            "uuid": request.image_id,
            "volume_size": request.volume_size,
            "delete_on_termination": True,
        }
    else:
        return None
    return {"boot_index": 0, "destination_type": "volume", **source}
