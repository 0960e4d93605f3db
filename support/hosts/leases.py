"""Leases: a scenario has its hosts to itself, even if others run Stocktake on the same cloud.

A lease is a set of distributed locks of tooz, one per host: on one machine locks on files, which the kernel
releases when a process dies, and between machines whatever the operator's tooz URL names (`coordinator`). Only the
first in the queue collects hosts, and it keeps what it has collected. So scenarios cannot deadlock, and one that needs
three hosts is not overtaken forever by those that need one.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hamcrest import has_length, is_
from stocktake.support.config.folders import state_folder
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.hosts.coordinator import locks_of
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually

# The queue has this many places, each a lock. Scenarios in it move up in order; others compete for the last place.
PLACES = 8


class Lease:
    """Hosts held alone until `release()`, the end of the `with` block, or the death of this process."""

    def __init__(
        self, hosts: Sequence[str], waited: float, release: Callable[[], None], lost: Callable[[], str | None]
    ):
        self.hosts = tuple(hosts)
        self.waited = waited
        """Seconds until the hosts were free."""
        self._release = release
        self._lost = lost

    def lost(self) -> str | None:
        """Say why another process may hold what is leased here; None if this process knows no reason."""
        return self._lost()

    def check(self) -> None:
        """Raise CloudError if another process may hold what is leased here, because the coordinator lost the lease."""
        reason = self._lost()
        if reason is not None:
            raise CloudError(f"the scenario stops, because another may be using what it has leased: {reason}")

    def release(self) -> None:
        """Release the hosts. May be called repeatedly."""
        self._release()
        self._release = self._lost = _nothing

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"Lease({', '.join(self.hosts)})"


class Leases:
    """The leases of one cloud's hosts.

    `coordinator` is a tooz URL; None is a folder on this machine, below `state` if given, else this user's. `cloud`
    identifies the cloud, and must be the same for all its users, whatever address they use. `provider_of` returns the
    uuid of a host's resource provider, which names its lock; by default a host is identified by the cloud and its name.
    Raises ConfigurationError for a URL that tooz cannot use, CloudError when the coordinator does not respond.
    """

    def __init__(
        self,
        coordinator: str | None,
        cloud: str,
        *,
        provider_of: Callable[[str], str | None] | None = None,
        state: Path | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ):
        self._locks = locks_of(coordinator or f"file://{state_folder('leases', state)}")
        self._cloud = cloud
        self._provider_of = provider_of or _nothing_known
        self._clock = clock

    def acquire(
        self, count: int, candidates: Sequence[str], within: float, *, groups: Sequence[Sequence[str]] | None = None
    ) -> Lease:
        """Hold `count` of the candidates, the first ones preferred; all or none, within that many seconds.

        With `groups` of candidates, all hosts are of one group: the first that has so many free. Raises Unverified when
        there are fewer candidates, CloudError when they do not become free in time.
        """
        if count > len(candidates):
            raise Unverified(
                f"the scenario needs {_hosts(count)} and may use {len(candidates)} ({', '.join(candidates) or 'none'})",
                'list more as "hosts:" under "stocktake:" of the cloud in clouds.yaml, or add hosts to the cloud',
            )
        began = self._clock.now()
        held: dict[str, str] = {}
        try:
            with self._first_in_line(count, began + within):
                self._gather(count, groups or [candidates], began + within, held)
        except TookTooLong as failure:
            self._give_back(held.values())
            raise CloudError(
                f"no {_hosts(count)} of {', '.join(candidates)} became free within {within:g} s: "
                f"{failure.history[-1].description}"
            ) from failure
        except BaseException:
            self._give_back(held.values())
            raise
        hosts = [host for host in candidates if host in held]
        return self._lease(hosts, began, list(held.values()))

    def borrow(self, what: str, within: float) -> Lease:
        """Lease one other thing that scenarios share, such as a volume; only for scenarios that already hold all their
        hosts. So waiting for it does not keep hosts from others. Raises CloudError when it does not become free in
        time.
        """
        began = self._clock.now()
        try:
            eventually(
                lambda: self._locks.take(self._name(what)),
                is_(True),
                within=within,
                what=f"{what} to be free",
                describe=lambda taken: "it is ours" if taken else "another scenario has it",
                clock=self._clock,
            )
        except TookTooLong as failure:
            raise CloudError(f"{what} did not become free within {within:g} s: another scenario has it") from failure
        return self._lease([], began, [self._name(what)])

    def others_wait(self) -> bool:
        """Return whether another process is waiting for hosts, in the first place of the queue."""
        first = self._name("place 1")
        if not self._locks.take(first):
            return True
        self._locks.give_back(first)
        return False

    def _lease(self, hosts: Sequence[str], began: float, names: Sequence[str]) -> Lease:
        def lost() -> str | None:
            return next(filter(None, map(self._locks.lost, names)), None)

        return Lease(hosts, self._clock.now() - began, lambda: self._give_back(names), lost)

    @contextmanager
    def _first_in_line(self, count: int, deadline: float) -> Iterator[None]:
        """Move up place by place; a place is released only once the next one is taken."""
        place = ""
        try:
            for ahead in range(PLACES):
                following = f"place {PLACES - ahead}"
                self._await_place(following, count, deadline)
                if place:
                    self._locks.give_back(self._name(place))
                place = following
            yield
        finally:
            if place:
                self._locks.give_back(self._name(place))

    def _await_place(self, place: str, count: int, deadline: float) -> None:
        eventually(
            lambda: self._locks.take(self._name(place)),
            is_(True),
            within=max(0.0, deadline - self._clock.now()),
            what=f"a turn to lease {_hosts(count)}",
            describe=lambda taken: "it is our turn" if taken else "other scenarios wait for hosts too",
            clock=self._clock,
        )

    def _gather(self, count: int, groups: Sequence[Sequence[str]], deadline: float, held: dict[str, str]) -> None:
        """Take hosts as they become free, and keep them, with the names of their locks; only one process does so at a
        time. What was taken of other groups is given back."""
        candidates = [host for group in groups for host in group]

        def take_more() -> list[str]:
            for group in groups:
                taken = [host for host in group if host in held]
                for host in group:
                    if len(taken) == count:
                        return taken
                    if host not in held and self._locks.take(name := self._name_of_host(host)):
                        held[host] = name
                        taken.append(host)
                if len(taken) == count:
                    return taken
            return []

        chosen = eventually(
            take_more,
            has_length(count),
            within=max(0.0, deadline - self._clock.now()),
            what=f"{_hosts(count)} of {', '.join(candidates)} to be free",
            describe=lambda _: _who_is_free(list(held), candidates),
            clock=self._clock,
        )
        self._give_back(held.pop(host) for host in list(held) if host not in chosen)

    def _give_back(self, names: Iterable[str]) -> None:
        with ExitStack() as rest:  # one that fails does not keep the others
            for name in names:
                rest.callback(self._locks.give_back, name)

    def _name_of_host(self, host: str) -> str:
        """Name the lock of a host by its resource provider, so that it is the same for all, whatever they call the
        cloud."""
        provider = self._provider_of(host)
        return _lock_name(f"provider {provider}") if provider else self._name(f"host {host}")

    def _name(self, what: str) -> str:
        return _lock_name(f"{self._cloud} {what}")


def no_lease() -> Lease:
    """Return a lease of nothing."""
    return Lease([], 0.0, _nothing, _nothing)


def _lock_name(what: str) -> str:
    """A lock's name that every tooz driver accepts: short, and of letters and digits."""
    return "stocktake-" + hashlib.sha256(what.encode()).hexdigest()[:32]


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"


def _who_is_free(held: Sequence[str], candidates: Sequence[str]) -> str:
    busy = ", ".join(host for host in candidates if host not in held)
    return f"{', '.join(held)} held, {busy} leased by others" if held else f"{busy} leased by others"


def _nothing() -> None:
    pass


def _nothing_known(_: str) -> None:
    pass
