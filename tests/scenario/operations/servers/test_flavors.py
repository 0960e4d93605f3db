"""Flavors of a scenario: under marked names, kept to its hosts, gone after it."""

from types import SimpleNamespace

import pytest
from hamcrest import assert_that, contains_exactly, has_properties
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.errors import FeatureError
from stocktake.support.hosts.groups import HostGroup
from stocktake.support.scenario.operations import users
from stocktake.support.scenario.operations.servers.flavors import in_cloud, introduce


@pytest.fixture
def made(apis, nova):
    """Lets Nova agree to every flavor and its extra specs, and returns what was asked."""
    nova.accepts("POST", "/flavors", body={"flavor": {}}, status=200)

    def requests():
        return [request for request in nova.asked("POST /flavors.*") if request.path.endswith("/flavors")]

    return requests


@pytest.fixture
def specs(apis, monkeypatch):
    """Remembers the extra specs that flavors are given."""
    given = {}
    monkeypatch.setattr(
        "stocktake.support.api.compute.flavors.Flavors.set_extra_specs", lambda _self, id, specs: given.update(specs)
    )
    return given


def create(context, flavor):
    """Let the scenario have a flavor and need it."""
    real = introduce(context, flavor)
    in_cloud(context, flavor.name)
    return real


def test_are_created_when_a_request_needs_them_and_once(context, made):
    real = introduce(context, Flavor("small", 1, 512, 1))
    introduce(context, Flavor("large", 2, 1024, 2))
    assert made() == []
    assert context.cloud.journal.entries == []

    assert [in_cloud(context, "small"), in_cloud(context, "small")] == [real.id, real.id]
    (request,) = made()
    assert request.body["flavor"]["name"] == real.name


def test_that_no_step_has_introduced_are_a_mistake(context, made):
    with pytest.raises(FeatureError, match='flavor "huge" does not exist in this scenario'):
        in_cloud(context, "huge")
    assert made() == []


def test_are_created_in_novas_units_under_a_marked_name(context, made):
    real = create(context, Flavor("peculiar", 2, 1024, 3, 4, 100))
    (request,) = made()
    assert request.body["flavor"] == {
        "id": real.id,
        "name": context.names.real("peculiar"),
        "vcpus": 2,
        "ram": 1024,
        "disk": 3,
        "OS-FLV-EXT-DATA:ephemeral": 4,
        "swap": 100,
        "os-flavor-access:is_public": False,
    }
    assert context.owned.flavor("peculiar") == real


def test_of_one_name_are_a_mistake(context, made):
    create(context, Flavor("small", 1, 512, 1))
    with pytest.raises(FeatureError) as error:
        create(context, Flavor("small", 1, 512, 1))
    assert str(error.value) == 'flavor "small" already exists in this scenario: give each flavor its own name'
    assert len(made()) == 1


def test_keep_the_scheduler_to_the_hosts_of_the_scenario(context, made, specs):
    context.trait = "CUSTOM_STOCKTAKE_OURS"
    create(context, Flavor("small", 1, 512, 1, extra_specs={"hw:cpu_policy": "shared"}))
    assert specs == {"hw:cpu_policy": "shared", "trait:CUSTOM_STOCKTAKE_OURS": "required"}


def test_ask_for_what_the_aggregates_of_their_hosts_require(context, made, specs):
    context.trait = "CUSTOM_STOCKTAKE_OURS"
    context.group = HostGroup(traits=frozenset({"CUSTOM_GOLD"}))
    create(context, Flavor("small", 1, 512, 1))
    assert specs == {"trait:CUSTOM_STOCKTAKE_OURS": "required", "trait:CUSTOM_GOLD": "required"}


def test_ask_for_what_the_scenario_made_by_its_marked_name(context, made, specs):
    context.owned.custom_names |= {"CUSTOM_GOLD": "CUSTOM_REAL_GOLD", "CUSTOM_FAST": "CUSTOM_REAL_FAST"}
    wanted = {"resources:CUSTOM_GOLD": "2", "resources1:CUSTOM_GOLD": "1", "trait:CUSTOM_FAST": "required", "hw:x": "y"}
    create(context, Flavor("small", 1, 512, 1, extra_specs=wanted))
    assert specs == {
        "resources:CUSTOM_REAL_GOLD": "2",
        "resources1:CUSTOM_REAL_GOLD": "1",
        "trait:CUSTOM_REAL_FAST": "required",
        "hw:x": "y",
    }


def test_are_deleted_after_it_and_known_to_the_sweep_before(context, made, nova):
    real = create(context, Flavor("small", 1, 512, 1))
    nova.accepts("DELETE", f"/flavors/{real.id}")
    assert_that(
        context.cloud.journal.entries, contains_exactly(has_properties(kind="flavor", name=real.name, id=real.id))
    )
    assert context.undoing.undo_all() == []
    assert len(nova.asked("DELETE .*")) == 1


def test_that_could_not_be_created_are_looked_for_all_the_same(context, nova):
    nova.refuses("POST", "/flavors", 403, "not allowed")
    with pytest.raises(Exception, match="not allowed"):
        create(context, Flavor("small", 1, 512, 1))
    assert_that(context.cloud.journal.entries, contains_exactly(has_properties(kind="flavor")))
    assert context.owned.flavors_to_create == {"small"}


@pytest.mark.parametrize("users_first", [True, False])
def test_are_for_the_users_of_the_scenario_and_for_nobody_else(context, made, nova, monkeypatch, users_first):
    """Others would find it in their lists, and their servers on the scenario's hosts."""
    known = SimpleNamespace(project_id="p-1")
    monkeypatch.setattr(users.NonAdminUser, "known", lambda *_args: known)
    monkeypatch.setattr(type(context.cloud.session), "as_user", lambda _self: None)
    monkeypatch.setitem(context.cloud.settings.__dict__, "user_cloud", "eve")
    nova.accepts("POST", "/flavors/an-id/action", body={"flavor_access": []}, status=200)
    acts = [
        lambda: users.introduce(context, "eve"),
        lambda: create(context, Flavor("small", 1, 512, 1)),
    ]
    monkeypatch.setattr("stocktake.support.scenario.operations.servers.flavors.uuid4", lambda: "an-id")
    for act in acts if users_first else acts[::-1]:
        act()
    (request,) = nova.asked("POST /flavors/an-id/action")
    assert request.body == {"addTenantAccess": {"tenant": "p-1"}}
