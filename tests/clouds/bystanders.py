"""Neighbours on the same cloud, who never stop working, and the log of each of their requests."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import sites
from foreign import USERS, Foreign
from furnishing import hosts_of
from hamcrest import any_of, has_properties, none
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.requests import BootRequest
from stocktake.support.config.target import Target
from stocktake.support.waiting import TookTooLong, eventually

PATIENCE = 60.0  # seconds until an operation has failed in a neighbour's eyes
NOTICED = 30.0  # seconds for one operation; on a busy machine it takes several
WELL = (200, 201, 202, 203, 204, 300)
GONE = 404
SOFT_DELETED = "SOFT_DELETED"


@dataclass
class Log:
    """Every request of the neighbours and every operation: how many, how long, and what failed."""

    requests: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def __str__(self) -> str:
        times = ", ".join(
            f"{len(taken)} x {what} (median {median(taken):.1f} s, slowest {max(taken):.1f} s)"
            for what, taken in self.seconds.items()
        )
        return f"{self.requests} requests, {len(self.failures) or 'none'} failed; {times}"


class Neighbours:
    """Users with servers of their own: some that stay, and some that come, grow and go."""

    def __init__(self, cloud: Foreign):
        self._site = cloud.site
        with sites.looking_at(cloud.clouds_yaml):
            self._user = Clients.of(Target.load(USERS))
        self._image = cloud.site.clients.images.choose().id
        make = cloud.site.clients.flavors.create
        extra = cloud.shape.extra_specs
        self._small = make(Flavor("neighbour.small", 1, 256, 1, extra_specs=extra))
        self._large = make(Flavor("neighbour.large", 2, 512, 2, extra_specs=extra))
        self._targeted = cloud.shape.targeted
        self._network = cloud.shape.settings.get("network", "none")
        self.log = Log()

    def settle(self, hosts: int) -> None:
        """Boot a server on each of so many hosts, which stays; where hosts cannot be named, anywhere."""
        for host in hosts_of(self._site)[:hosts]:
            made = self._site.clients.servers.create(
                BootRequest(
                    f"neighbour-of-{host}",
                    str(self._small.id),
                    self._image,
                    networks=self._network,
                    host=host if self._targeted else None,
                )
            )
            self._await(made.id, "ACTIVE")

    @contextmanager
    def at_work(self, *, every: float = 5.0) -> Iterator[Log]:
        """List, boot, resize and delete servers every so many seconds until the block ends; yields the log, which is
        complete then."""
        over = threading.Event()
        thread = threading.Thread(target=self._work, args=(over, every))
        thread.start()
        try:
            yield self.log
        finally:
            over.set()
            thread.join()

    def _work(self, over: threading.Event, every: float) -> None:
        for number in itertools.count():
            began = time.monotonic()
            try:
                self._round(f"neighbour-{number}")
            except Exception as error:  # noqa: BLE001 - whatever it is, it has befallen a neighbour
                self._fail(f"{type(error).__name__}: {error}")
            self._note_requests()
            if over.wait(max(0.0, every - (time.monotonic() - began))):
                return

    def _round(self, name: str) -> None:
        """What a user does: list, boot, resize, confirm, delete. The server goes, whatever becomes of it."""
        self._timed("list", self._user.servers.all)
        request = BootRequest(name, str(self._small.id), self._image, networks=self._network)
        server = self._timed("boot", lambda: self._to(self._user.servers.create(request).id, "ACTIVE"))
        try:
            self._timed("resize", lambda: self._resized(server))
        finally:
            self._timed("delete", lambda: self._delete(server))

    def _resized(self, server: str) -> None:
        self._user.server_actions.resize(server, str(self._large.id))
        self._to(server, "VERIFY_RESIZE")
        self._user.server_actions.confirm_resize(server)
        self._to(server, "ACTIVE")

    def _to(self, server: str, status: str) -> str:
        """Wait for a status; a server that fails is deleted here, so that nothing is left of it."""
        try:
            self._await(server, status)
        except TookTooLong:
            found = self._site.clients.servers.find(server)
            fault = getattr(found, "fault", None)
            self._delete(server)
            raise TookTooLong(f"server {server} is {found and found.status}, not {status}: {fault}") from None
        return server

    def _await(self, server: str, status: str) -> None:
        eventually(
            lambda: self._site.clients.servers.find(server),
            has_properties(status=status, task_state=None),
            within=PATIENCE,
            what=f"a neighbour's server to be {status}",
        )

    def _delete(self, server: str) -> None:
        self._user.servers.delete(server)
        found = any_of(none(), has_properties(status=SOFT_DELETED))
        if eventually(lambda: self._user.servers.find(server), found, within=PATIENCE, what="it to be deleted"):
            self._user.server_actions.force_delete(server)  # or it would be there until it is reclaimed
            eventually(lambda: self._user.servers.find(server), none(), within=PATIENCE, what="it to be gone")

    def _timed(self, what: str, act: Callable[[], Any]) -> Any:
        began = time.monotonic()
        found = act()
        self.log.seconds.setdefault(what, []).append(time.monotonic() - began)
        return found

    def _fail(self, what: str) -> None:
        self.log.failures.append(f"{time.strftime('%H:%M:%S')} {what}")

    def _note_requests(self) -> None:
        """Count the user's requests since the last time, and note those that were answered with an error."""
        exchanges = self._user.session.exchanges
        while exchanges:
            exchange = exchanges.popleft()
            self.log.requests += 1
            if exchange.status not in WELL and (exchange.method, exchange.status) != ("GET", GONE):
                self._fail(str(exchange))


def slow(log: Log) -> list[str]:
    """Operations that a neighbour had to wait for."""
    return [f"{what}: {max(taken):.1f} s" for what, taken in log.seconds.items() if max(taken) > NOTICED]
