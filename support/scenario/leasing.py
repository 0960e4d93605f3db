"""Which hosts a scenario leases: as many as it needs, able to exchange servers, usable now, and without servers of
others if it disrupts them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stocktake.support.api.compute.services import ComputeService
from stocktake.support.errors import Unverified
from stocktake.support.hosts.compute_hosts import UNKNOWN
from stocktake.support.hosts.groups import ANY, Exchange, Grouping, HostGroup, exchange_of
from stocktake.support.hosts.leases import Lease
from stocktake.support.hosts.needs import is_disturbing
from stocktake.support.scenario.cloud import Cloud

DISRUPTIVE, DISRUPTION = "disruptive", "disruption"
"""The tag of scenarios that disrupt hosts, and what their steps need."""

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


@dataclass(frozen=True)
class Wanted:
    """The hosts that a scenario wants: `roles` is how many it names, `alone` that it needs all that it may use.

    `tags` and `needs` are the scenario's.
    """

    roles: int
    tags: Collection[str] = ()
    needs: Collection[str] = ()
    alone: bool = False

    @property
    def least(self) -> int:
        """How many hosts it needs. One that uses no host leases one all the same: otherwise it could run beside a
        scenario that must be alone."""
        return max(self.roles, _hosts_tagged(self.tags), 1)

    @property
    def disruptive(self) -> bool:
        """Whether it does to its hosts what others would notice."""
        return DISRUPTIVE in self.tags or DISRUPTION in self.needs


@dataclass(frozen=True)
class Leased:
    """What a scenario has leased: `hosts` play its roles, and `group` says what servers on them need.

    `services` are the compute services of the leased hosts, as they were read then.
    """

    lease: Lease
    hosts: Sequence[str] = ()
    group: HostGroup = ANY
    services: Mapping[str, list[ComputeService]] = field(default_factory=dict)


def lease_hosts(cloud: Cloud, wanted: Wanted) -> Leased | None:
    """Lease the hosts that a scenario wants; None if there are none and it needs none.

    Hosts that are down or cannot be used are skipped, and so are hosts that must not be disrupted if the scenario is
    disruptive, as long as enough others remain. Raises Unverified when there are too few, CloudError when they do not
    become free in time, Crowded when parked scenarios must end first.
    """
    candidates, skipped = list(cloud.candidates()), dict[str, str]()
    while candidates or wanted.roles:
        groups = _groups(cloud, wanted, candidates, skipped)
        names = [group.hosts for group in groups]
        count = max(wanted.least, len(candidates)) if wanted.alone else wanted.least
        lease = cloud.company.lease(
            cloud.interrupted.lease,
            count,
            candidates,
            groups=None if wanted.alone else names,
            alone=is_disturbing(wanted.tags, wanted.needs),
        )
        leased = _with_roles(lease, groups, wanted)
        services = {host: cloud.services.all(host=host) for host in lease.hosts}
        down = {host: "down or disabled" for host, found in services.items() if not _usable(found)}
        unfit = down or _unfit(cloud, wanted, leased, skipped)
        if not unfit:
            return replace(leased, services=services)
        lease.release()
        skipped |= unfit
        candidates = [host for host in candidates if host not in down]
    return None


def _usable(services: list[ComputeService]) -> bool:
    """Tell whether a compute host is up and enabled; one that Nova does not know is left to `Cloud.host`."""
    return all(found.up and found.enabled for found in services)


def _groups(cloud: Cloud, wanted: Wanted, candidates: Sequence[str], skipped: Mapping[str, str]) -> list[HostGroup]:
    """Return the groups of hosts that are large enough. Raises Unverified if there is none.

    A scenario that names no host can do with any, and one that moves no server with hosts of several groups.
    """
    if not wanted.roles:
        return [HostGroup(tuple(candidates))]
    hosts, exchange = cloud.compute_hosts, exchange_of(wanted.needs)
    candidates = hosts.of_drivers(candidates, wanted.needs) or candidates

    def grouping_for(exchange: Exchange) -> Grouping:
        return hosts.grouped(candidates, exchange).without(skipped).fit_for(wanted.needs)

    grouping = grouping_for("cold" if exchange == "none" else exchange)
    if exchange == "none" and grouping.largest < wanted.least:
        grouping = grouping_for("none")
    if grouping.largest < wanted.least:
        for host in (host for host, reason in grouping.unusable.items() if reason == UNKNOWN):
            cloud.host(host)  # which says what to correct
        raise grouping.too_small(wanted.least)
    return grouping.of_at_least(wanted.least)


def _with_roles(lease: Lease, groups: Sequence[HostGroup], wanted: Wanted) -> Leased:
    """Let hosts of the first group that has enough of the leased ones play the roles."""
    for group in groups:
        held = [host for host in group.hosts if host in lease.hosts]
        if len(held) >= wanted.roles:
            return Leased(lease, held[: wanted.roles], group)
    raise AssertionError("a lease is of hosts of one group")


def _unfit(cloud: Cloud, wanted: Wanted, leased: Leased, skipped: Mapping[str, str]) -> dict[str, str]:
    """Return which of the hosts with roles cannot be used for a reason that is looked up for few hosts only."""
    lacking = {host: reason for host in leased.hosts if (reason := cloud.compute_hosts.lacks(host))}
    if lacking or not wanted.disruptive or not cloud.settings.allow_disruptive:
        return lacking
    occupied = {host: "servers of others" for host in leased.hosts if cloud.foreign_servers(host)}
    try:
        _groups(cloud, wanted, cloud.candidates(), {**skipped, **occupied})
    except Unverified:
        return {}  # the steps that would disrupt them say so, and the rest can be verified
    return occupied


def _hosts_tagged(tags: Collection[str]) -> int:
    """Return how many hosts the tags require, as @two-hosts does; 0 if none."""
    counts = (NUMBERS.get(tag.rpartition("-host")[0], 0) for tag in tags if tag.rpartition("-")[2] in ("host", "hosts"))
    return max(counts, default=0)
