"""What a scenario makes of consumers where Nova does not tell the uuids of migrations (before 2.59)."""

import pytest
from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import Unverified
from stocktake.support.hosts.roles import ComputeHost, Roles
from stocktake.support.scenario.context import Context

NOVA = "/compute/v2.1"
SMALL = Resources(VCPU=1)


@pytest.fixture
def context(cloud):
    """The context of a scenario on host alpha that has booted one server."""
    context = Context(cloud, 1, Roles([ComputeHost(service="alpha", node="alpha", provider="p")]), undoing=None)
    context.servers.ids["web"] = "web-id"
    return context


def still_holds(apis, consumer):
    """Let a consumer that Nova does not know hold its allocations when it is asked for once more."""
    held = {"allocations": {"p": {"resources": dict(SMALL), "generation": 1}}, "project_id": "p", "user_id": "u"}
    apis.answer("GET", f"/placement/allocations/{consumer}", apis.say(200, held | {"consumer_generation": 1}))


def test_a_consumer_that_may_be_a_migration_is_not_judged(context, apis):
    apis.versions("compute", "2.1", "2.58")
    apis.answer("GET", f"{NOVA}/os-migrations", apis.say(200, {"migrations": [{"id": 1, "status": "finished"}]}))
    with pytest.raises(Unverified, match=r"the uuid of a migration needs compute API 2\.59"):
        context.accounts.own(Ledger({("m-1", "p"): SMALL}))


def test_a_consumer_that_no_migration_can_be_is_judged(context, apis):
    apis.versions("compute", "2.1", "2.58")
    apis.answer("GET", f"{NOVA}/os-migrations", apis.say(200, {"migrations": [{"id": 1, "status": "completed"}]}))
    still_holds(apis, "m-1")
    ledger = Ledger({("m-1", "p"): SMALL})
    assert context.accounts.own(ledger) == ledger


def test_what_a_server_of_the_scenario_holds_is_judged_all_the_same(context, apis):
    apis.versions("compute", "2.1", "2.58")
    ledger = Ledger({("web-id", "p"): SMALL})
    assert context.accounts.own(ledger) == ledger
    context.cloud.session.acted_on.add("web-id")
    apis.answer("GET", f"{NOVA}/os-migrations", apis.say(200, {"migrations": [{"id": 1, "status": "finished"}]}))
    assert [migration.uuid for migration in context.servers.refresh_migrations()["web"]] == [None]
    assert context.servers.migrations == {}


def test_a_neighbours_migration_is_known_where_uuids_are(context, apis):
    moves = [{"id": 1, "uuid": "m-1", "status": "finished"}]
    apis.answer("GET", f"{NOVA}/os-migrations", apis.say(200, {"migrations": moves}))
    still_holds(apis, "m-2")
    assert context.accounts.own(Ledger({("m-1", "p"): SMALL, ("m-2", "p"): SMALL})) == Ledger({("m-2", "p"): SMALL})
