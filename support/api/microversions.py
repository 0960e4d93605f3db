"""Which microversion offers what: the one place where clouds old and new differ.

Each request asks for the least microversion that offers what it needs, so a cloud answers alike from that version on
to its newest. Three differences would change what features promise, and are settled here:

- An evacuated server stays stopped at its new host when evacuation is asked for at 2.95 or later. `EVACUATION` is
  below, so it arrives in the state it was in, on every cloud; an `Evacuation` may name another microversion.
- A destination may be forced, past the scheduler, up to 2.67: `EVACUATION` and `LIVE_MIGRATION` are below.
- The usage figures of hypervisors end at 2.87: `HYPERVISOR_UUIDS` is below.

A boot names its host in a field that the scheduler checks where `HOST_IN_BOOT` is offered, and by its zone (ZONE:HOST,
past the scheduler) on older clouds. Where two or three versions are named, the newest that is offered is asked for.
Sources: Nova's "REST API Version History" and Placement's.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

from stocktake.support.errors import CloudError

LEAST_COMPUTE: Final = "2.53"  # Pike; services and hypervisors by uuid
LEAST_PLACEMENT: Final = "1.20"

# Nova

FLAVOR_IN_SERVER: Final = "2.47"  # the server carries its flavor, extra specs included, as it was when built
NETWORKS_NONE: Final = "2.37"  # "networks": "none" and "auto"
PORT_WITH_REQUEST: Final = "2.72"  # a boot with a port that asks Placement for something
HOST_IN_BOOT: Final = "2.74"  # a named host that the scheduler checks
HOST_IN_MIGRATE: Final = "2.56"
HOST_IN_UNSHELVE: Final = "2.91"
LIVE_MIGRATION: Final = "2.34"  # block_migration "auto" (2.25), host checked (2.30), checks in the background (2.34)
EVACUATION: Final = "2.29"  # a named host is checked unless forced
MIGRATIONS: Final = ("2.23", "2.59")  # with their type; also with their uuid, all pages
SERVICE_UUIDS: Final = "2.53"
PARTIAL_RESULTS: Final = "2.69"  # servers and services of a cell that does not answer, without their details
HYPERVISOR_UUIDS: Final = "2.53"  # also the first with usage figures by uuid; they end at 2.87
ACTIONS_OF_DELETED: Final = "2.21"
EVENTS: Final = ("2.51", "2.62", "2.84")  # events; with their host; with one sentence about an error
HOST_OF_EVENT: Final = EVENTS[1]
FLAVOR_WITH_EXTRA_SPECS: Final = "2.61"
ABORT: Final = ("2.24", "2.65")  # a running live migration; also a queued or preparing one
ABORT_QUEUED: Final = ABORT[1]
FORCE_COMPLETE: Final = "2.22"
AGGREGATE_UUIDS: Final = "2.41"
VOLUMES_OF_SHELVED: Final = "2.20"  # attached to and detached from servers that are shelved
RESERVATION_IN_SERVER: Final = "2.3"
SERVER_GROUP_POLICY: Final = ("2.15", "2.64")  # also soft policies; one policy instead of a list

# Placement

TREES: Final = "1.14"  # parent and root of a provider, in_tree
REQUIRED_TRAITS: Final = "1.18"  # providers filtered by traits
CREATED_PROVIDER: Final = "1.20"  # a POST answers with the provider
TRAITS: Final = "1.6"
RESOURCE_CLASSES: Final = "1.2"
CLASS_BY_NAME: Final = "1.7"  # PUT /resource_classes/{name} makes or keeps it
PROJECT_USAGES: Final = "1.9"
AGGREGATES: Final = "1.19"  # with the provider's generation
ALLOCATIONS: Final = ("1.12", "1.28")  # with project and user; also with the consumer's generation
CONSUMER_GENERATIONS: Final = ALLOCATIONS[1]
CANDIDATES: Final = "1.29"  # summaries of whole trees, with all resource classes (1.27)
REPARENTING: Final = "1.37"  # a provider can leave its tree
CONSUMER_TYPES: Final = "1.38"

# Cinder

ATTACHMENTS: Final = "3.27"  # attachments as things of their own
EXTEND_IN_USE: Final = "3.42"  # of a volume that is attached


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


def offered_by(body: Any, service: str) -> VersionRange:
    """Read a version document: {"version": {...}} of one API version, or {"versions": [{...}]} of a root.

    Raises CloudError for one without microversions.
    """
    document = body if isinstance(body, Mapping) else {}
    found = document.get("version") or (document.get("versions") or [{}])[0]
    least, most = found.get("min_version"), found.get("max_version") or found.get("version")
    if not least or not most:
        raise CloudError(f"the {service} API does not say which microversions it offers")
    return VersionRange(Microversion.parse(least), Microversion.parse(most))
