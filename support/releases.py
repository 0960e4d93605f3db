"""The releases of Nova that Stocktake knows, and what differs among them.

Over HTTP a release is recognised by the newest microversion of its compute API. Releases that added none share that of
the previous one; differences between such releases are not judged.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Release(NamedTuple):
    """A release of OpenStack: its name, the major version of its Nova, and the newest compute microversion."""

    name: str
    nova: int
    microversion: tuple[int, int]


RELEASES = (
    Release("Xena", 24, (2, 90)),
    Release("Yoga", 25, (2, 90)),
    Release("Zed", 26, (2, 93)),
    Release("2023.1", 27, (2, 95)),
    Release("2023.2", 28, (2, 95)),
    Release("2024.1", 29, (2, 96)),
    Release("2024.2", 30, (2, 96)),
    Release("2025.1", 31, (2, 100)),
    Release("2025.2", 32, (2, 100)),
    Release("2026.1", 33, (2, 103)),
    Release("2026.2", 34, (2, 104)),
)
"""Oldest first (Nova, `api.openstack.compute.rest_api_version_history`)."""

TRAITS_SINCE: Mapping[str, int] = {
    "COMPUTE_ADDRESS_SPACE_EMULATED": 28,
    "COMPUTE_ADDRESS_SPACE_PASSTHROUGH": 28,
    "COMPUTE_SECURITY_STATELESS_FIRMWARE": 30,
    "COMPUTE_MEM_BACKING_FILE": 31,
    "COMPUTE_STORAGE_VIRTIO_FS": 31,
    "OWNER_NOVA": 34,
}
"""Standard traits of hosts with the fake driver, and the Nova that reported each first; all others are older than 24.

(Nova, `virt.driver.CAPABILITY_TRAITS_MAP`, `virt.fake.FakeDriver.capabilities`, `compute.resource_tracker`.)
"""


def releases_with(newest: tuple[int, int]) -> tuple[Release, ...]:
    """Return the releases whose newest compute microversion this is; none for one that is not known."""
    return tuple(release for release in RELEASES if release.microversion == newest)


def expected_traits(listed: Collection[str], releases: Collection[Release]) -> tuple[frozenset[str], frozenset[str]]:
    """Return which of these traits a host must have, and which it may have, if its Nova is one of these releases."""
    novas = [release.nova for release in releases]
    since = {trait: TRAITS_SINCE.get(trait, 0) for trait in listed}
    must = frozenset(trait for trait, first in since.items() if first <= min(novas))
    return must, frozenset(trait for trait, first in since.items() if first <= max(novas))
