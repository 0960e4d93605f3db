"""The Identity client: a user for the occasion."""

import pytest
from hamcrest import assert_that, has_entries, has_length, has_properties
from stocktake.support.api.identity import Identity
from stocktake.support.errors import Unverified

KEYSTONE = "/identity/v3"


@pytest.fixture
def identity(session, apis):
    """The client, of a Keystone with one domain and one role."""
    apis.answer("GET", f"{KEYSTONE}/projects/a-project", apis.say(200, {"project": {"domain_id": "default"}}))
    apis.answer("GET", f"{KEYSTONE}/roles?name=member", apis.say(200, {"roles": [{"id": "r-1"}]}))
    apis.answer("GET", f"{KEYSTONE}/roles?name=emperor", apis.say(200, {"roles": []}))
    apis.answer("POST", f"{KEYSTONE}/projects", apis.say(201, {"project": {"id": "p-1"}}))
    apis.answer("POST", f"{KEYSTONE}/users", apis.say(201, {"user": {"id": "u-1"}}))
    apis.answer("PUT", f"{KEYSTONE}/projects/p-1/users/u-1/roles/r-1", apis.say(204))
    return Identity(session)


def sent(apis, line):
    return [request for request in apis.requests if request.line == line]


def test_knows_who_is_asking(identity):
    assert (identity.project_id, identity.user_id) == ("a-project", "a-user")


def test_makes_a_user_in_a_project_of_its_own(identity, apis, session):
    user = identity.create_user("occasional")
    assert_that(user, has_properties(username="occasional", user_id="u-1", project_id="p-1", domain_id="default"))
    (created,) = sent(apis, f"POST {KEYSTONE}/users")
    assert_that(created.body["user"], has_entries(password=user.password, default_project_id="p-1"))
    assert len(user.password) > 20
    assert session.redact(f"it is {user.password}") == "it is ***"
    assert_that(sent(apis, f"PUT {KEYSTONE}/projects/p-1/users/u-1/roles/r-1"), has_length(1))


def test_makes_each_once(identity, apis):
    apis.answer("POST", f"{KEYSTONE}/users", apis.say(fault="reset"))
    apis.answer("GET", f"{KEYSTONE}/users?name=occasional&domain_id=default", apis.say(200, {"users": [{"id": "u-1"}]}))
    assert identity.create_user("occasional").user_id == "u-1"
    assert_that(sent(apis, f"POST {KEYSTONE}/users"), has_length(1))


def test_needs_the_role(identity):
    with pytest.raises(Unverified, match='cloud "double" has no role "emperor"'):
        identity.create_user("occasional", role="emperor")


@pytest.mark.parametrize(("status", "may"), [(200, True), (403, False)])
def test_tells_whether_users_may_be_made(identity, apis, status, may):
    apis.answer("GET", f"{KEYSTONE}/users?name=nobody", apis.say(status, {"users": []}))
    assert identity.may_make_users() is may
