"""What a cloud answered, as frozen values.

Every `from_json` takes the object as the API sent it, at any microversion: a field the version does not have becomes
None (or an empty collection), never an error. Units are the API's own: MB of memory, GB of disk, times in ISO 8601
text as sent (they are shown to people and never calculated with).

Field names and versions: the OpenStack Compute API reference (servers, os-migrations, os-instance-actions,
os-services, os-hypervisors, os-aggregates) and the Placement API reference (resource providers, inventories).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources

Json = Mapping[str, Any]


class Microversion(NamedTuple):
    """A version of one service's API that a request may ask for; versions compare as numbers, 2.9 < 2.10."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2.53". Raises ValueError for anything else."""
        major, _, minor = text.partition(".")
        return cls(int(major), int(minor))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class VersionRange(NamedTuple):
    """The microversions a service offers, both ends included."""

    least: Microversion
    most: Microversion

    def __contains__(self, version: object) -> bool:
        return isinstance(version, Microversion) and self.least <= version <= self.most

    def __str__(self) -> str:
        return f"{self.least} to {self.most}"


@dataclass(frozen=True)
class Fault:
    """Why a server is in ERROR, as Nova tells it. `details` is a traceback and shown to administrators only."""

    message: str
    code: int | None = None
    created: str | None = None
    details: str | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, body: Json | None) -> Self | None:
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
    """A server. Host and node are known to administrators only, and None while it is on no host.

    `flavor` is what the server was made of, embedded by Nova since 2.47; before, only `flavor_id` is known.
    `image_id` is None for a server that boots from a volume. `volumes` are the ids of attached volumes.
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
    volumes: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read one element of `GET /servers/detail`, or the `server` of `GET /servers/{id}`."""
        flavor = body.get("flavor") or {}
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
            volumes=tuple(item["id"] for item in body.get("os-extended-volumes:volumes_attached", ())),
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


def flavor_from_json(body: Json) -> Flavor:
    """Read a flavor of `GET /flavors/{id}`, or the one embedded in a server since 2.47.

    The two differ: the embedded one has `original_name` and no id, the other has the ephemeral disk under
    `OS-FLV-EXT-DATA:ephemeral`; swap of 0 MB is sent as "" before 2.75.
    """
    return Flavor(
        name=body.get("name") or body.get("original_name", ""),
        vcpus=body["vcpus"],
        ram=body["ram"],
        disk=body["disk"],
        ephemeral=body.get("ephemeral") or body.get("OS-FLV-EXT-DATA:ephemeral") or 0,
        swap=int(body.get("swap") or 0),
        extra_specs=dict(body.get("extra_specs") or {}),
        id=body.get("id"),
    )


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
    def from_json(cls, body: Json) -> Self:
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
        """Whether it has not ended; a resize that awaits a decision has ended as far as Nova's work is concerned."""
        return self.status in MIGRATION_UNDER_WAY

    @property
    def undecided(self) -> bool:
        """Whether it may hold something in Placement: it is under way, or a resize that awaits a decision."""
        return self.under_way or self.status == "finished"

    def __str__(self) -> str:
        return f"{self.type or 'migration'} {self.status}, {self.source} to {self.dest}"


@dataclass(frozen=True)
class Event:
    """One step of an action, run on one service. `result` is None while it runs, then "Success" or "Error".

    `host` is known from 2.62, `details` (one sentence about an error) from 2.84; `traceback` to administrators.
    """

    name: str
    start: str | None
    finish: str | None
    result: str | None
    details: str | None = None
    host: str | None = None
    traceback: str | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read one element of an action's `events`."""
        return cls(
            name=body["event"],
            start=body.get("start_time"),
            finish=body.get("finish_time"),
            result=body.get("result"),
            details=body.get("details"),
            host=body.get("host"),
            traceback=body.get("traceback"),
        )

    def __str__(self) -> str:
        where = f" on {self.host}" if self.host else ""
        why = f": {self.details}" if self.details else ""
        return f"{self.name}{where} {self.result or 'running'}{why}"


@dataclass(frozen=True)
class Action:
    """Something asked of a server. `message` is "Error" when it failed; `request_id` is that of the asking request."""

    request_id: str
    action: str
    message: str | None
    start: str | None
    events: tuple[Event, ...] = ()
    project_id: str | None = None
    user_id: str | None = None
    updated: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read an `instanceAction`, or one element of `instanceActions` (which has no events)."""
        return cls(
            request_id=body["request_id"],
            action=body["action"],
            message=body.get("message"),
            start=body.get("start_time"),
            events=tuple(Event.from_json(event) for event in body.get("events") or ()),
            project_id=body.get("project_id"),
            user_id=body.get("user_id"),
            updated=body.get("updated_at"),
        )

    def event(self, name: str) -> Event | None:
        """Return the latest event of that name, None when it has not begun."""
        return max((event for event in self.events if event.name == name), key=lambda e: e.start or "", default=None)

    @property
    def failed(self) -> bool:
        """Whether Nova marked the action as failed, or any of its events ended in an error."""
        return self.message == "Error" or any(event.result == "Error" for event in self.events)

    def __str__(self) -> str:
        told = [str(event) for event in sorted(self.events, key=lambda e: e.start or "")]
        return f"{self.action}{' (Error)' if self.message == 'Error' else ''}: {'; '.join(told) or 'no events'}"


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
    def from_json(cls, body: Json) -> Self:
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
        """Whether the service reports that it is alive."""
        return self.state == "up"

    @property
    def enabled(self) -> bool:
        """Whether the scheduler may choose its host."""
        return self.status == "enabled"

    def __str__(self) -> str:
        forced = ", forced down" if self.forced_down else ""
        reason = f" ({self.disabled_reason})" if self.disabled_reason else ""
        return f"{self.binary} on {self.host}: {self.state}, {self.status}{forced}{reason}"


@dataclass(frozen=True)
class Hypervisor:
    """A compute node. `id` is its uuid and also its resource provider's; `host` is the compute service's host.

    Usage figures (and totals) exist from 2.53 to 2.87 and include what the host reserves; beyond they are None.
    """

    id: str
    hostname: str
    host: str | None
    state: str | None = None
    status: str | None = None
    type: str | None = None
    vcpus: int | None = None
    vcpus_used: int | None = None
    memory_mb: int | None = None
    memory_mb_used: int | None = None
    local_gb: int | None = None
    local_gb_used: int | None = None
    running_vms: int | None = None
    servers: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read one element of `GET /os-hypervisors/detail`, or the `hypervisor` of `GET /os-hypervisors/{id}`."""
        return cls(
            id=str(body["id"]),
            hostname=body["hypervisor_hostname"],
            host=(body.get("service") or {}).get("host"),
            state=body.get("state"),
            status=body.get("status"),
            type=body.get("hypervisor_type"),
            vcpus=body.get("vcpus"),
            vcpus_used=body.get("vcpus_used"),
            memory_mb=body.get("memory_mb"),
            memory_mb_used=body.get("memory_mb_used"),
            local_gb=body.get("local_gb"),
            local_gb_used=body.get("local_gb_used"),
            running_vms=body.get("running_vms"),
            servers=tuple(server["uuid"] for server in body.get("servers") or ()),
        )


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
    def from_json(cls, body: Json) -> Self:
        """Read an `aggregate`."""
        return cls(
            id=body["id"],
            uuid=body.get("uuid"),
            name=body["name"],
            availability_zone=body.get("availability_zone"),
            hosts=tuple(body.get("hosts") or ()),
            metadata=dict(body.get("metadata") or {}),
        )


@dataclass(frozen=True)
class AvailabilityZone:
    """A zone and, for administrators, its hosts."""

    name: str
    available: bool
    hosts: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read one element of `availabilityZoneInfo`."""
        return cls(
            name=body["zoneName"],
            available=bool((body.get("zoneState") or {}).get("available")),
            hosts=tuple(body.get("hosts") or ()),
        )


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
    disk_format: str | None = None
    hidden: bool = False
    created: str | None = None
    tags: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read an image of the Image API v2."""
        return cls(
            id=body["id"],
            name=body.get("name") or "",
            status=body["status"],
            size=body.get("size"),
            min_disk=body.get("min_disk") or 0,
            min_ram=body.get("min_ram") or 0,
            visibility=body.get("visibility"),
            disk_format=body.get("disk_format"),
            hidden=bool(body.get("os_hidden")),
            created=body.get("created_at"),
            tags=tuple(body.get("tags") or ()),
            properties={k: v for k, v in body.items() if k not in _IMAGE_FIELDS and isinstance(v, str)},
        )


_IMAGE_FIELDS = frozenset(
    {
        *("id", "name", "status", "size", "virtual_size", "min_disk", "min_ram", "visibility", "owner", "protected"),
        *("disk_format", "container_format", "os_hidden", "created_at", "updated_at", "tags", "checksum"),
        *("os_hash_algo", "os_hash_value", "self", "file", "schema", "direct_url", "locations", "stores"),
    }
)


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
    def from_json(cls, body: Json) -> Self:
        """Read a volume of the Block Storage API v3."""
        return cls(
            id=body["id"],
            name=body.get("name") or "",
            status=body["status"],
            size=body["size"],
            bootable=str(body.get("bootable")).lower() == "true",
            type=body.get("volume_type"),
        )


@dataclass(frozen=True)
class Provider:
    """A resource provider. `parent` is None for a root, whose `root` is itself."""

    uuid: str
    name: str
    generation: int
    parent: str | None = None
    root: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read one element of `GET /resource_providers` (parents and roots since 1.14)."""
        return cls(
            uuid=body["uuid"],
            name=body["name"],
            generation=body["generation"],
            parent=body.get("parent_provider_uuid"),
            root=body.get("root_provider_uuid"),
        )


@dataclass(frozen=True)
class Inventory:
    """What a provider has of one resource class."""

    total: int
    reserved: int = 0
    min_unit: int = 1
    max_unit: int = 2**31 - 1
    step_size: int = 1
    allocation_ratio: float = 1.0

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read one inventory; what a request may leave out has Placement's own default."""
        known = {name: body[name] for name in cls.__dataclass_fields__ if name in body}
        return cls(**known)

    def as_json(self) -> dict[str, int | float]:
        """Return what a PUT or POST of this inventory sends."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def capacity(self) -> int:
        """What may be allocated: (total - reserved) times the allocation ratio, whole units."""
        return int((self.total - self.reserved) * self.allocation_ratio)


@dataclass(frozen=True)
class ProviderInventories:
    """All inventories of one provider, by resource class, and the generation a change must name."""

    generation: int
    inventories: Mapping[str, Inventory]

    @property
    def capacity(self) -> Resources:
        """What may be allocated of each class."""
        return Resources({name: inventory.capacity for name, inventory in self.inventories.items()})


@dataclass(frozen=True)
class ConsumerAllocations:
    """What one consumer holds, by provider, and whose it is.

    `generation` is None for a consumer that holds nothing: it does not exist for Placement.
    """

    allocations: Mapping[str, Resources]
    generation: int | None = None
    project_id: str | None = None
    user_id: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read `GET /allocations/{consumer}` (1.12 for project and user, 1.28 for the consumer's generation)."""
        allocations = body.get("allocations") or {}
        return cls(
            allocations={uuid: Resources.from_json(held["resources"]) for uuid, held in allocations.items()},
            generation=body.get("consumer_generation"),
            project_id=body.get("project_id"),
            user_id=body.get("user_id"),
        )


@dataclass(frozen=True)
class AllocationCandidate:
    """One way a request could be met: what would be taken from each provider."""

    allocations: Mapping[str, Resources]


@dataclass(frozen=True)
class Credentials:
    """A user and the project it works in, all within one domain. The password is not shown."""

    username: str
    password: str = field(repr=False)
    project_name: str
    domain_id: str
    user_id: str
    project_id: str
