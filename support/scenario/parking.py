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
from stocktake.support.errors import CloudError, Crowded
from stocktake.support.hosts.leases import Lease
from stocktake.support.hosts.needs import PARKED_AT_MOST

if TYPE_CHECKING:
    from stocktake.support.scenario.context import Context


@dataclass(frozen=True)
class Parked:
    """A parked scenario: its context, and its servers by their ids."""

    context: "Context"
    servers: Mapping[str, Server]


class _Shared:
    """A lease that several scenarios of this process use; it is released when none uses it any more."""

    def __init__(self, lease: Lease):
        self.lease = lease
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
    ) -> Lease:
        """Lease hosts by `acquire`, which is `InterruptedRuns.lease`; those of parked scenarios are preferred, and
        shared with them.

        Raises Crowded when further hosts are not free at once, because waiting for them while holding others could
        last forever.
        """
        self._shared = [shared for shared in self._shared if shared.users]
        held = {host: shared for shared in self._shared for host in shared.lease.hosts}
        group = max(groups or [candidates], key=lambda group: len(held.keys() & set(group)))
        hosts = [host for host in group if host in held][:count]
        if not hosts or count > len(group):
            new = self._acquired(acquire(count, candidates, groups=groups))
            return self._lease_of(new.lease.hosts, [new])
        used = [shared for shared in self._shared if not set(hosts).isdisjoint(shared.lease.hosts)]
        if len(hosts) < count:
            others = [host for host in group if host not in held]
            try:
                used.append(self._acquired(acquire(count - len(hosts), others, within=0)))
            except CloudError as busy:
                raise Crowded(str(busy)) from busy
            hosts += used[-1].lease.hosts
        return self._lease_of(sorted(hosts, key=group.index), used)

    def _acquired(self, lease: Lease) -> _Shared:
        self._shared.append(_Shared(lease))
        return self._shared[-1]

    @staticmethod
    def _lease_of(hosts: Sequence[str], used: Sequence[_Shared]) -> Lease:
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
        """Whether no further scenario should be parked, or run beside those that are: they are many, or hold more of
        some resource of a host than is left of it."""
        return len(self.parked) >= PARKED_AT_MOST or any(
            self._holds_most(parked.context) for parked in self.parked[-1:]
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
