"""Leases: a scenario holds its hosts alone, whoever else runs Stocktake on the same cloud.

A lease is a set of distributed locks of tooz, one per host: on one machine locks on files, which the kernel gives
up when a process dies, and between machines whatever the operator's tooz URL names. Only those who stand first in
line gather hosts, and they keep what they gathered: so nobody waits for hosts in a circle, and a scenario that needs
three is not overtaken for ever by those that need one.
"""

import atexit
import hashlib
import os
import secrets
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hamcrest import has_length, is_
from stocktake.support.config.folders import state_folder
from stocktake.support.errors import CloudError, ConfigurationError, Unverified
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually

if TYPE_CHECKING:
    from tooz.coordination import CoordinationDriver
    from tooz.locking import Lock

# The line has this many places, each a lock. Who stands in it moves up in order; those beyond contend for the last.
PLACES = 8


class Lease:
    """Hosts held alone until `release()`, the end of the `with` block, or the death of this process."""

    def __init__(self, hosts: Sequence[str], waited: float, release: Callable[[], None]):
        self.hosts = tuple(hosts)
        self.waited = waited
        """Seconds until the hosts were free."""
        self._release = release

    def release(self) -> None:
        """Give the hosts back. Doing it again does nothing."""
        self._release()
        self._release = _nothing

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"Lease({', '.join(self.hosts)})"


class Leases:
    """The hosts of one cloud as something that can be held.

    `coordinator` is a tooz URL; None is a folder on this machine, below `state` if given, else this user's. `cloud`
    tells clouds apart and must be the same on every machine, such as the authentication URL and region.
    Raises ConfigurationError for a URL tooz cannot use, CloudError when the coordinator does not answer.
    """

    def __init__(self, coordinator: str | None, cloud: str, *, state: Path | None = None, clock: Clock = SYSTEM_CLOCK):
        self._locks = _locks_of(coordinator or f"file://{state_folder('leases', state)}")
        self._cloud = cloud
        self._clock = clock

    def acquire(self, count: int, candidates: Sequence[str], within: float) -> Lease:
        """Hold `count` of the candidates, the first ones preferred; all or none, within that many seconds.

        Raises Unverified when there are fewer candidates, CloudError when they do not become free in time.
        """
        if count > len(candidates):
            raise Unverified(
                f"the scenario needs {_hosts(count)} and may use {len(candidates)} ({', '.join(candidates) or 'none'})",
                'list more as "hosts:" under "stocktake:" of the cloud in clouds.yaml, or add hosts to the cloud',
            )
        began = self._clock.now()
        held: list[str] = []
        try:
            with self._first_in_line(count, began + within):
                self._gather(count, candidates, began + within, held)
        except TookTooLong as failure:
            self._give_back(held)
            raise CloudError(
                f"no {_hosts(count)} of {', '.join(candidates)} became free within {within:g} s: "
                f"{failure.history[-1].description}"
            ) from failure
        except BaseException:
            self._give_back(held)
            raise
        hosts = [host for host in candidates if host in held]
        return Lease(hosts, self._clock.now() - began, lambda: self._give_back(hosts))

    def borrow(self, what: str, within: float) -> Lease:
        """Hold one other thing that scenarios share, such as a volume; for who holds all hosts it needs already.

        Nobody who waits for it keeps others from hosts. Raises CloudError when it does not become free in time.
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
        return Lease([], self._clock.now() - began, lambda: self._locks.give_back(self._name(what)))

    @contextmanager
    def _first_in_line(self, count: int, deadline: float) -> Iterator[None]:
        """Move up place by place; the place behind is given up only when the next one is ours."""
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

    def _gather(self, count: int, candidates: Sequence[str], deadline: float, held: list[str]) -> None:
        """Take hosts as they become free, and keep them: nobody else gathers meanwhile."""

        def take_more() -> list[str]:
            for host in candidates:
                if len(held) < count and host not in held and self._locks.take(self._name(f"host {host}")):
                    held.append(host)
            return held

        eventually(
            take_more,
            has_length(count),
            within=max(0.0, deadline - self._clock.now()),
            what=f"{_hosts(count)} of {', '.join(candidates)} to be free",
            describe=lambda _: _who_is_free(held, candidates),
            clock=self._clock,
        )

    def _give_back(self, hosts: Sequence[str]) -> None:
        with ExitStack() as rest:  # one that fails does not keep the others
            for host in hosts:
                rest.callback(self._locks.give_back, self._name(f"host {host}"))

    def _name(self, what: str) -> str:
        """A lock's name that every tooz driver accepts: short, and of letters and digits."""
        return "stocktake-" + hashlib.sha256(f"{self._cloud} {what}".encode()).hexdigest()[:32]


class _Locks:
    """The locks of one coordinator in this process.

    There is one lock object per name, and it lives as long as the process: file locks belong to a process, and
    closing any descriptor of the file, as when a second lock object is collected, would end the first one's lock.
    """

    def __init__(self, url: str):
        self._where = _without_password(url)
        self._coordinator = _start(url, self._where)
        self._guard = threading.Lock()
        self._known: dict[str, Lock] = {}
        self._held: set[str] = set()
        atexit.register(self.close)

    def take(self, name: str) -> bool:
        """Take the lock if nobody has it, in this process or another."""
        with self._guard, self._blaming_coordinator():
            if name in self._held:
                return False
            if name not in self._known:
                self._known[name] = self._coordinator.get_lock(name.encode())
            if self._known[name].acquire(blocking=False):
                self._held.add(name)
            return name in self._held

    def give_back(self, name: str) -> None:
        """Let others have the lock."""
        with self._guard, self._blaming_coordinator():
            self._held.discard(name)
            lock = self._known[name]
            lock.release()
            with suppress(AttributeError):
                # tooz's file lock counts attempts that failed, and after its release would still call itself acquired
                lock.ref, lock.acquired = 0, False  # type: ignore[attr-defined]

    def close(self) -> None:
        """Let others have all locks, and end the connection, because the process ends."""
        with suppress(Exception):  # its locks end with it, one way or the other
            for name in tuple(self._held):
                self.give_back(name)
            self._coordinator.stop()

    @contextmanager
    def _blaming_coordinator(self) -> Iterator[None]:
        from tooz import ToozError  # noqa: PLC0415 - loaded when the coordinator was

        try:
            yield
        except (ToozError, OSError, threading.ThreadError) as error:
            raise CloudError(f"the coordinator of leases, {self._where}, failed: {error}") from error


_known_locks: dict[str, _Locks] = {}
_known_locks_guard = threading.Lock()


def _locks_of(url: str) -> _Locks:
    with _known_locks_guard:
        if url not in _known_locks:
            _known_locks[url] = _Locks(url)
        return _known_locks[url]


def _start(url: str, where: str) -> "CoordinationDriver":
    """Connect to the coordinator; hearts beat where locks would otherwise expire under a living process."""
    with _without_eventlet():
        import tooz  # noqa: PLC0415 - not needed, and not paid for, by commands without scenarios
        from tooz import coordination  # noqa: PLC0415
    member = f"stocktake-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}".encode()
    try:
        coordinator = _driver(url, member)
        coordinator.start(start_heart=coordination.Characteristics.NON_TIMEOUT_BASED not in coordinator.CHARACTERISTICS)
    except (tooz.ToozError, OSError) as error:
        raise CloudError(f"the coordinator of leases, {where}, cannot be reached: {error}") from error
    except (RuntimeError, ImportError, ValueError) as error:
        raise ConfigurationError(
            f'"coordinator: {where}" under "stocktake:" of the cloud in clouds.yaml cannot be used: {error}; '
            "it must be a tooz URL whose driver's Python packages are installed"
        ) from error
    return coordinator


def _driver(url: str, member: bytes) -> "CoordinationDriver":
    """What tooz.get_coordinator makes; for files, without its scan of everything installed, 0.3 seconds."""
    with _without_eventlet():
        from tooz import coordination  # noqa: PLC0415

        parsed = urlsplit(url)
        if parsed.scheme != "file" or parsed.query:
            return coordination.get_coordinator(url, member)
        from tooz.drivers.file import FileDriver  # noqa: PLC0415

        return FileDriver(member, parsed, {})


@contextmanager
def _without_eventlet() -> Iterator[None]:
    """Import as if eventlet were not installed: it would take 0.2 seconds, warn, and never be used here."""
    absent: Any = None
    before = sys.modules.get("eventlet")
    if before is None:
        sys.modules["eventlet"] = absent
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        if before is None:
            sys.modules.pop("eventlet", None)


def _without_password(url: str) -> str:
    parsed = urlsplit(url)
    host = parsed.netloc.rpartition("@")[2]
    return parsed._replace(netloc=host, query="").geturl()


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"


def _who_is_free(held: Sequence[str], candidates: Sequence[str]) -> str:
    busy = ", ".join(host for host in candidates if host not in held)
    return f"{', '.join(held)} held, {busy} leased by others" if held else f"{busy} leased by others"


def _nothing() -> None:
    pass
