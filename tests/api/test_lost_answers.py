"""Requests to Nova whose answer is lost: what became of them is looked up, and nothing is done twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hamcrest import assert_that, contains_string, has_length
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.requests import LiveMigration
from stocktake.support.api.compute.servers import Accepted
from stocktake.support.api.credentials import Credentials
from stocktake.support.api.replies import LostAnswer

from tests.api.nova_answers import ACTIONS, NOVA, SERVER, WEB, recorded, request_id, server


@pytest.fixture
def clients(session):
    return Clients(session)


class TestBootingWhenTheAnswerIsLost:
    def test_finds_the_server_by_its_name(self, clients, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(fault="reset"))
        listed = [server("other"), server("web")]  # should a database not know regular expressions
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": listed}))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("resize", "req-2"), ("create", "req-1"))))
        assert clients.servers.create(WEB) == Accepted("web-id", "req-1")
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_waits_for_a_server_that_is_late(self, clients, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(504))
        none_yet = apis.say(200, {"servers": []})
        apis.answer("GET", f"{NOVA}/servers/detail", none_yet, none_yet, apis.say(200, {"servers": [server()]}))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("create", "req-1"))))
        assert clients.servers.create(WEB).id == "web-id"
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_waits_for_its_creation_to_be_recorded(self, clients, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(502))
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": [server()]}))
        none_yet, then = apis.say(200, recorded()), apis.say(200, recorded(("create", "req-1")))
        apis.answer("GET", ACTIONS, none_yet, none_yet, then)
        assert clients.servers.create(WEB) == Accepted("web-id", "req-1")

    def test_does_without_a_record_that_never_comes(self, clients, apis, fake_clock):
        apis.answer("POST", f"{NOVA}/servers", apis.say(502))
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": [server()]}))
        apis.answer("GET", ACTIONS, apis.say(200, recorded()))
        assert clients.servers.create(WEB) == Accepted("web-id", None)
        assert fake_clock.waited < 20

    def test_asks_again_if_there_is_none(self, clients, apis):
        there = apis.say(202, {"server": {"id": "web-id"}}, request_id("req-2"))
        apis.answer("POST", f"{NOVA}/servers", apis.say(502), there)
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": []}))
        assert clients.servers.create(WEB) == Accepted("web-id", "req-2")

    def test_asks_for_the_name_as_it_is(self, clients, apis):
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": []}))
        assert clients.servers.named("we.b+") == []
        (request,) = apis.asked("GET .*detail.*")
        assert_that(request.path, contains_string("name=%5Ewe%5C.b%5C%2B%24"))

    def test_finds_the_reservation_of_several(self, clients, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(fault="reset"))
        listed = [server("web-2", **{"OS-EXT-SRV-ATTR:reservation_id": "r-1"})]
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": listed}))
        assert clients.servers.create_together(WEB, 2) == "r-1"


class TestActionsWhoseAnswerIsLost:
    def test_are_found_in_the_servers_record(self, clients, apis):
        apis.answer("POST", f"{SERVER}/action", apis.say(202, None, request_id("req-1")), apis.say(fault="reset"))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("resize", "req-2"), ("resize", "req-1"))))
        assert clients.server_actions.resize("web-id", "a") == "req-1"
        assert clients.server_actions.resize("web-id", "b") == "req-2"
        assert_that(apis.asked("POST .*"), has_length(2))

    def test_are_sent_again_when_the_record_has_only_what_was_answered(self, clients, apis):
        lost, answered = apis.say(504), [apis.say(202, None, request_id(f"req-{n}")) for n in (1, 2)]
        apis.answer("POST", f"{SERVER}/action", answered[0], lost, answered[1])
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("create", "req-0"), ("resize", "req-1"))))
        assert [clients.server_actions.resize("web-id", "a"), clients.server_actions.resize("web-id", "b")] == [
            "req-1",
            "req-2",
        ]

    def test_of_that_name_from_before_are_not_taken_for_this_one(self, clients, apis):
        now = datetime.now(UTC)
        older = {"action": "resize", "request_id": "req-1", "start_time": f"{now - timedelta(seconds=30):%FT%T.%f}"}
        newer = {"action": "resize", "request_id": "req-2", "start_time": f"{now + timedelta(seconds=1):%FT%T.%f}"}
        apis.answer("POST", f"{SERVER}/action", apis.say(504), apis.say(202, headers=request_id("req-3")))
        apis.answer("GET", ACTIONS, apis.say(200, {"instanceActions": [older]}))
        assert clients.server_actions.resize("web-id", "a") == "req-3"
        apis.answer("POST", f"{SERVER}/action", apis.say(504))
        apis.answer("GET", ACTIONS, apis.say(200, {"instanceActions": [newer, older]}))
        assert clients.server_actions.resize("web-id", "a") == "req-2"

    def test_of_that_name_by_another_user_of_this_run_are_not_taken_for_this_one(self, clients, apis):
        user = Clients(
            clients.session.as_user(Credentials("bob", "correct-horse-battery", "p", "default", "u-1", "p-1"))
        )
        apis.answer("POST", f"{SERVER}/action", apis.say(202, headers=request_id("req-1")))
        user.server_actions.resize("web-id", "a")
        apis.answer("POST", f"{SERVER}/action", apis.say(504), apis.say(202, headers=request_id("req-2")))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("resize", "req-1"))))
        assert clients.server_actions.resize("web-id", "b") == "req-2"

    def test_are_not_sent_again_when_only_the_body_was_lost(self, clients, apis):
        cut = apis.say(202, {"server": server()}, request_id("req-1"), fault="cut")
        apis.answer("POST", f"{SERVER}/action", cut)
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("rebuild", "req-1"))))
        assert clients.server_actions.rebuild("web-id", "an-image") == "req-1"
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_are_known_under_the_name_nova_records_them(self, clients, apis):
        apis.answer("POST", f"{SERVER}/action", apis.say(502))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("live-migration", "req-1"), ("stop", "req-2"))))
        assert clients.server_actions.live_migrate("web-id", LiveMigration()) == "req-1"
        assert clients.server_actions.stop("web-id") == "req-2"

    def test_found_once_are_not_found_again(self, open_session, apis):
        clients = Clients(open_session(stocktake={"patience": {"api": 5}}))
        apis.answer("POST", f"{SERVER}/action", apis.say(502))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("reboot", "req-1"))))
        assert clients.server_actions.reboot("web-id") == "req-1"
        with pytest.raises(LostAnswer):
            clients.server_actions.reboot("web-id")
