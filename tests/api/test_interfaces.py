"""Interfaces of servers: attached and detached once, though an answer is lost."""

import pytest
from hamcrest import assert_that, has_length
from stocktake.support.api.clients import Clients

from tests.api.nova_answers import ACTIONS, SERVER, recorded, request_id

INTERFACES = f"{SERVER}/os-interface"


@pytest.fixture
def interfaces(session):
    return Clients(session).interfaces


def test_a_port_is_attached(interfaces, apis):
    apis.answer("POST", INTERFACES, apis.say(200, {"interfaceAttachment": {}}, request_id("req-1")))
    assert interfaces.attach("web-id", "p-1") == "req-1"
    assert apis.asked("POST .*")[0].body == {"interfaceAttachment": {"port_id": "p-1"}}


def test_a_port_is_detached(interfaces, apis):
    apis.answer("DELETE", f"{INTERFACES}/p-1", apis.say(202, None, request_id("req-1")))
    assert interfaces.detach("web-id", "p-1") == "req-1"


@pytest.mark.parametrize(
    ("method", "path", "act"),
    [("POST", INTERFACES, "attach"), ("DELETE", f"{INTERFACES}/p-1", "detach")],
)
def test_nothing_is_done_twice(interfaces, apis, method, path, act):
    apis.answer(method, path, apis.say(504))
    apis.answer("GET", ACTIONS, apis.say(200, recorded((f"{act}_interface", "req-7"))))
    assert getattr(interfaces, act)("web-id", "p-1") == "req-7"
    assert_that(apis.asked(f"{method} .*os-interface.*"), has_length(1))
