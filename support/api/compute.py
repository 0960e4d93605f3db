"""Nova over HTTP: servers and what is done to them, flavors, migrations, services, hypervisors, aggregates.

Every method asks for the least microversion that offers what it needs, named and explained in `versions` where it is
above 2.1; section names in docstrings are those of the Compute API reference. What a cloud's Nova is too old (or too
new) for raises Unverified. Everything else that Nova refuses raises ApiError with Nova's own message.

Actions return the request id under which Nova recorded them, which is how their instance action is found.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api import microversions
from stocktake.support.api.replies import (
    BAD_REQUEST,
    CONFLICT,
    FAILED,
    NO_CONTENT,
    NOT_FOUND,
    SETTLING_AFTER_TIMEOUT,
    ApiError,
    Reply,
)
from stocktake.support.api.session import Session
from stocktake.support.api.values import (
    Action,
    AvailabilityZone,
    ComputeService,
    HostAggregate,
    Hypervisor,
    Migration,
    Server,
    flavor_from_json,
)
from stocktake.support.errors import CloudError

T = TypeVar("T")


PAGE = 1000
"""Elements asked for at once; Nova's own limit is 1000 unless an operator lowered it."""


class Accepted(NamedTuple):
    """What Nova agreed to make: the server's id, and the request under which its action is recorded.

    `request_id` is None when the answer was lost and Nova has not recorded an action either, as for a server that
    never reached a host.
    """

    id: str
    request_id: str | None


class Compute:
    """The compute API of one cloud, as the user of the session. Host names and all-project lists are for admins."""

    def __init__(self, session: Session):
        self.session = session

    # Servers

    def create_server(
        self,
        name: str,
        flavor_id: str,
        *,
        image_id: str | None = None,
        networks: str = "none",
        host: str | None = None,
        zone: str | None = None,
        block_devices: Sequence[Mapping[str, Any]] = (),
        metadata: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Accepted:
        """Boot a server (Servers, "Create server"). The name must be unused: a lost answer is found by it.

        `networks` is "none", "auto" or the id of a network. `host` places the server, through the scheduler where
        Nova offers that (2.74), by the zone form that bypasses its filters before. `block_devices` are
        block_device_mapping_v2 entries, see `root_volume` and `new_root_volume`; `extra` are further fields of the
        request.
        """
        body, version = self._boot_request(name, flavor_id, image_id, networks, host, zone)
        if block_devices:
            body["block_device_mapping_v2"] = [dict(device) for device in block_devices]
            if any("volume_type" in device for device in block_devices) and version == microversions.NETWORKS_NONE:
                version = self.session.require(
                    "compute", microversions.VOLUME_TYPE_IN_BOOT, what="a volume type in a boot request"
                )
        body.update({"metadata": dict(metadata)} if metadata else {}, **(extra or {}))

        def send() -> Accepted:
            reply = self._post("/servers", {"server": body}, version)
            return Accepted(reply.body["server"]["id"], reply.request_id)

        def find() -> Accepted | None:
            found = self.find_servers(name)
            return Accepted(found[0].id, self._creation_of(found[0].id)) if found else None

        accepted = self.session.exactly_once(send, find, what=f'server "{name}" to show after a lost answer')
        if accepted.request_id is None:  # the server was found before Nova had recorded its creation
            request_id = self.session.look_for(
                lambda: self._creation_of(accepted.id),
                within=SETTLING_AFTER_TIMEOUT,
                what=f'"{name}" to have an action',
            )
            return Accepted(accepted.id, request_id)
        return accepted

    def create_servers(
        self,
        name: str,
        flavor_id: str,
        count: int,
        *,
        image_id: str | None = None,
        networks: str = "none",
        host: str | None = None,
        zone: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Boot several servers in one request, named NAME-1 to NAME-n, and return their reservation id.

        Options are those of `create_server`. List the servers with `servers(reservation_id=...)`.
        """
        body, version = self._boot_request(name, flavor_id, image_id, networks, host, zone)
        body |= {"min_count": count, "max_count": count, "return_reservation_id": True}
        body |= {"metadata": dict(metadata)} if metadata else {}

        def send() -> str:
            return str(self._post("/servers", {"server": body}, version).body["reservation_id"])

        def find() -> str | None:
            listed = self._servers_json({"name": f"^{re.escape(name)}(-[0-9]+)?$"}, microversions.RESERVATION_IN_SERVER)
            return next((server["OS-EXT-SRV-ATTR:reservation_id"] for server in listed), None)

        return self.session.exactly_once(send, find, what=f'servers "{name}-…" to show after a lost answer')

    def get_server(self, server_id: str) -> Server:
        """Return a server ("Show server details", 2.47). Raises ApiError 404 once it is deleted."""
        return Server.from_json(self._get(f"/servers/{server_id}", microversions.FLAVOR_IN_SERVER)["server"])

    def find_server(self, server_id: str) -> Server | None:
        """Return a server, None when there is no such server (any more)."""
        return _or_none(lambda: self.get_server(server_id))

    def servers(
        self,
        *,
        name: str | None = None,
        host: str | None = None,
        status: str | None = None,
        reservation_id: str | None = None,
        all_projects: bool = False,
        deleted: bool = False,
    ) -> list[Server]:
        """List servers ("List servers detailed", 2.47), all pages. `name` is a regular expression, as Nova takes it.

        `all_projects` and `deleted` are for administrators.
        """
        filters = {
            "name": name,
            "host": host,
            "status": status,
            "reservation_id": reservation_id,
            "all_tenants": "1" if all_projects else None,
            "deleted": "true" if deleted else None,
        }
        return [Server.from_json(server) for server in self._servers_json(filters, microversions.FLAVOR_IN_SERVER)]

    def find_servers(self, name: str) -> list[Server]:
        """Return the servers of exactly that name, in this project."""
        return [server for server in self.servers(name=f"^{re.escape(name)}$") if server.name == name]

    def delete_server(self, server_id: str, *, known: bool = True) -> str | None:
        """Delete a server; return the request id, or None when it was gone already at a repeated request.

        `known` is False for who is not shown that server: then a repeated request finds nothing because it is refused.

        Where deleted servers can be restored, a second request that meets the first one halfway leaves the server
        between the two states for good: so a lost answer is looked for like that of any other action.
        """
        sent = 0

        def send() -> str | None:
            nonlocal sent
            sent += 1
            ok = (NO_CONTENT, NOT_FOUND) if sent > 1 and known else None
            reply = self.session.request("DELETE", "compute", f"/servers/{server_id}", repeatable=False, ok=ok)
            return None if reply.status == NOT_FOUND else reply.request_id

        return self._recorded(server_id, "delete", send)

    def force_delete(self, server_id: str) -> str:
        """Delete a server at once, whatever its state and without soft deletion ("Force-Delete Server")."""
        return self._act(server_id, "forceDelete", None, recorded="delete")

    def delete_whatever_it_takes(self, server_id: str) -> str:
        """Delete a server at once; one that Nova refuses or fails to delete as it is, is declared broken before.

        Nova refuses what is in the middle of something, and confirms an undecided move first, at which its old host
        may fail. What such a move holds is then not freed by Nova. Raises ApiError 404 when it is gone.
        """
        try:
            return self.force_delete(server_id)
        except ApiError as error:
            if error.status not in (CONFLICT, FAILED):
                raise
        self.reset_state(server_id, "error")
        return self.force_delete(server_id)

    def restore(self, server_id: str) -> str:
        """Bring a soft-deleted server back ("Restore Soft-Deleted Instance")."""
        return self._act(server_id, "restore", None)

    def update_metadata(self, server_id: str, metadata: Mapping[str, str]) -> None:
        """Add or change metadata of a server; other keys stay."""
        body = {"metadata": dict(metadata)}
        self.session.request("POST", "compute", f"/servers/{server_id}/metadata", json=body, repeatable=True)

    # Server actions

    def resize(self, server_id: str, flavor_id: str) -> str:
        """Ask for another flavor; the server ends in VERIFY_RESIZE."""
        return self._act(server_id, "resize", {"flavorRef": flavor_id})

    def confirm_resize(self, server_id: str) -> str:
        """Keep the new flavor or host."""
        return self._act(server_id, "confirmResize", None)

    def revert_resize(self, server_id: str) -> str:
        """Go back to the old flavor or host."""
        return self._act(server_id, "revertResize", None)

    def migrate(self, server_id: str, *, host: str | None = None) -> str:
        """Move a server, stopped meanwhile (cold migration); naming the host needs 2.56."""
        if host is None:
            return self._act(server_id, "migrate", None)
        version = self._require(microversions.HOST_IN_MIGRATE, "cold migration to a named host")
        return self._act(server_id, "migrate", {"host": host}, version)

    def live_migrate(self, server_id: str, *, host: str | None = None, force: bool = False) -> str:
        """Move a running server. 2.34, so that checks run in the background and their failure shows as the action's.

        `force` goes to the host without asking the scheduler; possible up to 2.67.
        """
        version = self._require(microversions.LIVE_MIGRATION, "live migration")
        body: dict[str, Any] = {"host": host, "block_migration": "auto"}
        return self._act(server_id, "os-migrateLive", body | _forced(force), version, recorded="live-migration")

    def abort_live_migration(self, server_id: str, migration_id: int) -> None:
        """Abort a live migration: a running one at 2.24, one that is queued or being prepared at 2.65."""
        version = self.session.best("compute", *microversions.ABORT, what="aborting a live migration")
        self._steer("DELETE", f"/servers/{server_id}/migrations/{migration_id}", version)

    def force_complete(self, server_id: str, migration_id: int) -> None:
        """End the copying of a running live migration by pausing the server (2.22)."""
        version = self._require(microversions.FORCE_COMPLETE, "forcing a live migration to complete")
        path = f"/servers/{server_id}/migrations/{migration_id}/action"
        self._steer("POST", path, version, {"force_complete": None})

    def evacuate(
        self,
        server_id: str,
        *,
        host: str | None = None,
        force: bool = False,
        stopped: bool = False,
        version: str | None = None,
    ) -> str:
        """Rebuild a server of a dead host elsewhere.

        At 2.29 the scheduler checks a named host, and with `force` (up to 2.67) does not. The server arrives in the
        state it was in; with `stopped` (2.95) it stays stopped at the destination. `version` asks at another one.
        """
        version = self._require(version or microversions.EVACUATION, "evacuation")
        if stopped:
            version = self._require(microversions.EVACUATION_STOPPED, "evacuation that leaves the server stopped")
        body = {"host": host} if host else {}
        return self._act(server_id, "evacuate", body | _forced(force), version)

    def shelve(self, server_id: str) -> str:
        """Put a server aside; Nova offloads it from its host at once or after a configured time."""
        return self._act(server_id, "shelve", None)

    def shelve_offload(self, server_id: str) -> str:
        """Take a shelved server off its host."""
        return self._act(server_id, "shelveOffload", None, recorded="shelveOffload")

    def unshelve(self, server_id: str, *, host: str | None = None, zone: str | None = None) -> str:
        """Bring a shelved server back; a named zone needs 2.77, a named host 2.91."""
        if host is not None:
            version: str | None = self._require(microversions.HOST_IN_UNSHELVE, "unshelving to a named host")
        else:
            version = self._require(microversions.ZONE_IN_UNSHELVE, "unshelving to a named zone") if zone else None
        wanted = {key: value for key, value in (("host", host), ("availability_zone", zone)) if value}
        return self._act(server_id, "unshelve", wanted or None, version)

    def start(self, server_id: str) -> str:
        """Start a stopped server."""
        return self._act(server_id, "os-start", None, recorded="start")

    def stop(self, server_id: str) -> str:
        """Stop a running server."""
        return self._act(server_id, "os-stop", None, recorded="stop")

    def reboot(self, server_id: str) -> str:
        """Reboot a server as if its power had been cut (a hard reboot)."""
        return self._act(server_id, "reboot", {"type": "HARD"})

    def pause(self, server_id: str) -> str:
        """Stop a server's processors, its memory kept."""
        return self._act(server_id, "pause", None)

    def suspend(self, server_id: str) -> str:
        """Stop a server with its memory saved to disk."""
        return self._act(server_id, "suspend", None)

    def rescue(self, server_id: str) -> str:
        """Boot a server from a rescue image, beside its own disk."""
        return self._act(server_id, "rescue", None)

    def rebuild(self, server_id: str, image_id: str) -> str:
        """Build a server anew from an image, on the same host."""
        return self._act(server_id, "rebuild", {"imageRef": image_id})

    def reset_state(self, server_id: str, state: str) -> None:
        """Set a server's status to "active" or "error" without doing anything to it (for administrators)."""
        body = {"os-resetState": {"state": state}}
        self.session.request("POST", "compute", f"/servers/{server_id}/action", json=body, repeatable=True)

    # What was done to a server

    def actions(self, server_id: str) -> list[Action]:
        """List a server's actions without events, latest first; also of a deleted server (2.21)."""
        listed = self._get(f"/servers/{server_id}/os-instance-actions", microversions.ACTIONS_OF_DELETED)
        return [Action.from_json(action) for action in listed["instanceActions"]]

    def action(self, server_id: str, request_id: str) -> Action:
        """Return an action with its events.

        At 2.84 where offered, which tells why an event failed; at 2.62 the events name their host, at 2.51 not.
        """
        version = self.session.best("compute", *microversions.EVENTS, what="events of an instance action")
        found = self._get(f"/servers/{server_id}/os-instance-actions/{request_id}", version)
        return Action.from_json(found["instanceAction"])

    def find_action(self, server_id: str, request_id: str) -> Action | None:
        """Return an action with its events, None while Nova has not recorded it."""
        return _or_none(lambda: self.action(server_id, request_id))

    def migrations(
        self,
        *,
        server_id: str | None = None,
        status: str | None = None,
        host: str | None = None,
        type: str | None = None,
        as_consumers: bool = False,
    ) -> list[Migration]:
        """List migrations, latest first (for administrators): with uuids and page by page at 2.59, without at 2.23.

        `host` is the source or the destination. Those of a deleted server are not listed any more. `as_consumers`
        asks for them to explain what Placement shows: Unverified if one may hold something there under a uuid untold.
        """
        version = self.session.best("compute", *microversions.MIGRATIONS, what="the type of a migration")
        filters = {"instance_uuid": server_id, "status": status, "host": host, "migration_type": type}
        paged = version == microversions.MIGRATIONS[-1]  # before, Nova gives all at once, in no order
        pages = self._pages("/os-migrations", "migrations", filters, version, marker="uuid", paged=paged)
        found = [Migration.from_json(migration) for migration in pages]
        if as_consumers and any(migration.undecided and migration.uuid is None for migration in found):
            self._require(microversions.MIGRATIONS[-1], "the uuid of a migration")
        return found if paged else sorted(found, key=lambda migration: migration.id, reverse=True)

    def live_migrations(self, server_id: str) -> list[Migration]:
        """List a server's live migrations that are in progress (2.23); their ids serve to abort them."""
        version = self.session.best("compute", *microversions.MIGRATIONS, what="the live migrations of a server")
        listed = self._get(f"/servers/{server_id}/migrations", version)
        return [Migration.from_json(migration) for migration in listed["migrations"]]

    # Flavors

    def create_flavor(self, flavor: Flavor, *, public: bool = True) -> Flavor:
        """Create a flavor and its extra specs; return it with its id (chosen here unless the value has one).

        The id makes a repeated request harmless: it is taken, so the flavor is there.
        """
        flavor_id = flavor.id or str(uuid4())
        body = {
            "id": flavor_id,
            "name": flavor.name,
            "vcpus": flavor.vcpus,
            "ram": flavor.ram,
            "disk": flavor.disk,
            "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral,
            "swap": flavor.swap,
            "os-flavor-access:is_public": public,
        }
        self.session.exactly_once(
            lambda: self._post("/flavors", {"flavor": body}).body,
            lambda: _or_none(lambda: self._get(f"/flavors/{flavor_id}")),
            what=f'flavor "{flavor.name}" to show after a lost answer',
        )
        if flavor.extra_specs:
            self.set_extra_specs(flavor_id, flavor.extra_specs)
        return Flavor(
            name=flavor.name,
            vcpus=flavor.vcpus,
            ram=flavor.ram,
            disk=flavor.disk,
            ephemeral=flavor.ephemeral,
            swap=flavor.swap,
            extra_specs=flavor.extra_specs,
            id=flavor_id,
        )

    def set_extra_specs(self, flavor_id: str, extra_specs: Mapping[str, str]) -> None:
        """Add or change extra specs of a flavor; others stay. Servers keep those they were made with."""
        body = {"extra_specs": dict(extra_specs)}
        self.session.request("POST", "compute", f"/flavors/{flavor_id}/os-extra_specs", json=body, repeatable=True)

    def get_flavor(self, flavor_id: str) -> Flavor:
        """Return a flavor with its extra specs: in one request at 2.61, in two before."""
        if self.session.offers("compute", microversions.FLAVOR_WITH_EXTRA_SPECS):
            return flavor_from_json(self._get(f"/flavors/{flavor_id}", microversions.FLAVOR_WITH_EXTRA_SPECS)["flavor"])
        specs = self._get(f"/flavors/{flavor_id}/os-extra_specs")
        return flavor_from_json({**self._get(f"/flavors/{flavor_id}")["flavor"], **specs})

    def flavors(self, *, only_public: bool = False) -> list[Flavor]:
        """List flavors, private ones included unless `only_public`; with extra specs from 2.61, without before."""
        with_specs = self.session.offers("compute", microversions.FLAVOR_WITH_EXTRA_SPECS)
        version = microversions.FLAVOR_WITH_EXTRA_SPECS if with_specs else None
        filters = {} if only_public else {"is_public": "None"}
        return [flavor_from_json(f) for f in self._pages("/flavors/detail", "flavors", filters, version)]

    def find_flavor(self, name: str) -> Flavor | None:
        """Return the flavor of that name, None when there is none. Nova cannot search: this lists all flavors."""
        return next((flavor for flavor in self.flavors() if flavor.name == name), None)

    def delete_flavor(self, flavor_id: str) -> None:
        """Delete a flavor; servers made of it stay. One that is not there is fine."""
        self.session.request("DELETE", "compute", f"/flavors/{flavor_id}", ok=(202, NOT_FOUND))

    # Services and hosts

    def services(self, *, host: str | None = None, binary: str | None = "nova-compute") -> list[ComputeService]:
        """List Nova's services with their uuids (2.53)."""
        version = self._require(microversions.SERVICE_UUIDS, "the uuid of a compute service")
        listed = self._get("/os-services", version, {"host": host, "binary": binary})
        return [ComputeService.from_json(service) for service in listed["services"]]

    def service(self, host: str) -> ComputeService:
        """Return the compute service of a host. Raises CloudError when the host has none."""
        found = self.services(host=host)
        if not found:
            raise CloudError(f'cloud "{self.session.target.name}" has no compute service on host "{host}"')
        return found[0]

    def enable_service(self, service_id: str) -> ComputeService:
        """Let the scheduler choose the service's host again."""
        return self._change_service(service_id, {"status": "enabled"})

    def disable_service(self, service_id: str, *, reason: str) -> ComputeService:
        """Keep the scheduler from choosing the service's host."""
        return self._change_service(service_id, {"status": "disabled", "disabled_reason": reason})

    def force_down(self, service_id: str, *, down: bool = True) -> ComputeService:
        """Declare a service dead without waiting for its heartbeat to time out, or take that back."""
        return self._change_service(service_id, {"forced_down": down})

    def delete_service(self, service_id: str) -> None:
        """Delete a compute service, its compute nodes and their resource providers; refused while servers are there."""
        version = self._require(microversions.SERVICE_UUIDS, "deleting a compute service by uuid")
        self._delete(f"/os-services/{service_id}", version)

    def hypervisors(self, *, hostname: str | None = None) -> list[Hypervisor]:
        """List compute nodes with their usage figures, at 2.53, which every Nova up to now still answers.

        `hostname` is part of a hypervisor's hostname. None found is an empty list.
        """
        version = self._require(microversions.HYPERVISOR_UUIDS, "the usage figures of a hypervisor by uuid")
        try:
            filters = {"hypervisor_hostname_pattern": hostname}
            listed = list(self._pages("/os-hypervisors/detail", "hypervisors", filters, version, paged=not hostname))
        except ApiError as error:
            if error.status == NOT_FOUND and hostname:
                return []
            raise
        return [Hypervisor.from_json(hypervisor) for hypervisor in listed]

    def hypervisor(self, hypervisor_id: str) -> Hypervisor:
        """Return one compute node by uuid, with its usage figures (2.53)."""
        version = self._require(microversions.HYPERVISOR_UUIDS, "the usage figures of a hypervisor by uuid")
        return Hypervisor.from_json(self._get(f"/os-hypervisors/{hypervisor_id}", version)["hypervisor"])

    def hypervisors_of(self, host: str) -> list[Hypervisor]:
        """Return the compute nodes of a compute service's host, usually one.

        Asks for nodes named like the host, and for all only when there is none: a host's node may be named otherwise.
        """
        named = [node for node in self.hypervisors(hostname=host) if node.host == host]
        return named or [node for node in self.hypervisors() if node.host == host]

    def availability_zones(self) -> list[AvailabilityZone]:
        """List zones with their hosts (for administrators)."""
        listed = self._get("/os-availability-zone/detail")["availabilityZoneInfo"]
        return [AvailabilityZone.from_json(zone) for zone in listed]

    # Aggregates

    def aggregates(self) -> list[HostAggregate]:
        """List host aggregates (2.41 for their uuids)."""
        listed = self._get("/os-aggregates", microversions.AGGREGATE_UUIDS)["aggregates"]
        return [HostAggregate.from_json(aggregate) for aggregate in listed]

    def create_aggregate(self, name: str, *, zone: str | None = None) -> HostAggregate:
        """Create an empty aggregate; its name is unique, so a lost answer is found by it."""
        body = {"aggregate": {"name": name, **({"availability_zone": zone} if zone else {})}}

        def send() -> HostAggregate:
            made = self._post("/os-aggregates", body, microversions.AGGREGATE_UUIDS).body["aggregate"]
            return HostAggregate.from_json(made)

        return self.session.exactly_once(
            send,
            lambda: next((found for found in self.aggregates() if found.name == name), None),
            what=f'aggregate "{name}" to show after a lost answer',
        )

    def add_to_aggregate(self, aggregate_id: int, host: str) -> None:
        """Put a host into an aggregate."""
        self._aggregate_action(aggregate_id, {"add_host": {"host": host}}, done=CONFLICT)

    def remove_from_aggregate(self, aggregate_id: int, host: str) -> None:
        """Take a host out of an aggregate."""
        self._aggregate_action(aggregate_id, {"remove_host": {"host": host}}, done=NOT_FOUND)

    def set_aggregate_metadata(self, aggregate_id: int, metadata: Mapping[str, str | None]) -> None:
        """Add or change metadata; None removes a key."""
        body = {"set_metadata": {"metadata": dict(metadata)}}
        self.session.request("POST", "compute", f"/os-aggregates/{aggregate_id}/action", json=body, repeatable=True)

    def delete_aggregate(self, aggregate_id: int) -> None:
        """Delete an aggregate, which must be empty."""
        self._delete(f"/os-aggregates/{aggregate_id}")

    # Quotas

    def quotas(self, project_id: str) -> dict[str, int]:
        """Return the limits of a project; -1 is unlimited."""
        found = self._get(f"/os-quota-sets/{project_id}")["quota_set"]
        return {name: limit for name, limit in found.items() if isinstance(limit, int)}

    def set_quotas(self, project_id: str, **limits: int) -> None:
        """Change limits of a project, for instance cores=-1, ram=-1 (MB), instances=-1."""
        body = {"quota_set": {"force": True, **limits}}
        self.session.request("PUT", "compute", f"/os-quota-sets/{project_id}", json=body)

    def reset_quotas(self, project_id: str) -> None:
        """Let a project have the limits that every project has; one without limits of its own is fine."""
        self.session.request("DELETE", "compute", f"/os-quota-sets/{project_id}")

    def limits(self) -> dict[str, int]:
        """Return the absolute limits of this project and what is used of them (maxTotalCores, totalCoresUsed …)."""
        return dict(self._get("/limits")["limits"]["absolute"])

    # How requests are made

    def _require(self, version: str, what: str) -> str:
        return self.session.require("compute", version, what=what)

    def _get(self, path: str, version: str | None = None, params: Mapping[str, Any] | None = None) -> Any:
        return self.session.get("compute", path, microversion=version, params=params)

    def _post(self, path: str, body: Any, version: str | None = None) -> Reply:
        return self.session.request("POST", "compute", path, json=body, microversion=version)

    def _delete(self, path: str, version: str | None = None) -> None:
        self.session.request("DELETE", "compute", path, microversion=version)

    def _pages(
        self,
        path: str,
        key: str,
        filters: Mapping[str, Any],
        version: str | None,
        *,
        marker: str = "id",
        paged: bool = True,
    ) -> Iterator[dict[str, Any]]:
        """Yield the elements of a list page by page, as long as the API links to a next one."""
        params: dict[str, Any] = {**filters, "limit": PAGE} if paged else dict(filters)
        while True:
            page = self._get(path, version, params)
            yield from page[key]
            if not page.get(f"{key}_links") or not page[key]:
                return
            params["marker"] = page[key][-1][marker]

    def _servers_json(self, filters: Mapping[str, Any], version: str) -> Iterator[dict[str, Any]]:
        return self._pages("/servers/detail", "servers", filters, version)

    def _boot_request(
        self,
        name: str,
        flavor_id: str,
        image_id: str | None,
        networks: str,
        host: str | None,
        zone: str | None,
    ) -> tuple[dict[str, Any], str]:
        """Return the body of a boot request and the least microversion that understands it."""
        version = self._require(microversions.NETWORKS_NONE, "booting a server without a network")
        body: dict[str, Any] = {
            "name": name,
            "flavorRef": flavor_id,
            "networks": networks if networks in ("none", "auto") else [{"uuid": networks}],
        }
        if image_id is not None:
            body["imageRef"] = image_id
        if host is not None and self.session.offers("compute", microversions.HOST_IN_BOOT):
            version = microversions.HOST_IN_BOOT
            body["host"] = host
        elif host is not None:
            zone = f"{zone or self.service(host).zone}:{host}"
        if zone is not None:
            body["availability_zone"] = zone
        return body, version

    def _act(
        self, server_id: str, action: str, body: Any, version: str | None = None, *, recorded: str | None = None
    ) -> str:
        """Do something to a server once, and return the request id it is recorded under.

        `recorded` is the action's name in the server's record, if that is another.
        """

        def send() -> str:
            return self._post(f"/servers/{server_id}/action", {action: body}, version).request_id or ""

        return self._recorded(server_id, recorded or action, send) or ""

    def _recorded(self, server_id: str, action: str, send: Callable[[], str | None]) -> str | None:
        """Do something to a server once; `send` returns the request id, or None if the server was gone.

        If the answer is lost, the server's own record tells whether the request arrived: an action of that name whose
        request nobody has answered to this session.
        """

        def find() -> str | None:
            recorded = _or_none(lambda: self.actions(server_id)) or ()  # Nova forgets even those of some that are gone
            return next(
                (
                    done.request_id
                    for done in recorded
                    if done.action == action and done.request_id not in self.session.request_ids
                ),
                None,
            )

        what = f"{action} of server {server_id} to show after a lost answer"
        request_id = self.session.exactly_once(send, find, what=what)
        if request_id is not None:
            self.session.request_ids.add(request_id)
        return request_id

    def _steer(self, method: str, path: str, version: str, body: Any = None) -> None:
        """Tell a running live migration something; one that no longer runs when it is told again has obeyed."""
        try:
            self.session.request(method, "compute", path, json=body, microversion=version, repeatable=True)
        except ApiError as error:
            if error.attempts == 1 or error.status not in (BAD_REQUEST, NOT_FOUND, CONFLICT):
                raise

    def _creation_of(self, server_id: str) -> str | None:
        return next((action.request_id for action in self.actions(server_id) if action.action == "create"), None)

    def _change_service(self, service_id: str, change: Mapping[str, Any]) -> ComputeService:
        version = self._require(microversions.SERVICE_UUIDS, "changing a compute service by uuid")
        reply = self.session.request(
            "PUT", "compute", f"/os-services/{service_id}", json=dict(change), microversion=version
        )
        return ComputeService.from_json(reply.body["service"])

    def _aggregate_action(self, aggregate_id: int, body: Mapping[str, Any], *, done: int) -> None:
        """Change an aggregate's hosts; `done` is the status that says a repeated request had worked before."""
        path = f"/os-aggregates/{aggregate_id}/action"
        try:
            self.session.request("POST", "compute", path, json=dict(body), repeatable=True)
        except ApiError as error:
            if error.attempts == 1 or error.status != done:
                raise


def root_volume(volume_id: str) -> dict[str, Any]:
    """Return the block device of a server that boots from a volume; the volume outlives the server."""
    return {
        "boot_index": 0,
        "uuid": volume_id,
        "source_type": "volume",
        "destination_type": "volume",
        "delete_on_termination": False,
    }


def new_root_volume(image_id: str, size: int, *, volume_type: str | None = None) -> dict[str, Any]:
    """Return the block device of a server that boots from a new volume of `size` GB made of an image.

    The volume goes with the server. A volume type needs 2.67.
    """
    device: dict[str, Any] = {
        "boot_index": 0,
        "uuid": image_id,
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": size,
        "delete_on_termination": True,
    }
    return device | ({"volume_type": volume_type} if volume_type else {})


def _forced(force: bool) -> dict[str, bool]:
    return {"force": True} if force else {}


def _or_none(read: Callable[[], T]) -> T | None:
    """Read something that may not be there."""
    try:
        return read()
    except ApiError as error:
        if error.status == NOT_FOUND:
            return None
        raise
