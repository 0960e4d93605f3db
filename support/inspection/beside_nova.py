"""Reads what Cinder and Cyborg keep for servers: volumes and their attachments, accelerator requests, device profiles.

Requests: one per page of volumes and one per page of their attachments, and two for all that Cyborg has; none to a
service that the catalog does not name.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from stocktake.support.accounting.accelerators import SPEC
from stocktake.support.accounting.findings import NotJudged, Reason, Rule
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rules.volumes import ATTACHED
from stocktake.support.accounting.volumes import Volume
from stocktake.support.api.accelerators import AcceleratorRequest
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.replies import ApiError, none_if_missing
from stocktake.support.api.volumes import Attachment
from stocktake.support.api.volumes import Volume as CinderVolume
from stocktake.support.errors import Unverified
from stocktake.support.inspection.allowed import Allowed

T = TypeVar("T")
Counting = Callable[[str, Callable[[], Iterable[T]]], Iterator[T]]
"""Yields what is listed, and tells the progress of it."""

AT_WORK = timedelta(minutes=10)
"""How long Nova may take to attach or detach a volume: a guest has minutes to give up a disk (`[libvirt]
device_detach_attempts` times `device_detach_timeout`), and while a server is scheduled its volumes are reserved."""

OF_VOLUMES = (Rule.ATTACHMENT, Rule.VOLUME_STATUS)
IDLE = "available"

HOSTS_HIDDEN = NotJudged(
    Reason.FORBIDDEN,
    "on which hosts volumes are attached, and volumes of other projects: Cinder shows these to administrators only",
    "let the user be an administrator of Cinder (context_is_admin)",
    (Rule.ATTACHMENT,),
)
NO_CINDER = NotJudged(
    Reason.NO_SERVICE,
    "volumes that servers have: the catalog of the cloud names no block storage service",
    "name it in the catalog, or use an interface and a region that it is named for",
    OF_VOLUMES,
)
NO_CYBORG = NotJudged(
    Reason.NO_SERVICE,
    "device profiles that flavors name: the catalog of the cloud names no accelerator service",
    "name it in the catalog, or use an interface and a region that it is named for",
    (Rule.ACCELERATOR, Rule.DEVICE_PROFILE),
)


@dataclass(frozen=True)
class BesideNova:
    """What Cinder and Cyborg keep. Volumes that are neither attached nor in any other state than available are kept
    by their ids only, in `idle`: a cloud may have very many.

    `device_profiles` is None if they were not read. `read` says how much was read of what.
    """

    volumes: Sequence[Volume] = ()
    idle: Collection[str] = frozenset()
    accelerator_requests: Sequence[AcceleratorRequest] = ()
    device_profiles: dict[str, Resources] | None = None
    read: dict[str, int] = field(default_factory=dict)

    @property
    def servers(self) -> set[str]:
        """The ids of the servers for which something is kept."""
        attached = {one.server for volume in self.volumes for one in volume.attachments}
        return {one for one in attached | {request.server for request in self.accelerator_requests} if one}

    def volumes_with(self, servers: Iterable[Server]) -> list[Volume]:
        """Return the volumes that may be wrong: idle ones only if Nova says that a server has them."""
        had = {volume for server in servers for volume in server.volumes or () if volume in self.idle}
        return [*self.volumes, *(Volume(one, "", IDLE, 0) for one in sorted(had))]


def is_offered(clients: Clients) -> bool:
    """Tell whether the catalog of the cloud names any of these services; this takes no request."""
    return clients.volumes.offered or clients.accelerators.offered


def read_beside_nova(clients: Clients, allowed: Allowed, counting: Counting) -> BesideNova:
    """Read what both services keep, as far as they are there and let the user see it."""
    found, read = BesideNova(), {}
    if clients.volumes.offered:
        found = allowed.read("volumes", lambda: _volumes(clients, allowed, counting), found, rules=OF_VOLUMES)
        read.update(found.read)
    if not clients.accelerators.offered:
        return found
    none: list[AcceleratorRequest] = []
    requests = allowed.read(
        "accelerator requests",
        lambda: _of_v2(lambda: list(counting("accelerator requests", clients.accelerators.requests))),
        none,
        rules=(Rule.ACCELERATOR,),
    )
    profiles = allowed.read(
        "device profiles", partial(read_device_profiles, clients), None, rules=(Rule.DEVICE_PROFILE, Rule.AMOUNTS)
    )
    read["accelerator_requests"] = len(requests)
    return BesideNova(found.volumes, found.idle, requests, profiles, read)


def read_device_profiles(clients: Clients) -> dict[str, Resources]:
    """Read what each device profile asks for. Raises Unverified where Cyborg has no API v2."""
    return {one.name: one.resources for one in _of_v2(clients.accelerators.profiles)}


def read_volume(clients: Clients, volume_id: str) -> Volume | None:
    """Read one volume again, with its attachments; None if it is gone."""
    found = none_if_missing(lambda: clients.volumes.get(volume_id))
    if found is None:
        return None
    attachments = list(clients.volumes.every_attachment(volume_id))
    return _joined(found, attachments, _long_ago(clients))


def lacking(clients: Clients, servers: Iterable[Server], flavors: Iterable[Flavor]) -> Iterator[NotJudged]:
    """Say which service the catalog does not name, although servers or flavors show that there is one."""
    if not clients.volumes.offered and any(server.volumes for server in servers):
        yield NO_CINDER
    if not clients.accelerators.offered and any(SPEC in flavor.extra_specs for flavor in flavors):
        yield NO_CYBORG


def _volumes(clients: Clients, allowed: Allowed, counting: Counting) -> BesideNova:
    """Read all volumes, their attachments first, and keep only what may be wrong."""
    attachments: dict[str, list[Attachment]] = defaultdict(list)
    for one in counting("attachments of volumes", clients.volumes.every_attachment):
        attachments[one.volume].append(one)
    used: list[tuple[CinderVolume, list[Attachment]]] = []
    idle: set[str] = set()
    for volume in counting("volumes", clients.volumes.of_every_project):
        if volume.status == IDLE and volume.id not in attachments:
            idle.add(volume.id)
        else:
            used.append((volume, attachments.get(volume.id, [])))
    connected = any(one.status == ATTACHED for _, held in used for one in held)
    if connected and not any(host for volume, _ in used for host in volume.hosts.values()):
        allowed.not_judged.append(HOSTS_HIDDEN)
    since = _long_ago(clients)
    kept = [_joined(volume, held, since) for volume, held in used]
    return BesideNova(kept, frozenset(idle), read={"volumes": len(kept) + len(idle)})


def _joined(found: CinderVolume, held: Iterable[Attachment], since: datetime) -> Volume:
    attachments = tuple(Attachment(one.id, one.status, one.server, found.hosts.get(one.id)) for one in held)
    recent = found.changed is not None and found.changed > since
    return Volume(found.id, found.name, found.status, found.size, attachments, recent=recent, moving=found.moving)


def _long_ago(clients: Clients) -> datetime:
    """Return the time, by Cinder's clock, before which Nova must have begun what it has not finished."""
    return datetime.fromtimestamp(clients.session.time_at("volume"), UTC) - AT_WORK


def _of_v2(read: Callable[[], T]) -> T:
    try:
        return read()
    except ApiError as failure:
        if failure.status != HTTPStatus.NOT_FOUND:
            raise
        raise Unverified("Cyborg has no Accelerator API v2", "upgrade Cyborg to Ussuri or later") from failure
