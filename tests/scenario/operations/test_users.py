"""Users of a scenario: made, or named by the operator where Keystone lets nobody make them."""

from dataclasses import replace

import pytest
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.errors import Unverified
from stocktake.support.scenario.operations import users
from stocktake.support.scenario.state.non_admin_user import NonAdminUser

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own


def test_where_no_users_can_be_made_nothing_is_tried(real_books, apis):
    apis.answer("GET", "/identity/v3/users?name=nobody", apis.say(403, {"error": {"message": "no"}}))
    with pytest.raises(Unverified, match='name it as "user_cloud"'):
        users.introduce(real_books, "eve")
    assert real_books.owned.users == {}
    assert real_books.undoing.undo_all() == []
    assert not [request for request in apis.requests if request.line.startswith("POST /identity/v3/projects")]


@pytest.mark.parametrize("status", [403, 405, 501])
def test_where_keystone_only_reads_its_users_the_project_made_is_removed_again(real_books, nova, apis, status):
    """Who may list users need not be able to make one: LDAP is read only, and its refusal is Keystone's."""
    identity, project = "/identity/v3", {"id": "p-1", "name": real_books.names.real("eve")}
    apis.answer("GET", f"{identity}/users", apis.say(body={"users": []}))
    apis.answer("GET", f"{identity}/projects/a-project", apis.say(body={"project": {"domain_id": "default"}}))
    apis.answer("POST", f"{identity}/projects", apis.say(201, {"project": {"id": "p-1"}}))
    apis.answer("GET", f"{identity}/projects", apis.say(body={"projects": [project]}))
    apis.answer("DELETE", f"{identity}/projects/p-1", apis.say(204))
    apis.answer("DELETE", f"{nova.url}/os-quota-sets/p-1", apis.say(202))
    refusal = {"error": {"code": status, "message": "LDAP does not support write operations."}}
    apis.answer("POST", f"{identity}/users", apis.say(status, refusal))
    with pytest.raises(Unverified) as outcome:
        users.introduce(real_books, "eve")
    assert outcome.value.reason == (
        'Keystone does not allow the user of cloud "double" to create users (LDAP does not support write operations.)'
    )
    assert 'name it as "user_cloud"' in outcome.value.remedy
    assert real_books.owned.users == {}
    assert real_books.undoing.undo_all() == []
    assert [request.line for request in apis.requests if request.method == "DELETE"][-1:] == [
        f"DELETE {identity}/projects/p-1"
    ]


def test_quota_of_a_named_users_project_is_left_alone(real_books, apis):
    real_books.owned.users["bob"] = NonAdminUser(None, "a-project", named=True)
    with pytest.raises(Unverified, match='remove "user_cloud" of the cloud from'):
        users.limit_processors(real_books, "bob", 1)
    assert not [request for request in apis.requests if "quota" in request.line]


def test_what_a_named_users_project_held_before_is_not_the_scenarios(real_books, accounts, monkeypatch):
    cloud, alpha = real_books.cloud, real_books.roles.host("alpha")
    named = replace(cloud.target, settings=replace(cloud.settings, user_cloud="staging-user"))
    monkeypatch.setattr(cloud.session, "target", named)
    monkeypatch.setattr(cloud.session, "as_user", lambda: cloud.session)
    accounts.hold(alpha, VCPU=2, MEMORY_MB=512)
    users.introduce(real_books, "bob")
    accounts.hold(alpha, VCPU=1)
    users.reads_usages(real_books, "bob", Resources(VCPU=1))


def test_who_is_not_shown_a_server_is_refused_however_often_the_request_is_lost(real_books, nova, apis):
    session = real_books.cloud.session
    real_books.servers.ids["web"] = nova.ids["web"] = "web-id"
    real_books.owned.users["bob"] = NonAdminUser(Clients(session), "a-project")
    nova.moves("web", [])
    apis.answer("GET", f"{nova.url}/servers/web-id", apis.say(404, {}))
    apis.answer("DELETE", f"{nova.url}/servers/web-id", apis.say(502), apis.say(404, {}))
    users.delete(real_books, "bob", "web")
    assert real_books.answers.refusal.status == 404
