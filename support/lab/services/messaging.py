"""Delivers oslo.messaging's in-memory messages at once.

Its `fake://` listeners look for messages 20 times a second; every hop of an operation would take 25 ms on average,
and every host of the lab would keep the processor busy while nothing happens.
"""

import threading
from typing import Any

from oslo_messaging._drivers import base, impl_fake


class PromptListener(impl_fake.FakeListener):
    """A listener that sleeps until a message arrives for it."""

    def __init__(self, exchange_manager: Any, targets: Any, pool: Any = None):
        super().__init__(exchange_manager, targets, pool)
        self._bell = threading.Event()
        _doors.add(self._bell, [(target.topic, target.server) for target in targets])

    @base.batch_poll_helper
    def poll(self, timeout: float | None = None) -> Any:
        """The next message, or None when `timeout` seconds have passed or the listener is stopped."""
        while not self._stopped.is_set():
            self._bell.clear()
            message = self._take()
            if message is not None:
                return message
            if not self._bell.wait(timeout):
                return None
        return None

    def stop(self) -> None:
        """Accept no more messages."""
        super().stop()
        _doors.remove(self._bell)
        self._bell.set()

    def _take(self) -> Any:
        for target in self._targets:
            exchange = self._exchange_manager.get_exchange(target.exchange)
            context, message, replies, requeue = exchange.poll(target, self._pool)
            if message is not None:
                return impl_fake.FakeIncomingMessage(context, message, replies, requeue)
        return None


class _Doors:
    """The listeners that wait for messages, by topic and server (None: any server)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bells: dict[str, dict[threading.Event, set[str | None]]] = {}

    def add(self, bell: threading.Event, targets: list[tuple[str, str | None]]) -> None:
        with self._lock:
            for topic, server in targets:
                self._bells.setdefault(topic, {}).setdefault(bell, set()).add(server)

    def remove(self, bell: threading.Event) -> None:
        with self._lock:
            for bells in self._bells.values():
                bells.pop(bell, None)

    def ring(self, topic: str, server: str | None, *, fanout: bool) -> None:
        with self._lock:
            bells = list(self._bells.get(topic, {}).items())
        for bell, servers in bells:
            if fanout or server in servers:
                bell.set()


_doors = _Doors()


def install() -> None:
    """Use prompt listeners in this process, from now on."""
    deliver = impl_fake.FakeExchange.deliver_message

    def deliver_and_ring(
        self: Any, topic: str, ctxt: Any, message: Any, server: Any = None, fanout: bool = False, reply_q: Any = None
    ) -> None:
        deliver(self, topic, ctxt, message, server=server, fanout=fanout, reply_q=reply_q)
        _doors.ring(topic, server, fanout=bool(fanout))

    impl_fake.FakeExchange.deliver_message = deliver_and_ring
    impl_fake.FakeListener = PromptListener
