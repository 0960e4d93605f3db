"""Requests that fail on their way: repeated where that is safe, and never carried out twice."""

import re
from email.utils import formatdate
from time import time

import pytest
from hamcrest import all_of, assert_that, contains_string, greater_than, has_length, has_properties, less_than
from stocktake.support.api.replies import ApiError, LostAnswer
from stocktake.support.api.session import Session
from stocktake.support.config.target import Target

SERVERS = "/compute/v2.1/servers"


class TestFaultsOfOneRequest:
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    @pytest.mark.parametrize(
        "fault",
        [{"fault": "reset"}, {"status": 502}, {"status": 503}, {"status": 504}, {"status": 429}],
        ids=lambda fault: str(*fault.values()),
    )
    def test_are_survived_by_what_may_be_repeated(self, session, apis, method, fault):
        apis.answer(method, SERVERS, apis.say(**fault), apis.say(**fault), apis.say(200, {"fine": True}))
        reply = session.request(method, "compute", "/servers")
        assert_that(reply, has_properties(status=200, body={"fine": True}, attempts=3))

    @pytest.mark.parametrize("fault", ["cut", "short"])
    def test_include_bodies_that_were_cut(self, session, apis, fault):
        whole = {"servers": ["a server with a name of some length"]}
        apis.answer("GET", SERVERS, apis.say(200, whole, fault=fault), apis.say(200, whole))
        assert session.get("compute", "/servers") == whole

    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    def test_include_refusals_that_were_cut(self, session, apis, method):
        """Nothing was done, so that even what must not be done twice may be asked again: the reason is part of it."""
        reason = {"conflictingRequest": {"code": 409, "message": "it is being moved"}}
        apis.answer(method, SERVERS, apis.say(409, reason, fault="cut"), apis.say(409, reason))
        with pytest.raises(ApiError, match="it is being moved") as refusal:
            session.request(method, "compute", "/servers")
        assert_that(refusal.value, has_properties(status=409, attempts=2))

    def test_include_the_news_that_nothing_is_there(self, session, apis):
        gone = {"error": {"code": 404, "message": "Could not find project"}}
        apis.answer("DELETE", SERVERS, apis.say(404, gone, fault="cut"), apis.say(404, gone))
        assert session.request("DELETE", "compute", "/servers", ok=(204, 404)).status == 404

    def test_include_answers_that_take_too_long(self, open_session, apis):
        session = open_session(api_timeout=0.1)
        apis.answer("GET", SERVERS, apis.say(fault="slow"), apis.say(200, {}))
        assert session.request("GET", "compute", "/servers").attempts == 2
        apis.answer("POST", SERVERS, apis.say(fault="slow"))
        with pytest.raises(LostAnswer, match="timed out") as lost:
            session.request("POST", "compute", "/servers", json={})
        assert lost.value.settling > 10

    def test_are_not_sent_while_a_long_list_takes_its_time(self, open_session, apis):
        session = open_session(stocktake={"patience": {"api": 0.6}})  # half of that for the answer to a reading
        for long, attempts in ((False, 2), (True, 1)):
            slow = apis.say(200, {}, then=lambda _request: apis.over.wait(0.5))
            apis.answer("GET", SERVERS, slow, apis.say(200, {}))
            assert session.request("GET", "compute", "/servers", long=long).attempts == attempts

    def test_are_recorded(self, session, apis):
        apis.answer("GET", SERVERS, apis.say(fault="reset"), apis.say(503), apis.say(200, {}))
        session.get("compute", "/servers", microversion="2.47")
        assert [exchange.status for exchange in session.exchanges] == [None, 503, 200]
        assert_that(str(session.exchanges[0]), contains_string("compute GET /servers at 2.47 -> Connect"))
        assert_that(session.exchanges[2], has_properties(method="GET", service="compute", microversion="2.47"))

    def test_of_a_deletion_may_hide_that_it_worked(self, session, apis):
        apis.answer("DELETE", f"{SERVERS}/1", apis.say(504), apis.say(404, {}))
        assert session.request("DELETE", "compute", "/servers/1").status == 404

    def test_do_not_excuse_a_deletion_of_nothing(self, session, apis):
        with pytest.raises(ApiError, match="answered 404"):
            session.request("DELETE", "compute", "/servers/1")

    def test_end_when_the_api_is_back(self, session, apis, fake_clock):
        apis.answer("GET", SERVERS, *[apis.say(503)] * 60, apis.say(200, {}))
        session.get("compute", "/servers")
        assert_that(fake_clock.waited, all_of(greater_than(10), less_than(60)))

    def test_that_last_are_blamed_on_the_api(self, open_session, apis, fake_clock):
        session = open_session(stocktake={"patience": {"api": 30}})
        session.versions("compute")
        apis.answer("GET", SERVERS, apis.say(503, {"e": {"message": "out to lunch"}}))
        with pytest.raises(ApiError) as blamed:
            session.get("compute", "/servers")
        pattern = r"the compute API did not answer GET /servers for 30 s \(\d+ attempts\): answered 503: out to lunch"
        assert re.fullmatch(pattern, str(blamed.value))
        assert blamed.value.status is None
        assert_that(fake_clock.waited, less_than(31))

    def test_at_first_contact_are_blamed_sooner(self, session, apis, fake_clock):
        apis.answer("GET", SERVERS, apis.say(fault="reset"))
        with pytest.raises(ApiError, match="for 60 s"):
            session.get("compute", "/servers")
        apis.stop()
        fresh = Session(Target.load("double"), clock=fake_clock)
        with pytest.raises(ApiError, match=r"^Keystone of .* for 10 s: .* cannot be reached: Connection refused"):
            fresh.get("compute", "/servers")


class TestTooManyRequests:
    def test_waits_as_long_as_asked(self, session, apis, fake_clock):
        apis.answer("POST", SERVERS, apis.say(429, headers={"Retry-After": "7"}), apis.say(202, {}))
        session.request("POST", "compute", "/servers", json={})
        assert_that(fake_clock.waited, all_of(greater_than(6.9), less_than(9)))
        assert_that(apis.asked("POST .*"), has_length(2))

    def test_waits_until_the_date_given(self, session, apis, fake_clock):
        then = formatdate(time() + 20, usegmt=True)
        apis.answer("GET", SERVERS, apis.say(503, headers={"Retry-After": then}), apis.say(200, {}))
        session.get("compute", "/servers")
        assert_that(fake_clock.waited, all_of(greater_than(15), less_than(24)))

    def test_does_not_mistake_a_body_that_is_too_large_for_it(self, session, apis):
        apis.answer("POST", SERVERS, apis.say(413, {"overLimit": {"message": "Request is too large."}}))
        with pytest.raises(ApiError, match="Request is too large"):
            session.request("POST", "compute", "/servers", json={})


class TestRequestsThatMustNotBeDoneTwice:
    @pytest.mark.parametrize(
        "fault",
        [{"fault": "reset"}, {"status": 502}, {"status": 504}, {"status": 202, "body": {"a": 1}, "fault": "cut"}],
    )
    def test_are_lost_rather_than_repeated(self, session, apis, fault):
        apis.answer("POST", SERVERS, apis.say(**fault))
        with pytest.raises(LostAnswer, match="the answer of the compute API to POST /servers was lost"):
            session.request("POST", "compute", "/servers", json={})
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_are_repeated_when_they_reached_nobody(self, session, apis):
        apis.answer("POST", SERVERS, apis.say(200, {}, {"Connection": "close"}))
        session.request("POST", "compute", "/servers", json={})
        apis.stop()
        with pytest.raises(
            ApiError, match=r"did not answer POST /servers for 60 s \(\d+ attempts\).*refused"
        ) as blamed:
            session.request("POST", "compute", "/servers", json={})
        assert_that(blamed.value.attempts, greater_than(20))

    def test_are_found_when_the_lost_one_worked(self, session, apis):
        made = []
        apis.answer("POST", SERVERS, apis.say(fault="reset", then=made.append))
        found = session.exactly_once(
            lambda: session.request("POST", "compute", "/servers", json={}).body,
            lambda: "the first one" if made else None,
            what="the server",
        )
        assert found == "the first one"
        assert_that(made, has_length(1))

    def test_are_found_when_the_lost_one_takes_its_time(self, session, apis, fake_clock):
        apis.answer("POST", SERVERS, apis.say(504))
        found = session.exactly_once(
            lambda: session.request("POST", "compute", "/servers", json={}).body,
            lambda: "late" if fake_clock.waited > 10 else None,
            what="the server",
        )
        assert found == "late"
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_are_looked_for_as_long_as_a_slow_cloud_may_take(self, session, apis, fake_clock):
        session._slowest_write = 8.0
        apis.answer("POST", SERVERS, apis.say(fault="reset"))
        found = session.exactly_once(
            lambda: session.request("POST", "compute", "/servers", json={}).body,
            lambda: "late" if fake_clock.waited > 20 else None,
            what="the server",
        )
        assert found == "late"

    def test_are_sent_again_when_nothing_came_of_them(self, session, apis):
        apis.answer("POST", SERVERS, apis.say(502), apis.say(202, {"server": 2}))
        body = session.exactly_once(
            lambda: session.request("POST", "compute", "/servers", json={}).body, lambda: None, what="the server"
        )
        assert body == {"server": 2}

    def test_are_given_up_when_patience_ends(self, session, apis, fake_clock):
        apis.answer("POST", SERVERS, apis.say(502))
        with pytest.raises(LostAnswer):
            session.exactly_once(
                lambda: session.request("POST", "compute", "/servers", json={}), lambda: None, what="the server"
            )
        assert_that(fake_clock.waited, all_of(greater_than(59), less_than(70)))

    def test_are_not_given_up_because_looking_takes_long(self, session, apis, fake_clock):
        session._slowest_write = 20.0
        apis.answer("POST", SERVERS, apis.say(502), apis.say(502), apis.say(502), apis.say(202, {"server": 4}))
        body = session.exactly_once(
            lambda: session.request("POST", "compute", "/servers", json={}).body, lambda: None, what="the server"
        )
        assert body == {"server": 4}
        assert_that(fake_clock.waited, greater_than(150))


def test_an_api_that_patience_ended_for_is_given_a_short_second_chance(apis, session, fake_clock):
    apis.answer("GET", "/compute/v2.1/servers", apis.say(503))
    for longest in (61, 4):
        began = fake_clock.now()
        with pytest.raises(ApiError, match="did not answer"):
            session.request("GET", "compute", "/servers")
        assert fake_clock.now() - began <= longest
