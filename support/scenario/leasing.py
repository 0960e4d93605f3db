"""Which hosts a scenario leases: as many as it needs, usable now, and without servers of others if it disrupts them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from stocktake.support.hosts.leases import Lease
from stocktake.support.scenario.cloud import Cloud

DISRUPTIVE = "disruptive"
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


@dataclass(frozen=True)
class Wanted:
    """The hosts that a scenario wants: `roles` is how many it names, `alone` that it needs all that it may use."""

    roles: int
    tags: Collection[str] = ()
    alone: bool = False

    def among(self, candidates: Sequence[str]) -> int:
        """Return how many hosts to lease. One that uses no host leases one all the same: otherwise it could run beside
        a scenario that must be alone."""
        return max(self.roles, _hosts_tagged(self.tags), len(candidates) if self.alone else 1)


def lease_hosts(cloud: Cloud, wanted: Wanted) -> Lease | None:
    """Lease the hosts that a scenario wants; None if there are none and it needs none.

    Hosts that are down are skipped, and so are hosts that must not be disrupted if the scenario is disruptive, as long
    as enough others remain. Raises Unverified when there are too few, CloudError when they do not become free in time.
    """
    candidates = list(cloud.candidates())
    while candidates or wanted.roles:
        count = wanted.among(candidates)
        lease = cloud.leases.acquire(count, candidates, within=cloud.settings.patience_for("lease"))
        unusable = [host for host in lease.hosts if not cloud.is_usable(host)]
        unusable = unusable or _occupied(cloud, wanted, lease, spare=len(candidates) - count)
        if not unusable:
            return lease
        lease.release()
        candidates = [host for host in candidates if host not in unusable]
    return None


def _occupied(cloud: Cloud, wanted: Wanted, lease: Lease, *, spare: int) -> list[str]:
    """Return the hosts with servers of others, if the scenario is disruptive and `spare` hosts can replace them."""
    if DISRUPTIVE not in wanted.tags or not cloud.settings.allow_disruptive:
        return []
    occupied = [host for host in lease.hosts if cloud.foreign_servers(host)]
    return occupied if len(occupied) <= spare else []


def _hosts_tagged(tags: Collection[str]) -> int:
    """Return how many hosts the tags require, as @two-hosts does; 0 if none."""
    counts = (NUMBERS.get(tag.rpartition("-host")[0], 0) for tag in tags if tag.rpartition("-")[2] in ("host", "hosts"))
    return max(counts, default=0)
