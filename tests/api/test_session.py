"""The session, over real HTTP on loopback, against APIs that fail in every way they do."""

import logging
import ssl
from email.utils import formatdate
from time import time

import pytest
import trustme
from hamcrest import all_of, assert_that, contains_string, has_length, has_properties
from keystoneauth1.noauth import NoAuth
from stocktake.support.api.credentials import Credentials
from stocktake.support.api.microversions import Microversion
from stocktake.support.api.redaction import redact
from stocktake.support.api.replies import ApiError
from stocktake.support.api.session import Session
from stocktake.support.config.target import Target
from stocktake.support.errors import CloudError, Unverified

SERVERS = "/compute/v2.1/servers"


def test_asks_once_for_a_token_and_sends_it(session, apis):
    apis.answer("GET", SERVERS, apis.say(200, {"servers": []}))
    assert session.get("compute", "/servers") == {"servers": []}
    session.get("compute", "/servers")
    assert_that(apis.tokens, has_length(1))
    assert {request.headers["X-Auth-Token"] for request in apis.asked("GET .*/servers")} == set(apis.tokens)


def test_does_not_ask_for_a_microversion_unless_told(session, apis):
    apis.answer("GET", SERVERS, apis.say(200, {}))
    session.get("compute", "/servers")
    session.get("compute", "/servers", microversion="2.47")
    plain, at_2_47 = apis.asked("GET .*/servers")
    assert "OpenStack-API-Version" not in plain.headers
    assert at_2_47.headers["OpenStack-API-Version"] == "compute 2.47"


def test_does_not_ask_a_proxy_for_this_machine(session, apis, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    apis.answer("GET", SERVERS, apis.say(200, {}))
    session.get("compute", "/servers")


def test_leaves_out_parameters_that_are_none(session, apis):
    apis.answer("GET", SERVERS, apis.say(200, {}))
    session.get("compute", "/servers", params={"name": "a b", "host": None})
    session.get("compute", "/servers", params={"host": None})
    assert [request.path for request in apis.asked("GET .*")] == [f"{SERVERS}?name=a+b", SERVERS]


class TestReplies:
    def test_hold_body_status_and_request_id(self, session, apis):
        apis.answer("PUT", "/placement/traits/X", apis.say(201, None, {"x-openstack-request-id": "req-1"}))
        reply = session.request("PUT", "placement", "/traits/X")
        assert_that(reply, has_properties(status=201, body=None, request_id="req-1", attempts=1))
        assert "req-1" in session.request_ids

    def test_take_the_older_name_of_the_request_id(self, session, apis):
        apis.answer("GET", SERVERS, apis.say(200, {}, {"x-compute-request-id": "req-2"}))
        assert session.request("GET", "compute", "/servers").request_id == "req-2"

    def test_of_a_status_that_is_fine_for_once_are_returned(self, session, apis):
        assert session.request("DELETE", "compute", "/servers/1", ok=(204, 404)).status == 404


class TestRefusals:
    @pytest.mark.parametrize(
        ("service", "body", "message"),
        [
            ("compute", {"badRequest": {"code": 400, "message": "Flavor's disk is too small"}}, "too small"),
            ("identity", {"error": {"code": 400, "title": "Bad", "message": "no such domain"}}, "no such domain"),
            (
                "placement",
                {"errors": [{"status": 400, "title": "Bad", "detail": "The server could not.\n\n no such class  "}]},
                "no such class",
            ),
            (
                "image",
                "<html><head><title>400</title></head><body><h1>400</h1>\n bad\n id<br/></body></html>",
                "bad id",
            ),
            ("compute", {"message": "plain"}, "plain"),
            ("compute", None, "Bad Request"),
        ],
    )
    def test_carry_the_apis_own_words(self, session, apis, service, body, message):
        base = {"image": "/image/v2"}.get(service) or apis.catalog[service]
        apis.answer("POST", f"{base}/x", apis.say(400, body, {"x-openstack-request-id": "req-9"}))
        with pytest.raises(ApiError) as refused:
            session.request("POST", service, "/x", json={})
        error = refused.value
        assert_that(error, has_properties(status=400, request_id="req-9", method="POST", path="/x", service=service))
        assert_that(error.message, contains_string(message))
        assert str(error) == f"the {service} API answered 400 to POST /x: {error.message} (req-9)"

    def test_are_not_tried_again(self, session, apis):
        for status in (400, 403, 404, 409, 500):
            apis.requests.clear()
            apis.answer("GET", SERVERS, apis.say(status, {"e": {"message": "no"}}))
            with pytest.raises(ApiError):
                session.get("compute", "/servers")
            assert_that(apis.asked("GET .*/servers"), has_length(1))


class TestTokens:
    def test_that_were_revoked_are_renewed(self, session, apis):
        apis.answer("POST", SERVERS, apis.say(401, {"error": {"message": "revoked"}}), apis.say(202, {}))
        session.request("POST", "compute", "/servers", json={})
        first, second = apis.asked("POST .*")
        assert (first.headers["X-Auth-Token"], second.headers["X-Auth-Token"]) == tuple(apis.tokens)

    def test_that_are_refused_again_and_again_are_an_error(self, session, apis):
        apis.answer("GET", SERVERS, apis.say(401, {"error": {"message": "not you"}}))
        with pytest.raises(ApiError, match="answered 401 to GET /servers: not you"):
            session.get("compute", "/servers")
        assert_that(apis.tokens, has_length(4))

    def test_are_asked_for_again_while_keystone_is_failing(self, session, apis):
        apis.answer("GET", SERVERS, apis.say(200, {}))
        faults = apis.say(503), apis.say(fault="reset"), apis.say(201, {"token": {}}, fault="cut")
        apis.answer("POST", "/identity/v3/auth/tokens", *faults, apis.new_token())
        session.get("compute", "/servers")

    def test_are_refused_in_one_sentence(self, apis, clouds_yaml, entry, fake_clock):
        file = clouds_yaml({"double": entry(f"{apis.url}/identity/v3", password="wrong-password")})
        session = Session(Target.load("double"), clock=fake_clock)
        with pytest.raises(CloudError) as refused:
            session.get("compute", "/servers")
        assert_that(str(refused.value), contains_string('cloud "double" refuses to authenticate: The request you have'))
        assert_that(str(refused.value), contains_string(str(file)))
        assert "wrong-password" not in str(refused.value)
        assert fake_clock.waited == 0

    def test_are_refused_by_what_is_no_keystone(self, apis, clouds_yaml, entry, fake_clock):
        clouds_yaml({"double": entry(f"{apis.url}/dashboard")})
        with pytest.raises(CloudError, match=r"/dashboard is not an address of Keystone: .*404"):
            Session(Target.load("double"), clock=fake_clock).get("compute", "/servers")
        assert fake_clock.waited == 0

    @pytest.mark.parametrize(
        ("status", "sentence"),
        [
            (403, 'cloud "oidc" refuses to authenticate: the identity provider {idp}: '),
            (503, 'the identity provider of cloud "oidc" issued no token for 10 s: the identity provider answered 503'),
            (
                None,
                'the identity provider of cloud "oidc" issued no token for 10 s: {closed} cannot be reached: '
                "Connection ",
            ),
        ],
    )
    def test_that_an_identity_provider_gives_not_are_not_blamed_on_keystone(
        self, apis, clouds_yaml, fake_clock, closed_port, status, sentence
    ):
        keystone, closed = "http://127.0.0.2:5000/v3", f"http://127.0.0.1:{closed_port}"
        if status is not None:
            apis.answer("GET", "/discovery", apis.say(status, {}))
        auth = {"auth_url": keystone, "identity_provider": "idp", "protocol": "openid", "client_id": "stocktake"}
        auth |= {"client_secret": "a-secret", "username": "admin", "password": "a-password", "project_id": "p"}
        auth["discovery_endpoint"] = f"{apis.url if status else closed}/discovery"
        clouds_yaml({"oidc": {"auth_type": "v3oidcpassword", "auth": auth, "region_name": "here"}})
        with pytest.raises(CloudError) as error:
            Session(Target.load("oidc"), clock=fake_clock).get("compute", "/servers")
        assert_that(str(error.value), contains_string(sentence.format(idp=apis.url, closed=closed)))

    def test_follow_the_clock_of_a_service(self, session, apis):
        in_an_hour = time() + 3600
        assert abs(session.time_at("compute") - time()) < 1
        for date in (formatdate(in_an_hour, usegmt=True), "half past nine"):
            apis.answer("GET", SERVERS, apis.say(200, {}, {"Date": date}))
            session.get("compute", "/servers")
            assert abs(session.time_at("compute") - in_an_hour) < 5
        assert abs(session.time_at("image") - time()) < 1

    def test_name_user_and_project(self, session):
        assert (session.user_id, session.project_id) == ("a-user", "a-project")


class TestMicroversions:
    def test_offered_are_asked_for_once(self, session, apis):
        apis.versions("compute", "2.1", "2.93")
        assert str(session.versions("compute")) == "2.1 to 2.93"
        assert Microversion(2, 9) in session.versions("compute")
        assert_that(apis.asked("GET /compute/v2.1/"), has_length(1))

    def test_of_placement_are_told_at_its_root(self, session):
        assert session.versions("placement").most == Microversion(1, 39)

    def test_that_are_not_offered_leave_the_scenario_unverified(self, session, apis):
        apis.versions("compute", "2.1", "2.60")
        assert session.require("compute", "2.60", what="x") == "2.60"
        with pytest.raises(Unverified) as unverified:
            session.require("compute", "2.74", what="a named host")
        assert unverified.value.reason == 'a named host needs compute API 2.74, cloud "double" offers 2.1 to 2.60'
        assert unverified.value.remedy == "run it on a cloud with a newer compute service"

    def test_that_are_no_longer_offered_need_an_older_service(self, session, apis):
        apis.versions("compute", "2.90", "2.104")
        with pytest.raises(Unverified, match="older compute service"):
            session.require("compute", "2.53", what="usage figures")

    def test_may_be_the_best_of_several(self, session, apis):
        apis.versions("compute", "2.1", "2.70")
        assert session.best("compute", "2.51", "2.84", "2.62", what="events") == "2.62"
        with pytest.raises(Unverified, match=r"needs compute API 2\.71"):
            session.best("compute", "2.71", "2.84", what="events")

    def test_must_be_told(self, session, apis):
        apis.answer("GET", "/compute/v2.1/", apis.say(200, {"version": {"min_version": "", "version": ""}}))
        with pytest.raises(CloudError, match="does not say which microversions"):
            session.versions("compute")


class TestEndpoints:
    @pytest.mark.parametrize(
        ("service", "listed", "used"),
        [
            ("compute", "/prefix/compute/v2.1/0123abc", "/prefix/compute/v2.1"),
            ("compute", "/compute", "/compute/v2.1"),
            ("compute", "/compute/v2.1/", "/compute/v2.1"),
            ("compute", "/v1/openstack/compute/v2.1", "/v1/openstack/compute/v2.1"),
            ("compute", "/v1/openstack/compute/v2.1/a-project", "/v1/openstack/compute/v2.1"),
            ("compute", "/v1/openstack/compute", "/v1/openstack/compute/v2.1"),
            ("compute", "/v2/nova", "/v2/nova/v2.1"),
            ("image", "/glance/v1", "/glance/v2"),
            ("image", "/image", "/image/v2"),
            ("image", "/image/v2/", "/image/v2"),
            ("placement", "/deep/placement/", "/deep/placement"),
            ("identity", "/identity", "/identity/v3"),
        ],
    )
    def test_may_be_listed_with_or_without_their_version(self, session, apis, service, listed, used):
        apis.catalog[service] = listed
        assert session.endpoint(service) == apis.url + used

    def test_of_block_storage_have_older_names(self, session, apis):
        assert session.endpoint("volume") == f"{apis.url}/volume/v3"
        assert session.offers_service("volume")

    def test_may_be_named_in_clouds_yaml(self, open_session, apis):
        session = open_session(placement_endpoint_override=f"{apis.url}/elsewhere")
        assert session.endpoint("placement") == f"{apis.url}/elsewhere"

    def test_that_are_missing_are_named(self, session, apis):
        del apis.catalog["placement"]
        with pytest.raises(
            CloudError, match='cloud "double" has no placement service in its catalog for region "here"'
        ):
            session.get("placement", "/traits")
        assert not session.offers_service("placement")

    def test_tell_which_services_there_are_in_any_region_and_of_any_interface(self, open_session, apis):
        apis.catalog = {"compute": "/compute", "container": "/zun"}
        elsewhere = open_session(region_name="there", interface="internal")
        assert elsewhere.services() == {"compute", "container"}

    def test_are_not_listed_without_keystone(self, open_session):
        session = open_session()
        session.keystone.auth = NoAuth()
        assert session.services() == frozenset()

    def test_of_another_region_or_interface_are_not_used(self, open_session):
        with pytest.raises(CloudError, match='interface "internal"'):
            open_session(interface="internal").endpoint("compute")
        with pytest.raises(CloudError, match='region "there"'):
            open_session(region_name="there").endpoint("compute")


@pytest.fixture(scope="module")
def authority():
    """A private authority, which no machine trusts by itself."""
    return trustme.CA()


class TestCertificates:
    @pytest.fixture
    def over_tls(self, apis, authority):
        """Lets the doubles speak TLS with a certificate of that authority; returns the address."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        apis.wrap(context)
        apis.answer("GET", SERVERS, apis.say(200, {}))
        return f"{apis.url}/identity/v3"

    def test_of_a_private_authority_are_trusted_when_named(
        self, over_tls, clouds_yaml, entry, authority, tmp_path, fake_clock
    ):
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        clouds_yaml({"double": entry(over_tls, cacert=str(tmp_path / "authority.pem"))})
        Session(Target.load("double"), clock=fake_clock).get("compute", "/servers")

    def test_that_nobody_vouches_for_are_told_in_one_sentence(self, over_tls, clouds_yaml, entry, fake_clock):
        file = clouds_yaml({"double": entry(over_tls)})
        with pytest.raises(CloudError) as refused:
            Session(Target.load("double"), clock=fake_clock).get("compute", "/servers")
        assert_that(
            str(refused.value),
            all_of(
                contains_string('the certificate of the identity API of cloud "double" is not trusted'),
                contains_string(f"name its authority with cacert: in {file}"),
            ),
        )
        assert fake_clock.waited == 0

    def test_are_not_looked_at_when_told_so(self, over_tls, clouds_yaml, entry, fake_clock):
        clouds_yaml({"double": entry(over_tls, verify=False)})
        Session(Target.load("double"), clock=fake_clock).get("compute", "/servers")


class TestSecrets:
    def test_are_in_no_exchange_error_repr_or_log(self, session, apis, caplog):
        caplog.set_level(logging.DEBUG)
        apis.answer("POST", SERVERS, apis.say(202, {"server": {"adminPass": "very-secret"}}))
        session.request("POST", "compute", "/servers", json={})
        token = apis.tokens[0]
        apis.answer("GET", SERVERS, apis.say(400, {"e": {"message": f"what is {token}?"}}))
        with pytest.raises(ApiError, match=r"what is \*\*\*\?") as refused:
            session.get("compute", "/servers")
        shown = [str(refused.value), repr(session), repr(session.target), repr(list(session.exchanges)), caplog.text]
        for text in shown:
            assert token not in text
            assert "correct-horse-battery" not in text
            assert "very-secret" not in text

    def test_are_hidden_in_any_text(self, session):
        session.learn_secret("s3cret-of-a-user")
        assert session.redact("a s3cret-of-a-user b") == "a *** b"

    @pytest.mark.parametrize(
        ("text", "hidden"),
        [
            ('{"adminPass": "hunter22"}', '{"adminPass": ***}'),
            ("X-Auth-Token: gAAAAABk_abcdefghijklmnopqrst==", "X-Auth-Token: ***"),
            ("token gAAAAABk_abcdefghijklmnopqrst-_x= seen", "token *** seen"),
            ("--password=hunter22 --user=x", "--password=*** --user=x"),
            ("nothing to hide: password rules", "nothing to hide: password rules"),
        ],
    )
    def test_are_known_by_their_shape(self, text, hidden):
        assert redact(text) == hidden

    def test_that_are_too_short_would_hide_everything(self):
        assert redact("a cat", {"a"}) == "a cat"


class TestOtherUsers:
    def test_come_from_the_entry_named_in_clouds_yaml(self, apis, clouds_yaml, entry, fake_clock):
        url = f"{apis.url}/identity/v3"
        clouds_yaml({"admin": entry(url, stocktake={"user_cloud": "user"}), "user": entry(url)})
        assert Session(Target.load("admin"), clock=fake_clock).as_user().target.name == "user"

    def test_that_nobody_configured_leave_the_scenario_unverified(self, session):
        with pytest.raises(Unverified, match="user_cloud") as unverified:
            session.as_user()
        assert_that(unverified.value.reason, contains_string('cloud "double"'))

    def test_are_as_patient_with_a_keystone_that_is_known(self, session, apis):
        apis.answer("GET", SERVERS, apis.say(200, {}))
        session.get("compute", "/servers")
        user = session.as_user(Credentials("u", "correct-horse-battery", "p", "default", "u-id", "p-id"))
        apis.stop()
        with pytest.raises(ApiError, match=r"^Keystone of .* for 60 s: .* cannot be reached: Connection refused"):
            user.get("compute", "/servers")

    def test_may_be_made_for_the_occasion(self, session, apis):
        apis.answer("GET", SERVERS, apis.say(200, {}))
        user = session.as_user(Credentials("u", "correct-horse-battery", "p", "default", "u-id", "p-id"))
        user.get("compute", "/servers")
        login = next(request for request in reversed(apis.requests) if request.line.endswith("/auth/tokens"))
        assert login.body["auth"]["identity"]["password"]["user"]["id"] == "u-id"
        assert login.body["auth"]["scope"] == {"project": {"id": "p-id"}}
        assert "correct-horse-battery" not in repr(Credentials("u", "correct-horse-battery", "p", "d", "i", "j"))
