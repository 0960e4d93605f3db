"""The life of one scenario: its refusals, its users, its evidence, and its end, at which everything is undone."""

import json
from uuid import uuid4

import pytest
from hamcrest import (
    assert_that,
    contains_exactly,
    contains_string,
    has_item,
    has_properties,
    is_not,
    matches_regexp,
)
from stocktake.support.accounting.ledger import Ledger
from stocktake.support.api.clients import Clients
from stocktake.support.api.replies import ApiError
from stocktake.support.api.session import Session
from stocktake.support.errors import CloudError
from stocktake.support.ownership.kinds.kind import Kind
from stocktake.support.scenario.lifecycle import EXCHANGE, HISTORY, LEDGER, Check, Lifecycle, UncleanError
from stocktake.support.scenario.operations.refusals import ask
from stocktake.support.scenario.state.non_admin_user import NonAdminUser
from stocktake.support.waiting import TookTooLong

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


class TestRefusals:
    def test_must_be_spoken_of(self, lifecycle, nova):
        nova.refuses("DELETE", "/servers/web-id", 409, "it is locked")
        ask(lifecycle.context, lambda: lifecycle.context.cloud.servers.delete("web-id"))
        with pytest.raises(ApiError, match=r"answered 409 to DELETE /servers/web-id: it is locked"):
            lifecycle.check_spoken()
        lifecycle.check_spoken()


class TestExplaining:
    def test_is_done_for_the_first_failure_only(self, lifecycle):
        lifecycle.explain()
        first = lifecycle.explanation
        assert_that([title for title, _ in first], has_item("last requests"))
        lifecycle.context.cloud.session.exchanges.clear()
        lifecycle.explain()
        assert lifecycle.explanation is first

    def test_is_over_when_the_scenario_is(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()
        lifecycle.close()
        lifecycle.explain()
        assert lifecycle.explanation == []


class TestUsers:
    """Another user of the scenario, with a session of its own."""

    @pytest.fixture
    def eve(self, lifecycle, cloud, apis):
        session = Session(cloud.target)
        lifecycle.context.owned.users["eve"] = NonAdminUser(Clients(session), "a-project")
        apis.answer("POST", "/compute/v2.1/servers", apis.say(body={}))
        return session

    def test_have_what_they_change_audited(self, lifecycle, accounts, hosts, eve):
        """A Given may be all that a user did, and no request of the run's own belongs to it."""
        lifecycle.audit()
        ghost = accounts.hold(hosts[0], VCPU=1)
        lifecycle._acts_audited = lifecycle.context.acts
        eve.request("POST", "compute", "/servers", repeatable=True, json={})
        with pytest.raises(TookTooLong, match="the audit to pass"):
            lifecycle.audit()
        accounts.placement.delete_allocations(ghost)

    def test_have_their_requests_shown_in_turn_with_the_others(self, lifecycle, eve, cloud):
        list(lifecycle.evidence("what came before"))
        list(lifecycle.evidence("and inventories, which the first ledger reads"))
        placement, provider = lifecycle.context.cloud.placement, lifecycle.context.roles.hosts[0].provider
        placement.usages(provider)
        eve.request("POST", "compute", "/servers", repeatable=True, json={})
        placement.usages(provider)
        (requests,) = [text for kind, text, _ in lifecycle.evidence("second") if kind == EXCHANGE]
        shown = [contains_string("/usages"), contains_string("POST /servers"), contains_string("/usages")]
        assert_that(requests.splitlines(), contains_exactly(*shown))
        assert EXCHANGE not in [kind for kind, _, _ in lifecycle.evidence("third")]


class TestEvidence:
    def test_is_the_ledger_the_new_requests_and_the_history(self, lifecycle, nova):
        lifecycle.context.servers.ids["web"] = nova.ids["web"] = str(uuid4())
        nova.looks("web", {"status": "ACTIVE", "host": lifecycle.context.roles.host("alpha").service})
        nova.moves("web", [])
        lifecycle.context.servers.read("web")
        shown = {media_type: (text, name) for media_type, text, name in lifecycle.evidence("When it is booted")}
        assert list(shown) == [LEDGER, EXCHANGE, HISTORY]
        assert json.loads(shown[LEDGER][0])["title"] == "When it is booted"
        assert_that(shown[EXCHANGE][0], matches_regexp("compute GET /servers/[-0-9a-f]{36} at 2.47 -> 200"))
        assert json.loads(shown[HISTORY][0])[0]["host"] == 'host "alpha"'

    def test_shows_each_request_once(self, lifecycle):
        for title in ("what came before", "and inventories, which the first ledger reads"):
            list(lifecycle.evidence(title))
        lifecycle.context.cloud.placement.usages(lifecycle.context.roles.hosts[0].provider)
        (requests,) = [text for kind, text, _ in lifecycle.evidence("second") if kind == EXCHANGE]
        assert_that(requests.splitlines(), contains_exactly(contains_string("/usages")))
        assert EXCHANGE not in [kind for kind, _, _ in lifecycle.evidence("third")]


class TestClosing:
    def test_undoes_everything_and_gives_the_hosts_back(self, cloud, accounts, hosts):
        lifecycle = Lifecycle(cloud, ["alpha", "beta"])
        lifecycle.open()
        lifecycle.close()
        assert [accounts.traits.of_provider(host.provider) for host in hosts] == [frozenset()] * 3
        assert_that(accounts.traits.all(), is_not(has_item(lifecycle.context.trait)))
        assert cloud.journal.entries == []
        cloud.leases.acquire(3, cloud.candidates(), within=0).release()

    def test_twice_is_once(self, cloud, hosts, apis):
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()
        lifecycle.close()
        before = len(cloud.session.exchanges)
        lifecycle.close()
        assert len(cloud.session.exchanges) == before

    def test_fails_when_something_is_still_charged(self, cloud, accounts, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()
        lifecycle.context.roles.bind("alpha")
        ghost = accounts.hold(hosts[0], VCPU=1)
        with pytest.raises(UncleanError) as error:
            lifecycle.close()
        assert_that(str(error.value), contains_string("the scenario did not leave the cloud as it was:\n"))
        assert_that(str(error.value), contains_string(f"| unknown consumer {ghost} | alpha |    1 |"))
        assert_that(str(error.value), contains_string("| alpha |   +1 |"))
        cloud.leases.acquire(3, cloud.candidates(), within=0).release()
        accounts.placement.delete_allocations(ghost)

    def test_waits_until_the_accounts_are_even(self, cloud, accounts, hosts, passing_time, monkeypatch):
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()
        ghost = accounts.hold(hosts[0], VCPU=1)
        sleep = passing_time.sleep

        def settle(seconds):
            sleep(seconds)
            accounts.placement.delete_allocations(ghost)

        monkeypatch.setattr("stocktake.support.waiting.SYSTEM_CLOCK.sleep", settle)
        lifecycle.close()
        assert lifecycle.context.accounts.ledger() == Ledger()

    def test_tells_what_could_not_be_undone(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()

        def fail(_cloud, _entry):
            raise CloudError("Nova is away")

        with lifecycle.context.undoing.after(Kind("flavor", fail), "small"):
            pass
        with pytest.raises(UncleanError, match="flavor small could not be cleaned up: Nova is away"):
            lifecycle.close()
        assert_that(cloud.journal.entries, contains_exactly(has_properties(kind="flavor", name="small")))
        assert lifecycle.checks == [Check("clean-up", "failed")]

    def test_gives_the_hosts_back_even_when_interrupted(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()

        def interrupt(_cloud, _entry):
            raise KeyboardInterrupt

        with lifecycle.context.undoing.after(Kind("flavor", interrupt), "small"):
            pass
        with pytest.raises(KeyboardInterrupt):
            lifecycle.close()
        cloud.leases.acquire(3, cloud.candidates(), within=0).release()

    def test_a_scenario_that_never_opened_has_nothing_to_undo(self, cloud, apis):
        Lifecycle(cloud, ["alpha"]).close()
        assert apis.asked() == []
