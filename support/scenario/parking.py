"""Scenarios that wait together for the periodic task, where it can only be awaited.

When the steps of a scenario are over and only the interval of the periodic task remains, the scenario is parked: its
servers and leases stay, and further scenarios of this process run on the same hosts meanwhile. A parked scenario is
quiet, so the others see it as they see any neighbour: its allocations are in their baselines. One interval then serves
many scenarios.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.server_values import Server
from stocktake.support.errors import CloudError, Crowded, Unverified
from stocktake.support.hosts.leases import Lease
from stocktake.support.hosts.needs import PARKED_AT_MOST
from stocktake.support.ownership.kinds.device_profiles import DEVICE_PROFILE
from stocktake.support.ownership.kinds.identities import PROJECT, USER
from stocktake.support.ownership.kinds.images_and_flavors import FLAVOR, IMAGE
from stocktake.support.ownership.kinds.nested_providers import NESTED_PROVIDER
from stocktake.support.ownership.kinds.placement import PROVIDER, PROVIDER_TRAIT, RESOURCE_CLASS, TRAIT
from stocktake.support.ownership.kinds.servers import ALLOCATION, SERVER
from stocktake.support.ownership.kinds.volumes import VOLUME
from stocktake.support.ownership.mark import Mark

UNNOTICED = frozenset(
    kind.name
    for kind in (
        *(SERVER, FLAVOR, DEVICE_PROFILE, IMAGE, VOLUME, USER, PROJECT, ALLOCATION),
        *(TRAIT, RESOURCE_CLASS, PROVIDER, NESTED_PROVIDER),
    )
)
"""The kinds of things that a scenario may own without another one on its hosts noticing."""

if TYPE_CHECKING:
    from stocktake.support.scenario.context import Context


@dataclass(frozen=True)
class Parked:
    """A parked scenario: its context, its servers by their ids, and whether it is alone on its hosts."""

    context: "Context"
    servers: Mapping[str, Server]
    alone: bool = False


class _Shared:
    """A lease that several scenarios of this process use, unless one is `alone` on its hosts; it is released when none
    uses it any more."""

    def __init__(self, lease: Lease, *, alone: bool):
        self.lease = lease
        self.alone = alone
        self.users = 0

    def leave(self) -> None:
        self.users -= 1
        if not self.users:
            self.lease.release()


class Company:
    """The scenarios of one process that are parked in a cloud, oldest first; their leases are shared with the scenario
    that runs."""

    def __init__(self) -> None:
        self.parked: list[Parked] = []
        self._shared: list[_Shared] = []
        self._vouched: set[str] = set()

    def of(self, context: "Context") -> Iterator[Parked]:
        """Yield the parked scenarios other than this one."""
        return (parked for parked in self.parked if parked.context is not context)

    @property
    def known_figures(self) -> set[str]:
        """The providers of hosts whose figures in Nova were right before the parked scenarios began."""
        return self._vouched.union(*(parked.context.accounts.with_known_figures for parked in self.parked))

    @contextmanager
    def vouching(self) -> Iterator[None]:
        """Keep `known_figures` in the block, for scenarios that are repeated after those that are parked: until the
        periodic task has run again, the figures of their hosts may be outdated."""
        self._vouched = self.known_figures
        try:
            yield
        finally:
            self._vouched = set()

    def leave(self, context: "Context") -> None:
        """Forget a scenario that was parked, because it is about to be undone."""
        self.parked = list(self.of(context))

    def check_none_parked(self) -> None:
        """Raise Crowded if a scenario is parked, for one that changes or judges more than its own servers."""
        if self.parked:
            raise Crowded("the scenario must be alone on its hosts")

    def check_not_borrowed(self, what: str) -> None:
        """Raise Crowded if a parked scenario has borrowed a thing of the operator's."""
        if any(what in parked.context.borrowed for parked in self.parked):
            raise Crowded(f"a scenario that is parked uses {what}")

    def lease(
        self,
        acquire: Callable[..., Lease],
        count: int,
        candidates: Sequence[str],
        *,
        groups: Sequence[Sequence[str]] | None = None,
        alone: bool = False,
    ) -> Lease:
        """Lease hosts by `acquire`, which is `InterruptedRuns.lease`; those of parked scenarios are preferred, and
        shared with them, unless one of both is `alone` on its hosts.

        Raises Crowded when that many hosts are not free at once, because waiting for them while holding others could
        last forever.
        """
        self._shared = [shared for shared in self._shared if shared.users]
        if not self._shared:
            return self._lease_of([self._acquired(acquire(count, candidates, groups=groups), alone=alone)])
        held = {host: shared for shared in self._shared for host in shared.lease.hosts}
        taken = {host for host, shared in held.items() if alone or shared.alone}
        free = [[host for host in group if host not in taken] for group in groups or [candidates]]
        group = max(free, key=lambda group: (len(group) >= count, len(held.keys() & set(group))))
        hosts = [host for host in group if host in held][:count]
        used = [shared for shared in self._shared if not set(hosts).isdisjoint(shared.lease.hosts)]
        if len(hosts) < count:
            others = [host for host in group if host not in held]
            used.append(self._acquired(self._at_once(acquire, count - len(hosts), others), alone=alone))
            hosts += used[-1].lease.hosts
        return self._lease_of(used, sorted(hosts, key=group.index))

    @staticmethod
    def _at_once(acquire: Callable[..., Lease], count: int, candidates: Sequence[str]) -> Lease:
        try:
            return acquire(count, candidates, within=0)
        except (CloudError, Unverified) as lacking:
            raise Crowded(str(lacking)) from lacking

    def _acquired(self, lease: Lease, *, alone: bool) -> _Shared:
        self._shared.append(_Shared(lease, alone=alone))
        return self._shared[-1]

    @staticmethod
    def _lease_of(used: Sequence[_Shared], hosts: Sequence[str] | None = None) -> Lease:
        """Return one lease of these hosts, by default of all that are used."""
        hosts = used[0].lease.hosts if hosts is None else hosts
        for shared in used:
            shared.users += 1

        def release() -> None:
            for shared in used:
                shared.leave()

        def lost() -> str | None:
            return next(filter(None, (shared.lease.lost() for shared in used)), None)

        return Lease(hosts, max(shared.lease.waited for shared in used), release, lost)

    @property
    def is_full(self) -> bool:
        """Whether no further scenario should run beside those that are parked: they are many, hold more of some
        resource of a host than is left of it, or the last one has changed hosts that it shares."""
        last = self.parked[-1:]
        return len(self.parked) >= PARKED_AT_MOST or any(
            (not parked.alone and _has_changed_hosts(parked.context)) or self._holds_most(parked.context)
            for parked in last
        )

    def _holds_most(self, context: "Context") -> bool:
        """Whether parked scenarios hold more of some resource than is left, on a host of the scenario parked last."""
        account = context.accounts.latest
        if account is None:
            return False
        ours = {consumer for parked in self.parked for consumer in parked.context.servers.consumers()}
        held: dict[str, Resources] = {}
        for (consumer, provider), amounts in account.ledger.items():
            if consumer in ours:
                held[provider] = held.get(provider, Resources()) + amounts
        inventories = context.trees.inventories()
        return any(
            amount > inventories[provider][kind].capacity - account.usages[provider][kind]
            for provider, amounts in held.items()
            for kind, amount in amounts.items()
            if kind in inventories.get(provider, {})
        )


def _has_changed_hosts(context: "Context") -> bool:
    """Whether something is still to be undone that another scenario on the same hosts would notice."""
    changes = [entry for entry in context.undoing.entries if entry.kind not in UNNOTICED]
    return any(entry.kind != PROVIDER_TRAIT.name or Mark.of(entry.name) is None for entry in changes)
