"""Which compute hosts can exchange servers, by what can be known before a server moves.

Nova keeps every move within a cell and within the aggregates that admit the request, and a server that was booted in an
availability zone within that zone (Nova, `scheduler.request_filter`). A live migration needs the same type of
hypervisor, not older than the source's (Nova, `conductor.tasks.live_migrate`), and a CPU with the same features. No API
shows cells or what options allow: an operator may declare groups, `host_groups:`, which are then taken as they are.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from stocktake.support.errors import Unverified
from stocktake.support.hosts.needs import LIVE_MOVES, MOVES

Exchange = Literal["none", "cold", "live"]
"""How servers move between the hosts of a scenario: not at all, while they are off, or also while they run."""

DECLARE = 'list hosts that can exchange servers together under "host_groups:" under "stocktake:" in clouds.yaml'
MORE_HOSTS = 'list more as "hosts:" under "stocktake:" of the cloud in clouds.yaml, or add hosts to the cloud'


@dataclass(frozen=True)
class HostFacts:
    """What decides between which hosts servers can move.

    `zone` is the availability zone that an aggregate puts the host in, `traits` are those that its aggregates require
    of all requests; `type`, `arch`, `version` and `cpu` are the hypervisor's. `unusable` says why no scenario can use
    the host, `unfit` for which needs of scenarios it cannot be used, and why.
    """

    service: str
    zone: str | None = None
    traits: frozenset[str] = frozenset()
    type: str | None = None
    arch: str | None = None
    version: int | None = None
    cpu: Hashable = None
    unusable: str | None = None
    unfit: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HostGroup:
    """Hosts that can exchange servers, as far as is known; `declared` if the operator says so.

    Servers are booted in `zone` if the whole group is in one, and their flavors require `traits`. `unfit` says for
    which needs single hosts cannot be used, and why.
    """

    hosts: tuple[str, ...] = ()
    zone: str | None = None
    traits: frozenset[str] = frozenset()
    what: str = ""
    declared: bool = False
    unfit: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(self.hosts) + (f" ({self.what})" if self.what else "")


ANY = HostGroup()
"""No group: nothing is known of the hosts, or they need nothing."""


@dataclass(frozen=True)
class Grouping:
    """The groups of a cloud's hosts, best first, and the hosts that no scenario can use, with the reason."""

    groups: tuple[HostGroup, ...]
    unusable: Mapping[str, str] = field(default_factory=dict)

    @property
    def hosts(self) -> list[str]:
        """All hosts of the groups."""
        return [host for group in self.groups for host in group.hosts]

    @property
    def largest(self) -> int:
        """How many hosts the largest group has."""
        return max((len(group.hosts) for group in self.groups), default=0)

    def of_at_least(self, count: int) -> list[HostGroup]:
        """Return the groups that have so many hosts."""
        return [group for group in self.groups if len(group.hosts) >= count]

    def without(self, reasons: Mapping[str, str]) -> "Grouping":
        """Return these groups without hosts that turned out to be unusable, for these reasons."""
        new = {host: reason for host, reason in reasons.items() if host not in self.unusable}
        left = [
            replace(group, hosts=tuple(host for host in group.hosts if host not in reasons)) for group in self.groups
        ]
        return Grouping(tuple(group for group in left if group.hosts), {**self.unusable, **new})

    def fit_for(self, needs: Collection[str]) -> "Grouping":
        """Return these groups without hosts that cannot be used by a scenario of these needs."""
        return self.without(
            {
                host: reason
                for group in self.groups
                for host, reasons in group.unfit.items()
                for need, reason in reasons.items()
                if need in needs
            }
        )

    def too_small(self, count: int, what: str = "the scenario") -> Unverified:
        """Return why there are not `count` hosts that can exchange servers."""
        needed = f"{what} needs {count} {'host' if count == 1 else 'hosts'}"
        if len(self.hosts) >= count:
            return Unverified(f"{needed} that can exchange servers, and the groups of such hosts are {self}", DECLARE)
        reason = f"{needed} and may use {len(self.hosts)} ({', '.join(self.hosts) or 'none'})"
        return Unverified(reason + self._not_usable(), MORE_HOSTS)

    def __str__(self) -> str:
        return "; ".join(map(str, self.groups)) + self._not_usable()

    def _not_usable(self) -> str:
        listed = ", ".join(f"{host} ({reason})" for host, reason in self.unusable.items())
        return f"; not usable: {listed}" if listed else ""


def exchange_of(needs: Collection[str]) -> Exchange:
    """Return how servers move in a scenario whose steps have these needs."""
    if LIVE_MOVES in needs:
        return "live"
    return "cold" if MOVES in needs else "none"


def grouped(hosts: Iterable[HostFacts], exchange: Exchange, declared: Sequence[Collection[str]] = ()) -> Grouping:
    """Group hosts by what they must have in common; those outside any zone and isolated aggregate come first.

    The hosts of a `declared` group form one, whatever they differ in.
    """
    hosts = list(hosts)
    members: dict[Hashable, list[HostFacts]] = {}
    for host in hosts:
        if host.unusable is None:
            number = next((number for number, group in enumerate(declared) if host.service in group), None)
            members.setdefault(_key(host, exchange) if number is None else number, []).append(host)
    every = [host for each in members.values() for host in each]
    groups = [_group(each, every, declared=isinstance(key, int)) for key, each in members.items()]
    groups.sort(key=lambda group: (group.zone is not None, bool(group.traits)))
    return Grouping(tuple(groups), {host.service: host.unusable for host in hosts if host.unusable is not None})


def _key(host: HostFacts, exchange: Exchange) -> Hashable:
    """Return what hosts must have in common; flavors that require a trait can only go where it is required."""
    if exchange == "none":
        return (host.traits,)
    place = host.zone, host.traits, host.type, host.arch
    return place if exchange == "cold" else (*place, host.version, host.cpu)


def _group(members: Sequence[HostFacts], every: Sequence[HostFacts], *, declared: bool) -> HostGroup:
    """Make a group of hosts, described by what distinguishes it from the others."""
    unfit = {host.service: host.unfit for host in members if host.unfit}
    zone = members[0].zone if {host.zone for host in members} == {members[0].zone} else None
    traits = frozenset(trait for host in members for trait in host.traits)
    told = [f'zone "{zone}"'] if zone is not None else []
    told += [f"requires {', '.join(sorted(traits))}"] if traits else []
    told += _of_hypervisors(members, every)
    names = tuple(host.service for host in members)
    return HostGroup(names, zone, traits, "declared" if declared else ", ".join(told), declared, unfit)


def _of_hypervisors(members: Sequence[HostFacts], every: Sequence[HostFacts]) -> list[str]:
    """Say in what the hypervisors of a group agree with each other, but not with all others."""
    told = []
    for attribute, what in (("type", "hypervisor"), ("arch", "architecture"), ("version", "version")):
        own = {getattr(host, attribute) for host in members}
        if len(own) == 1 and None not in own and own != {getattr(host, attribute) for host in every}:
            told.append(f"{what} {own.pop()}")
    return told
