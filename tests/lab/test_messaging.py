import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # oslo.messaging may find eventlet, and tell
    import oslo_messaging
    from oslo_messaging._drivers import impl_fake
    from stocktake.support.lab.services import messaging

TOPIC = oslo_messaging.Target(topic="compute", exchange="nova")
SERVER = oslo_messaging.Target(topic="compute", server="host1", exchange="nova")


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("__init__", "poll", "stop"):
        monkeypatch.setattr(impl_fake.FakeListener, name, getattr(impl_fake.FakeListener, name))
    monkeypatch.setattr(impl_fake.FakeExchange, "deliver_message", impl_fake.FakeExchange.deliver_message)
    monkeypatch.setattr(impl_fake.FakeExchangeManager, "_exchanges", {})
    monkeypatch.setattr(impl_fake.FakeDriver, "send", impl_fake.FakeDriver.send)
    monkeypatch.setattr(messaging, "_handling", Counter())
    messaging.install()
    yield impl_fake.FakeExchangeManager("nova")
    messaging.release("compute")
    messaging.reach("host1")


@pytest.fixture
def listener(exchange: Any) -> Iterator[messaging.PromptListener]:
    listener = impl_fake.FakeListener(exchange, [SERVER, TOPIC])
    yield listener
    listener.stop()


class Receiver(threading.Thread):
    """Waits for one message, for a minute at most."""

    def __init__(self, listener: messaging.PromptListener):
        super().__init__(daemon=True)
        self._listener = listener
        self.messages: list[Any] = []
        self.start()

    def run(self) -> None:
        self.messages = [message.message for message in self._listener.poll(timeout=60)]


def test_a_waiting_listener_gets_a_message_at_once(exchange: Any, listener: messaging.PromptListener):
    receiver = Receiver(listener)

    exchange.get_exchange("nova").deliver_message("compute", {}, "hello", server="host1")

    receiver.join(5)
    assert receiver.messages == ["hello"]


@pytest.mark.parametrize("how", [{"server": "host1"}, {"server": None}, {"fanout": True}])
def test_a_listener_gets_what_was_sent_to_it_before(exchange: Any, listener: messaging.PromptListener, how: dict):
    exchange.get_exchange("nova").deliver_message("compute", {}, "hello", **how)

    assert [message.message for message in listener.poll(timeout=0)] == ["hello"]


def test_a_message_for_another_server_is_not_taken(exchange: Any, listener: messaging.PromptListener):
    exchange.get_exchange("nova").deliver_message("compute", {}, "hello", server="host2")

    assert listener.poll(timeout=0) == []


def test_messages_that_came_together_are_all_delivered(exchange: Any, listener: messaging.PromptListener):
    for number in range(3):
        exchange.get_exchange("nova").deliver_message("compute", {}, number, server="host1")

    assert [listener.poll(timeout=0)[0].message for _turn in range(3)] == [0, 1, 2]


def test_a_stopped_listener_stops_waiting(listener: messaging.PromptListener):
    receiver = Receiver(listener)

    listener.stop()

    receiver.join(5)
    assert not receiver.is_alive()
    assert receiver.messages == []


def test_what_is_sent_to_a_stopped_server_waits_for_the_next(exchange: Any, listener: messaging.PromptListener):
    listener.stop()
    exchange.get_exchange("nova").deliver_message("compute", {}, "hello", server="host1")

    successor = impl_fake.FakeListener(exchange, [SERVER])

    assert [message.message for message in successor.poll(timeout=0)] == ["hello"]
    successor.stop()


def test_messages_of_a_held_topic_wait_until_it_is_released(exchange: Any, listener: messaging.PromptListener):
    messaging.hold("compute")
    exchange.get_exchange("nova").deliver_message("compute", {}, "hello", server="host1")
    assert listener.poll(timeout=0) == []
    receiver = Receiver(listener)

    messaging.release("compute")

    receiver.join(5)
    assert receiver.messages == ["hello"]


def test_a_message_is_pending_until_its_receiver_has_replied(exchange: Any, listener: messaging.PromptListener):
    exchange.get_exchange("nova").deliver_message("compute", {}, "hello")
    assert messaging.pending("compute") == 1

    (message,) = listener.poll(timeout=0)
    assert messaging.pending("compute") == 1

    message.reply()
    assert messaging.pending("compute") == 0


def test_messages_for_a_server_can_be_dropped(exchange: Any, listener: messaging.PromptListener):
    for server in ("host1", "host1", "host2", None):
        exchange.get_exchange("nova").deliver_message("compute", {}, f"for {server}", server=server)

    assert messaging.drop("host1") == 2

    assert [message.message for message in listener.poll(timeout=0)] == ["for None"]
    assert messaging.drop("host2") == 1


def test_calls_to_a_lost_server_time_out_at_once_and_casts_wait(exchange: Any, listener: messaging.PromptListener):
    driver = impl_fake.FakeDriver(None, None, "nova")
    messaging.lose("host1")

    with pytest.raises(oslo_messaging.MessagingTimeout, match="host1 has failed"):
        driver.send(SERVER, {}, "call", wait_for_reply=True, timeout=60)
    driver.send(SERVER, {}, "cast")

    assert [message.message for message in listener.poll(timeout=0)] == ["cast"]
    assert listener.poll(timeout=0) == []


def test_a_server_that_is_back_answers_calls(exchange: Any, listener: messaging.PromptListener):
    driver = impl_fake.FakeDriver(None, None, "nova")
    messaging.lose("host1")
    messaging.reach("host1")
    threading.Thread(target=lambda: listener.poll(timeout=60)[0].reply("answer"), daemon=True).start()

    assert driver.send(SERVER, {}, "call", wait_for_reply=True, timeout=60) == "answer"
