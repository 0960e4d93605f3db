"""Reads many parts of a cloud at the same time."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

from stocktake.support.api.clients import Clients
from stocktake.support.api.replies import Exchange
from stocktake.support.inspection.throttle import Throttle

T = TypeVar("T")
R = TypeVar("R")


class Readers:
    """Clients of one cloud for `jobs` threads, which share no session, and with that no token and no connection.

    `throttle` counts their requests, and lets fewer be under way while the cloud cannot bear as many. With one job,
    everything is read by the caller's own thread, in the order in which it is asked for.
    """

    def __init__(self, clients: Clients, jobs: int = 1):
        self.throttle = Throttle(jobs)
        self._first = clients
        self._jobs = jobs
        self._idle: SimpleQueue[Clients] = SimpleQueue()
        self._making = Lock()
        clients.watch(self.throttle.heed_list)

    @property
    def clients(self) -> Clients:
        """The clients of the caller's own thread."""
        return self._first

    def each(self, read: Callable[[Clients, T], R], things: Iterable[T]) -> Iterator[R]:
        """Yield what `read` returns for each of the things, in their order; what it raises ends the others, too."""
        if self._jobs == 1:
            yield from (read(self._first, thing) for thing in things)
            return
        with ThreadPoolExecutor(self._jobs) as pool:
            try:
                yield from pool.map(lambda thing: self._read(read, thing), things)
            finally:
                pool.shutdown(cancel_futures=True)

    def meanwhile(self, read: Callable[[Clients], R]) -> Callable[[], R]:
        """Begin to read something that takes many requests, one after the other; return how to wait for it.

        It is no job of its own, for it mostly asks another service than `each` does. It does not keep the process
        from ending.
        """
        if self._jobs == 1:
            return lambda: read(self._first)
        future: Future[R] = Future()

        def run() -> None:
            clients = self._taken(self.throttle.heed_list)
            try:
                future.set_result(read(clients))
            except BaseException as error:  # noqa: BLE001 - raised again by who waits for it
                future.set_exception(error)
            finally:
                self._idle.put(clients)

        Thread(target=run, daemon=True).start()
        return future.result

    def _read(self, read: Callable[[Clients, T], R], thing: T) -> R:
        with self.throttle.turn():
            clients = self._taken(self.throttle.heed)
            try:
                return read(clients, thing)
            finally:
                self._idle.put(clients)

    def _taken(self, watch: Callable[[Exchange], object]) -> Clients:
        try:
            clients = self._idle.get_nowait()
        except Empty:
            with self._making:  # clouds.yaml is read by code that is not made for threads
                clients = self._first.another()
        clients.watch(watch)
        return clients
