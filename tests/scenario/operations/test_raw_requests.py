"""Requests whose answer is the point: kept whatever it is, and claimed by the steps that follow."""

import pytest
from hamcrest import assert_that, contains_exactly, contains_string, has_properties
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.operations import raw_requests
from stocktake.support.scenario.operations.refusals import ask

PASSWORD = "correct-horse-battery"  # of the cloud that the doubles are
REQUEST_ID = "req-1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"


def asked_at(request):
    return request.headers.get("OpenStack-API-Version", "").removeprefix("compute ")


class TestAsking:
    @pytest.mark.parametrize(
        ("service", "path"),
        [
            ("compute", "/compute/v2.1/servers"),
            ("placement", "/placement/resource_providers"),
            ("image", "/image/v2/images"),
        ],
    )
    def test_is_for_the_list_each_service_is_best_known_for(self, context, apis, service, path):
        apis.answer("GET", path, apis.say(body={}))
        raw_requests.ask(context, service)
        assert apis.asked(".*")[-1].line == f"GET {path}"
        raw_requests.answer_is(context, 200)

    def test_may_go_without_a_token(self, context, apis):
        apis.answer("GET", "/compute/v2.1/servers", apis.say(401, {"error": {"message": "who?"}}))
        raw_requests.ask(context, "compute", token=False)
        assert "X-Auth-Token" not in apis.asked(".*/servers")[0].headers
        raw_requests.answer_is(context, 401)

    def test_may_name_any_microversion(self, context, apis):
        apis.answer("GET", "/compute/v2.1/servers", apis.say(406, {}))
        raw_requests.ask(context, "compute", microversion="2.9999")
        assert asked_at(apis.asked(".*/servers")[0]) == "2.9999"
        raw_requests.answer_is(context, 406)

    def test_for_what_nobody_has_uses_an_id_that_nobody_has(self, context, apis):
        raw_requests.ask_for_unknown(context, "compute", "/servers")
        raw_requests.ask_for_unknown(context, "compute", "/servers")
        assert len({request.path for request in apis.asked("GET .*/servers/.*")}) == 2
        raw_requests.answer_is(context, 404)

    def test_sends_bytes_as_they_are(self, context, apis):
        apis.answer("POST", "/compute/v2.1/servers", apis.say(400, {"badRequest": {"message": "Malformed"}}))
        raw_requests.send_body(context, b'{"server": ')
        (request,) = apis.asked("POST .*")
        assert (request.body, request.headers["Content-Type"]) == (b'{"server": ', "application/json")
        raw_requests.answer_is_json_fault(context, "Malformed")


class TestBootingWhatIsNotThere:
    @pytest.fixture(autouse=True)
    def flavor(self, context):
        context.owned.flavors["small"] = Flavor("small", 1, 512, 1, id="small-id")

    @pytest.mark.parametrize(
        "boot",
        [raw_requests.boot_from_unknown_flavor, lambda context: raw_requests.boot_from_unknown_image(context, "small")],
    )
    def test_keeps_the_refusal(self, context, nova, boot):
        nova.refuses("POST", "/servers", 400, "Flavor nope could not be found.")
        boot(context)
        raw_requests.answer_is(context, 400)
        raw_requests.answer_is_json_fault(context, "could not be found")

    def test_names_one_thing_only_that_is_not_there(self, context, nova):
        nova.refuses("POST", "/servers", 400)
        raw_requests.boot_from_unknown_flavor(context)
        raw_requests.boot_from_unknown_image(context, "small")
        first, second = (request.body["server"] for request in nova.asked("POST /servers"))
        assert (first["imageRef"], second["flavorRef"]) == ("an-image", "small-id")
        assert first["flavorRef"] not in ("small-id", second["imageRef"])

    def test_belongs_to_the_scenario_if_it_is_made_all_the_same(self, context, nova):
        nova.accepts("POST", "/servers", body={"server": {"id": "web-id"}})
        raw_requests.boot_from_unknown_flavor(context)
        assert_that(context.cloud.journal.entries, contains_exactly(has_properties(kind="server")))

    def test_resizes_as_well(self, context, nova):
        context.servers.ids["web"] = "web-id"
        nova.refuses("POST", "/servers/web-id/action", 400, "Flavor nope could not be found.")
        raw_requests.resize_to_unknown_flavor(context, "web")
        raw_requests.answer_is(context, 400)


class TestSpeaking:
    @pytest.fixture
    def answered(self, context, apis):
        """Tells the last answer: `answered(404, {...}, headers)`."""

        def answer(*details):
            apis.answer("GET", "/compute/v2.1/servers", apis.say(*details))
            raw_requests.ask(context, "compute")

        return answer

    def test_of_a_wrong_status_shows_what_was_said(self, context, answered):
        answered(403, {"forbidden": {"message": "not you"}})
        with pytest.raises(AssertionError) as failure:
            raw_requests.answer_is(context, 404)
        assert_that(str(failure.value), contains_string("whose body is {'forbidden': {'message': 'not you'}}"))
        assert_that(str(failure.value), contains_string("Expected: <404>"))

    def test_of_a_request_id_wants_one_of_the_agreed_form(self, context, answered):
        answered(200, {}, {"x-openstack-request-id": REQUEST_ID})
        raw_requests.answer_carries_request_id(context)
        for wrong in ({}, {"x-openstack-request-id": "17"}):
            answered(200, {}, wrong)
            with pytest.raises(AssertionError, match="the request ID of the response"):
                raw_requests.answer_carries_request_id(context)

    def test_of_a_fault_wants_json_and_the_words(self, context, answered):
        answered(404, {"itemNotFound": {"message": "Instance x could not be found."}})
        raw_requests.answer_is_json_fault(context, "could not be found")
        with pytest.raises(AssertionError, match="the fault"):
            raw_requests.answer_is_json_fault(context, "no such thing")
        answered(404, "<html>could not be found</html>")
        with pytest.raises(AssertionError, match="the body of the response"):
            raw_requests.answer_is_json_fault(context, "could not be found")

    @pytest.mark.parametrize(
        "claim",
        [
            lambda context: raw_requests.answer_is(context, 404),
            lambda context: raw_requests.answer_is_json_fault(context, "no such thing"),
        ],
        ids=["status", "words"],
    )
    def test_shows_no_password(self, context, answered, claim):
        answered(202, {"adminPass": "s3cret-of-a-server", "note": f"for {PASSWORD}"})
        with pytest.raises(AssertionError) as failure:
            claim(context)
        assert_that(str(failure.value), contains_string("adminPass"))
        for secret in ("s3cret-of-a-server", PASSWORD):
            assert secret not in str(failure.value)

    def test_of_a_refusal_accepts_it_for_all_claims(self, context, nova):
        nova.refuses("DELETE", "/servers/web-id", 409, "it is locked")
        ask(context, lambda: context.cloud.servers.delete("web-id"))
        raw_requests.answer_is(context, 409)
        raw_requests.answer_is_json_fault(context, "it is locked")
        assert context.answers.refusal is None

    def test_of_nothing_is_a_mistake(self, context):
        with pytest.raises(FeatureError) as error:
            raw_requests.answer_is(context, 200)
        assert str(error.value) == "no step of this scenario has sent a request whose response could be checked"


class TestProxies:
    def test_are_named_in_the_headers_nova_reads(self, context, apis):
        raw_requests.ask_through_proxy(context, "https://cloud.example")
        (request,) = apis.asked("GET /compute/v2.1/")
        sent = {name: request.headers[name] for name in ("X-Forwarded-Proto", "X-Forwarded-Host")}
        assert sent == {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cloud.example"}

    @pytest.fixture
    def links(self, context, apis):
        def told(*addresses):
            links = [{"rel": "self", "href": address} for address in addresses]
            body = {"version": {"links": [*links, {"rel": "describedby", "href": "https://docs.openstack.org/"}]}}
            apis.answer("GET", "/compute/v2.1/", apis.say(body=body))
            raw_requests.ask_through_proxy(context, "https://cloud.example")

        return told

    def test_are_where_every_link_leads(self, context, links):
        links("https://cloud.example/v2.1/")
        raw_requests.links_begin_with(context, "https://cloud.example")

    def test_fail_where_a_link_leads_elsewhere(self, context, links):
        links("https://cloud.example/v2.1/", "http://127.0.0.1/v2.1/")
        with pytest.raises(AssertionError, match="links to other addresses"):
            raw_requests.links_begin_with(context, "https://cloud.example")

    def test_fail_where_there_is_no_link(self, context, links):
        links()
        with pytest.raises(AssertionError, match="the number of links in the response"):
            raw_requests.links_begin_with(context, "https://cloud.example")
