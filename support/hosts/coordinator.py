"""The coordinator of leases: named locks of tooz, shared by all processes that know its URL.

On one machine they are locks on files, which the kernel releases when a process dies. Elsewhere they expire unless
this process keeps renewing them, which a heartbeat thread of tooz does. So a lock can be lost when the coordinator
does not respond, or when this process was stopped for too long.
"""

import atexit
import logging
import os
import secrets
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stocktake.support.errors import CloudError, ConfigurationError
from stocktake.support.waiting import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from tooz.coordination import CoordinationDriver
    from tooz.locking import Lock


class Locks:
    """The locks of one coordinator in this process.

    There is one lock object per name, kept as long as the process: file locks belong to a process, and closing any
    descriptor of the file, as when a second lock object is garbage-collected, would release the first one's lock.
    """

    def __init__(self, url: str, *, clock: Clock = SYSTEM_CLOCK):
        self._where = _without_password(url)
        self._folder = Path(urlsplit(url).path) if urlsplit(url).scheme == "file" else None
        self._clock = clock
        self._guard = threading.Lock()
        self._known: dict[str, Lock] = {}
        self._held: dict[str, float] = {}  # name of the lock: when it was taken
        self._lost: dict[str, str] = {}  # name of the lock: why another process may have it
        self._unreleased: set[str] = set()
        with _connecting(self._where):
            self._coordinator = _driver(url, _member())
            # Some drivers report that their locks do not expire because they send heartbeats; only file locks never do.
            self._expiring = self._folder is None
            if self._expiring and not self._coordinator.requires_beating:
                raise ConfigurationError(
                    f'"coordinator: {self._where}" under "stocktake:" of the cloud in clouds.yaml cannot be used: '
                    "its driver does not notice when it loses a lock with its connection; use etcd "
                    "(etcd3+http://HOST:2379) or Redis (redis://HOST:6379)"
                )
            self._beat = _Beat(self._coordinator, clock, self._after_beat)
            self._coordinator.start()
            if self._expiring:
                self._coordinator.heartbeat()  # from here on it is known for how long the coordinator keeps a lock
                self._coordinator.heart.start()
        atexit.register(self.close)

    def take(self, name: str) -> bool:
        """Take the lock if no process holds it.

        Raises CloudError when the coordinator fails, has not responded for so long that locks are lost, or its folder
        has been removed.
        """
        with self._guard, self._blaming_coordinator():
            if gone := self._folder_is_gone():
                raise CloudError(gone)
            if self._beat.missed and (seconds := self._beat.silence(since=0.0)) is not None:
                raise CloudError(self._silent_for(seconds))
            if name in self._held:
                return False
            if name not in self._known:
                self._known[name] = self._coordinator.get_lock(name.encode())
            if self._known[name].acquire(blocking=False):
                self._held[name] = self._clock.now()
                self._lost.pop(name, None)
                self._unreleased.discard(name)
            return name in self._held

    def lost(self, name: str) -> str | None:
        """Say why another process may hold a lock that was taken here; None if this process knows no reason."""
        with self._guard:
            if name not in self._lost and self._expiring:
                self._note_silence(name)
            return self._lost.get(name) or self._folder_is_gone()

    def give_back(self, name: str) -> None:
        """Release the lock; if it expires, as soon as the coordinator responds."""
        with self._guard:
            self._held.pop(name, None)
            if self._lost.pop(name, None) or self._beat.missed:
                self._unreleased.add(name)  # if it was not lost after all, heartbeats would keep it
                return
            try:
                with self._blaming_coordinator():
                    self._release(name)
            except CloudError:
                if not self._expiring:
                    raise
                self._unreleased.add(name)

    def close(self) -> None:
        """Release all locks and close the connection, because the process ends.

        A coordinator that does not respond is not awaited, because its locks expire when the process ends.
        """
        if self._beat.missed:
            return
        self._beat.end()
        with suppress(Exception):
            for name in (*self._held, *self._unreleased):
                self._release(name)
            self._coordinator.stop()

    def _after_beat(self) -> None:
        """Record what was lost since the last heartbeat, and release what could not be released then."""
        with self._guard:
            for name in self._held.keys() - self._lost:
                if not self._note_silence(name) and not _is_ours(self._known[name]):
                    self._lost[name] = f"the coordinator of leases, {self._where}, has let it expire"
            for name in tuple(self._unreleased):
                self._release(name)
                self._unreleased.discard(name)

    def _note_silence(self, name: str) -> bool:
        """Return whether the coordinator has not confirmed a lock for longer than it keeps one, so that the lock is
        lost."""
        seconds = self._beat.silence(since=self._held[name])
        if seconds is None:
            return False
        self._lost[name] = self._silent_for(seconds)
        return True

    def _folder_is_gone(self) -> str | None:
        """Say that the lock files have been removed: other processes would create others, and lock these."""
        if self._folder is None or self._folder.exists():
            return None
        return f"the folder of leases, {self._folder}, no longer exists: the lab was stopped, or the folder was removed"

    def _silent_for(self, seconds: float) -> str:
        return f"the coordinator of leases, {self._where}, did not answer for {seconds:.0f} s"

    def _release(self, name: str) -> None:
        lock = self._known[name]
        lock.release()
        with suppress(AttributeError):
            # tooz's file lock counts failed attempts, and would still report itself as acquired after its release
            lock.ref, lock.acquired = 0, False  # type: ignore[attr-defined]

    @contextmanager
    def _blaming_coordinator(self) -> Iterator[None]:
        from tooz import ToozError  # noqa: PLC0415 - loaded when the coordinator was

        try:
            yield
        except (ToozError, OSError, threading.ThreadError) as error:
            said = str(error) or "it cannot be reached"  # tooz's etcd driver loses the message
            raise CloudError(f"the coordinator of leases, {self._where}, failed: {said}") from error


class _Beat:
    """Watches the heartbeats of a driver: each asks the coordinator to keep this process's locks.

    `then` is called after each heartbeat that was answered.
    """

    def __init__(self, driver: "CoordinationDriver", clock: Clock, then: Callable[[], None]):
        self._heartbeat = driver.heartbeat
        self._clock = clock
        self._then = then
        self._last = clock.now()
        self._allowed: float | None = None  # seconds between heartbeats; set by the coordinator's first response
        self._ended = False
        self.missed = False
        """Whether the latest heartbeat was not answered, or not yet."""
        setattr(driver, "heartbeat", self._beat)  # noqa: B010 - a method of tooz's, which its heart looks up each time

    def silence(self, since: float) -> float | None:
        """Return for how many seconds the coordinator has not confirmed a lock taken at `since`, if that is too
        long."""
        seconds = self._clock.now() - max(self._last, since)
        return seconds if self._allowed is not None and seconds > self._allowed else None

    def end(self) -> None:
        """Stop the heartbeats, which would otherwise try forever to reach a coordinator that is gone."""
        self._ended = True

    def _beat(self) -> float | None:
        if self._ended:
            return 0.0
        self.missed = True
        allowed = self._heartbeat()
        self._then()
        self._last, self._allowed, self.missed = self._clock.now(), allowed, False
        return allowed


_known_locks: dict[str, Locks] = {}
_known_locks_guard = threading.Lock()


def locks_of(url: str) -> Locks:
    """Return this process's locks of the coordinator with that tooz URL, connected.

    Raises ConfigurationError for a URL that tooz cannot use, CloudError when the coordinator does not respond.
    """
    with _known_locks_guard:
        if url not in _known_locks:
            _known_locks[url] = Locks(url)
        return _known_locks[url]


@contextmanager
def _connecting(where: str) -> Iterator[None]:
    """Say which coordinator cannot be used, and why."""
    with _without_eventlet():
        import tooz  # noqa: PLC0415 - not needed, and not paid for, by commands without scenarios
    try:
        yield
    except (tooz.ToozError, OSError) as error:
        raise CloudError(f"the coordinator of leases, {where}, cannot be reached: {error}") from error
    except (RuntimeError, ImportError, ValueError) as error:
        raise ConfigurationError(
            f'"coordinator: {where}" under "stocktake:" of the cloud in clouds.yaml cannot be used: {error}; '
            "it must be a tooz URL whose driver's Python packages are installed"
        ) from error


def _member() -> bytes:
    return f"stocktake-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}".encode()


def _driver(url: str, member: bytes) -> "CoordinationDriver":
    """Create what tooz.get_coordinator does; for files, without its scan of all installed packages (0.3 seconds)."""
    with _without_eventlet():
        from tooz import coordination  # noqa: PLC0415

        # A failing heartbeat warns every second; its consequence is reported in one sentence.
        logging.getLogger("tooz").setLevel(logging.ERROR)
        parsed = urlsplit(url)
        if parsed.scheme != "file" or parsed.query:
            return coordination.get_coordinator(url, member)
        from tooz.drivers.file import FileDriver  # noqa: PLC0415

        return FileDriver(member, parsed, {})


def _is_ours(lock: "Lock") -> bool:
    """Ask the coordinator whether this process still holds the lock."""
    from tooz import NotImplemented as Missing  # noqa: PLC0415

    try:
        return bool(lock.is_still_owner())
    except Missing:  # tooz's etcd driver; what it stores is deleted when its lease ends
        lease = getattr(lock, "_lease", None)
        return lease is None or lease.ttl() > 0


@contextmanager
def _without_eventlet() -> Iterator[None]:
    """Import as if eventlet were not installed: importing it takes 0.2 seconds and warns, and it is never used here."""
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
