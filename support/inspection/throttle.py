"""How many requests a cloud bears at a time, learned from its answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from stocktake.support.api.replies import LOST_STATUSES, Exchange

SLOW = 2.0
"""Seconds after which an answer shows an overloaded API; usually one takes some milliseconds."""

STEADY = 20
"""So many good answers for each request that may be under way allow for one more."""

OVERLOADED = LOST_STATUSES | {HTTPStatus.TOO_MANY_REQUESTS}


class Throttle:
    """Lets at most `limit` requests be under way: half as many after a bad answer, one more after many good ones.

    That is what TCP does about congestion (RFC 5681). An answer is bad if it did not come, came late, or said that the
    API is overloaded or limits the rate of requests; whoever was refused waits by itself for as long as it was told.
    Long lists, which are read beside the turns, may come late. `requests` counts all requests. May be used by several
    threads.
    """

    def __init__(self, most: int):
        self.requests = 0
        self._most = most
        self._limit = most
        self._under_way = 0
        self._good = 0
        self._halved = float("-inf")
        self._change = threading.Condition()

    @property
    def limit(self) -> int:
        """How many requests may be under way now."""
        return self._limit

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until one more may be under way, which it then is inside the block."""
        with self._change:
            self._change.wait_for(lambda: self._under_way < self._limit)
            self._under_way += 1
        try:
            yield
        finally:
            with self._change:
                self._under_way -= 1
                self._change.notify_all()

    def heed(self, exchange: Exchange) -> None:
        """Learn from an answer. Bad answers to requests sent before the limit was last halved halve it no further."""
        self._learn(exchange, bad=_is_refusal(exchange) or exchange.seconds > SLOW)

    def heed_list(self, exchange: Exchange) -> None:
        """Learn from a part of a long list, for which nothing is late."""
        self._learn(exchange, bad=_is_refusal(exchange))

    def _learn(self, exchange: Exchange, *, bad: bool) -> None:
        with self._change:
            self.requests += 1
            if bad:
                self._good = 0
                if exchange.time >= self._halved:
                    self._limit = max(1, self._limit // 2)
                    self._halved = exchange.time + exchange.seconds
                return
            self._good += 1
            if self._limit < self._most and self._good >= STEADY * self._limit:
                self._good = 0
                self._limit += 1
                self._change.notify_all()


def _is_refusal(exchange: Exchange) -> bool:
    return exchange.status is None or exchange.status in OVERLOADED
