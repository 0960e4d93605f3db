"""What the services of each release have, as far as the lab uses it: the only module that knows releases apart.

All services of a lab are of one release, which the major version of its Nova names. The rest of the lab asks what that
release has, never which it is.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

OLDEST_NOVA = 24
"""Of Xena. In older ones the stand-ins cannot be imported one by one."""


@dataclass(frozen=True)
class Era:
    """What the Nova of one major version, and the services released with it, have."""

    native_threads: bool
    """All services of Nova run on native threads if they are told to; else they need eventlet."""

    patched_on_demand: bool
    """Eventlet patches Nova's process when `nova.monkey_patch.patch` is called, and not when the module is imported."""

    no_eventlet: bool
    """No service imports eventlet where native threads are chosen."""

    shared_executors: bool
    """The thread pools of a process are those of `nova.thread_pool_factory`, which its hosts share; else each compute
    manager has a pool of its own for live migrations, `_live_migration_executor`."""

    shutdown_in_progress: bool
    """A manager is told that its service ends, by `Manager.set_shutdown_in_progress`."""

    second_topic: bool
    """A compute service also listens on `compute.rpcapi.RPC_TOPIC_ALT`, on which running operations are finished."""

    node_identity_file: bool
    """A compute service keeps the identity of its node in a file of its machine (`nova.virt.node`)."""

    volumes_in_stand_in: bool
    """Nova's stand-in for Cinder keeps volumes, in `CinderFixture.volumes`."""

    owner_trait: bool
    """os-traits defines OWNER_NOVA."""

    glance_writers: bool
    """Glance tells oslo.db which transactions write; else any may read before it writes."""

    libvirt_hosts: bool
    """The lab can have hosts with the libvirt driver: each of Nova's threads knows for which host it works."""

    optional_services: bool
    """The lab can have Neutron, Cinder and Cyborg: they are installed in the versions of this release only."""


SINCE: Mapping[str, int] = {
    "native_threads": 33,
    "patched_on_demand": 32,
    "no_eventlet": 34,
    "shared_executors": 34,
    "shutdown_in_progress": 34,
    "second_topic": 33,
    "node_identity_file": 27,
    "volumes_in_stand_in": 28,
    "owner_trait": 26,
    "glance_writers": 32,
    "libvirt_hosts": 34,
    "optional_services": 34,
}
"""The first major version of Nova whose release has each field of an `Era`."""


def era_of(nova: int) -> Era:
    """Return what a release has whose Nova is of this major version."""
    return Era(**{name: nova >= first for name, first in SINCE.items()})


def major(version: str) -> int:
    """Return the major version of a package. Raises ValueError for text that does not begin with one."""
    return int(version.partition(".")[0])


@functools.cache
def installed() -> Era:
    """Return what the release has that is installed beside this Python."""
    return era_of(major(metadata.version("nova")))
