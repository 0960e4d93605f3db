"""Requests whose answer is the point: kept whatever it is, and claimed by the steps that follow."""

import pytest
from hamcrest import assert_that, contains_exactly, contains_string, has_properties

from support.accounting.flavors import Flavor
from support.cloud.operations import requests
from support.cloud.operations.asking import ask
from support.errors import FeatureError

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
    def test_is_for_the_list_each_service_is_best_known_for(self, books, apis, service, path):
        apis.answer("GET", path, apis.say(body={}))
        requests.ask(books, service)
        assert apis.asked(".*")[-1].line == f"GET {path}"
        requests.answer_is(books, 200)

    def test_may_go_without_a_token(self, books, apis):
        apis.answer("GET", "/compute/v2.1/servers", apis.say(401, {"error": {"message": "who?"}}))
        requests.ask(books, "compute", token=False)
        assert "X-Auth-Token" not in apis.asked(".*/servers")[0].headers
        requests.answer_is(books, 401)

    def test_may_name_any_microversion(self, books, apis):
        apis.answer("GET", "/compute/v2.1/servers", apis.say(406, {}))
        requests.ask(books, "compute", microversion="2.9999")
        assert asked_at(apis.asked(".*/servers")[0]) == "2.9999"
        requests.answer_is(books, 406)

    def test_for_what_nobody_has_uses_an_id_that_nobody_has(self, books, apis):
        requests.ask_for_unknown(books, "compute", "/servers")
        requests.ask_for_unknown(books, "compute", "/servers")
        assert len({request.path for request in apis.asked("GET .*/servers/.*")}) == 2
        requests.answer_is(books, 404)

    def test_sends_bytes_as_they_are(self, books, apis):
        apis.answer("POST", "/compute/v2.1/servers", apis.say(400, {"badRequest": {"message": "Malformed"}}))
        requests.send_body(books, b'{"server": ')
        (request,) = apis.asked("POST .*")
        assert (request.body, request.headers["Content-Type"]) == (b'{"server": ', "application/json")
        requests.answer_is_json_fault(books, "Malformed")


class TestBootingWhatIsNotThere:
    @pytest.fixture(autouse=True)
    def flavor(self, books):
        books.flavors["small"] = Flavor("small", 1, 512, 1, id="small-id")

    @pytest.mark.parametrize(
        "boot", [requests.boot_from_unknown_flavor, lambda books: requests.boot_from_unknown_image(books, "small")]
    )
    def test_keeps_the_refusal(self, books, nova, boot):
        nova.refuses("POST", "/servers", 400, "Flavor nope could not be found.")
        boot(books)
        requests.answer_is(books, 400)
        requests.answer_is_json_fault(books, "could not be found")

    def test_names_one_thing_only_that_is_not_there(self, books, nova):
        nova.refuses("POST", "/servers", 400)
        requests.boot_from_unknown_flavor(books)
        requests.boot_from_unknown_image(books, "small")
        first, second = (request.body["server"] for request in nova.asked("POST /servers"))
        assert (first["imageRef"], second["flavorRef"]) == ("an-image", "small-id")
        assert first["flavorRef"] not in ("small-id", second["imageRef"])

    def test_belongs_to_the_scenario_if_it_is_made_all_the_same(self, books, nova):
        nova.accepts("POST", "/servers", body={"server": {"id": "web-id"}})
        requests.boot_from_unknown_flavor(books)
        assert_that(books.cloud.journal.entries, contains_exactly(has_properties(kind="server")))

    def test_resizes_as_well(self, books, nova):
        books.servers["web"] = "web-id"
        nova.refuses("POST", "/servers/web-id/action", 400, "Flavor nope could not be found.")
        requests.resize_to_unknown_flavor(books, "web")
        requests.answer_is(books, 400)


class TestSpeaking:
    @pytest.fixture
    def answered(self, books, apis):
        """Tells the last answer: `answered(404, {...}, headers)`."""

        def answer(*details):
            apis.answer("GET", "/compute/v2.1/servers", apis.say(*details))
            requests.ask(books, "compute")

        return answer

    def test_of_a_wrong_status_shows_what_was_said(self, books, answered):
        answered(403, {"forbidden": {"message": "not you"}})
        with pytest.raises(AssertionError) as failure:
            requests.answer_is(books, 404)
        assert_that(str(failure.value), contains_string("which says {'forbidden': {'message': 'not you'}}"))
        assert_that(str(failure.value), contains_string("Expected: <404>"))

    def test_of_a_request_id_wants_one_of_the_agreed_form(self, books, answered):
        answered(200, {}, {"x-openstack-request-id": REQUEST_ID})
        requests.answer_carries_request_id(books)
        for wrong in ({}, {"x-openstack-request-id": "17"}):
            answered(200, {}, wrong)
            with pytest.raises(AssertionError, match="the request id of the answer"):
                requests.answer_carries_request_id(books)

    def test_of_a_fault_wants_json_and_the_words(self, books, answered):
        answered(404, {"itemNotFound": {"message": "Instance x could not be found."}})
        requests.answer_is_json_fault(books, "could not be found")
        with pytest.raises(AssertionError, match="the fault"):
            requests.answer_is_json_fault(books, "no such thing")
        answered(404, "<html>could not be found</html>")
        with pytest.raises(AssertionError, match="the body of the answer"):
            requests.answer_is_json_fault(books, "could not be found")

    def test_of_a_refusal_accepts_it_for_all_claims(self, books, nova):
        nova.refuses("DELETE", "/servers/web-id", 409, "it is locked")
        ask(books, lambda: books.cloud.compute.delete_server("web-id"))
        requests.answer_is(books, 409)
        requests.answer_is_json_fault(books, "it is locked")
        assert books.refusal is None

    def test_of_nothing_is_a_mistake(self, books):
        with pytest.raises(FeatureError) as error:
            requests.answer_is(books, 200)
        assert str(error.value) == "no step of this scenario has asked an API anything whose answer could be spoken of"


class TestProxies:
    def test_are_named_in_the_headers_nova_reads(self, books, apis):
        requests.ask_through_proxy(books, "https://cloud.example")
        (request,) = apis.asked("GET /compute/v2.1/")
        sent = {name: request.headers[name] for name in ("X-Forwarded-Proto", "X-Forwarded-Host")}
        assert sent == {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cloud.example"}

    @pytest.fixture
    def links(self, books, apis):
        def told(*addresses):
            links = [{"rel": "self", "href": address} for address in addresses]
            body = {"version": {"links": [*links, {"rel": "describedby", "href": "https://docs.openstack.org/"}]}}
            apis.answer("GET", "/compute/v2.1/", apis.say(body=body))
            requests.ask_through_proxy(books, "https://cloud.example")

        return told

    def test_are_where_every_link_leads(self, books, links):
        links("https://cloud.example/v2.1/")
        requests.links_begin_with(books, "https://cloud.example")

    def test_fail_where_a_link_leads_elsewhere(self, books, links):
        links("https://cloud.example/v2.1/", "http://127.0.0.1/v2.1/")
        with pytest.raises(AssertionError, match="links that lead elsewhere"):
            requests.links_begin_with(books, "https://cloud.example")

    def test_fail_where_there_is_no_link(self, books, links):
        links()
        with pytest.raises(AssertionError, match="the number of links in the answer"):
            requests.links_begin_with(books, "https://cloud.example")
