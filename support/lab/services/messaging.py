"""Delivers oslo.messaging's in-memory messages at once, unless they are held or their receiver has failed.

Its `fake://` listeners look for messages 20 times a second; every hop of an operation would take 25 ms on average,
and every host of the lab would keep the processor busy while nothing happens.

Messages for a server that has failed wait, as a broker keeps them; calls to it time out at once instead of after
rpc_response_timeout. Messages of a topic that is held wait until it is released.
"""

import functools
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import oslo_messaging
from oslo_messaging._drivers import base, impl_fake

_begin, _stop = impl_fake.FakeListener.__init__, impl_fake.FakeListener.stop


class PromptListener:
    """The methods of a listener that sleeps until a message arrives for it; they replace those of `FakeListener`.

    A class cannot replace it: up to 2024.1 at least, it calls its parent by `super(FakeListener, self)`, which would
    then be itself.
    """

    _stopped: Any
    _exchange_manager: Any
    _targets: Any
    _pool: Any

    def __init__(self, exchange_manager: Any, targets: Any, pool: Any = None):
        _begin(self, exchange_manager, targets, pool)
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
        _stop(self)
        _doors.remove(self._bell)
        self._bell.set()

    def _take(self) -> Any:
        for target in self._targets:
            if target.topic in _held:
                continue
            exchange = self._exchange_manager.get_exchange(target.exchange)
            with _traffic_lock:
                context, message, replies, requeue = exchange.poll(target, self._pool)
                _handling[target.topic] += message is not None
            if message is not None:
                return _Incoming(target.topic, context, message, replies, requeue)
        return None


class _Incoming(impl_fake.FakeIncomingMessage):
    """A message that counts as being handled until its receiver replies, which it also does to a cast."""

    def __init__(self, topic: str, *args: Any):
        super().__init__(*args)
        self._topic = topic

    def reply(self, reply: Any = None, failure: Any = None) -> None:
        """Send the result, if it is awaited; the message has been handled."""
        super().reply(reply, failure)
        with _traffic_lock:
            _handling[self._topic] -= 1


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
_held: set[str] = set()
_lost: set[str] = set()
_handling: Counter[str] = Counter()
_traffic_lock = threading.Lock()


def hold(topic: str) -> None:
    """Let messages of a topic wait, from now on."""
    _held.add(topic)


def release(topic: str) -> None:
    """Deliver the messages of a topic again, those that have waited first."""
    _held.discard(topic)
    _doors.ring(topic, None, fanout=True)


def pending(topic: str) -> int:
    """Return how many messages of a topic are waiting or being handled."""
    with _traffic_lock:
        return _handling[topic] + sum(len(queue) for name, _server, queue in _queues() if name == topic)


def lose(server: str) -> None:
    """Treat a server as failed: what is sent to it waits, and calls to it time out at once."""
    _lost.add(server)


def reach(server: str) -> None:
    """Treat a server as alive again."""
    _lost.discard(server)


def drop(server: str) -> int:
    """Delete the messages that wait for a server, and return how many there were."""
    with _traffic_lock:
        queues = [queue for _topic, name, queue in _queues() if name == server]
        count = sum(map(len, queues))
        for queue in queues:
            queue.clear()
    return count


def _queues() -> Iterator[tuple[str, str | None, list[Any]]]:
    """Yield every queue with its topic and server (None: any server)."""
    for exchange in list(impl_fake.FakeExchangeManager._exchanges.values()):
        with exchange._queues_lock:
            yield from ((topic, server, queue) for (topic, server), queue in exchange._server_queues.items())
            yield from ((topic, None, queue) for (topic, _pool), queue in exchange._topic_queues.items())


def install() -> None:
    """Use prompt listeners in this process, and let calls to failed servers time out, from now on."""
    deliver, send = impl_fake.FakeExchange.deliver_message, impl_fake.FakeDriver.send

    @functools.wraps(send)
    def send_or_time_out(self: Any, target: Any, context: Any, message: Any, *args: Any, **options: Any) -> Any:
        if target.server in _lost and (options.get("wait_for_reply") or any(args[:1])):
            raise oslo_messaging.MessagingTimeout(f"{target.server} has failed: no reply on topic {target.topic}")
        return send(self, target, context, message, *args, **options)

    def deliver_and_ring(
        self: Any, topic: str, ctxt: Any, message: Any, server: Any = None, fanout: bool = False, reply_q: Any = None
    ) -> None:
        deliver(self, topic, ctxt, message, server=server, fanout=fanout, reply_q=reply_q)
        _doors.ring(topic, server, fanout=bool(fanout))

    impl_fake.FakeExchange.deliver_message = deliver_and_ring
    impl_fake.FakeDriver.send = send_or_time_out
    for name in ("__init__", "poll", "stop", "_take"):
        setattr(impl_fake.FakeListener, name, vars(PromptListener)[name])
