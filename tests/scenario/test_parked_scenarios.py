"""Scenarios that are parked until the periodic task has run, on a cloud where it can only be awaited."""

import pytest
from hamcrest import (
    assert_that,
    contains_string,
    is_not,
)
from stocktake.support.errors import CloudError, Crowded
from stocktake.support.scenario.lifecycle import Check, Lifecycle, UncleanError
from stocktake.support.waiting import TookTooLong

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


class TestParking:
    @pytest.fixture
    def cloud(self, open_cloud):
        return open_cloud(periodic_interval=60)

    def test_shares_the_hosts_with_the_next_scenario_until_both_are_closed(self, lifecycle, cloud, hosts):
        assert lifecycle.park()
        following = Lifecycle(cloud, ["alpha", "beta"])
        following.open()
        assert following.context.roles.hosts == lifecycle.context.roles.hosts
        lifecycle.check_parked()
        lifecycle.close()
        assert not lifecycle.is_parked
        with pytest.raises(CloudError, match="became free within 0 s"):
            cloud.leases.acquire(2, cloud.candidates(), within=0)
        following.close()
        cloud.leases.acquire(3, cloud.candidates(), within=0).release()

    def test_records_that_the_periodic_was_checked(self, lifecycle):
        lifecycle.park()
        audited = [Check("usages", "checked")]
        assert lifecycle.checks == audited
        lifecycle.check_parked()
        assert lifecycle.checks == [*audited, Check("periodic", "checked")]

    def test_finds_what_has_changed_since(self, lifecycle, accounts, hosts, passing_time):
        lifecycle.park()
        ghost = accounts.hold(hosts[0], VCPU=1)
        with pytest.raises(TookTooLong, match="the allocations to stay as they are"):
            lifecycle.check_parked()
        assert lifecycle.checks[-1] == Check("periodic", "failed")
        accounts.placement.delete_allocations(ghost)

    def test_leaves_what_a_later_scenario_has_left_behind_to_that_one(self, lifecycle, cloud, accounts, hosts):
        lifecycle.park()
        later = Lifecycle(cloud, ["alpha"])
        later.open()
        ghost = accounts.hold(hosts[0], VCPU=1)
        with pytest.raises(TookTooLong, match=f"consumer {ghost}"):
            later.audit(always=True)
        with pytest.raises(UncleanError, match=f"unknown consumer {ghost}"):
            later.close()
        lifecycle.check_parked()
        lifecycle.close()
        accounts.placement.delete_allocations(ghost)

    def test_is_not_for_scenarios_that_need_the_whole_cloud(self, cloud, hosts):
        whole = Lifecycle(cloud, ["alpha"], tags={"whole-cloud"})
        whole.open()
        assert not whole.park()
        whole.close()

    def test_is_not_for_scenarios_with_a_server_that_has_a_task(self, lifecycle, nova, passing_time):
        """What Nova counts for it is not known."""
        lifecycle.context.servers.ids["web"] = nova.ids["web"] = "web-id"
        nova.moves("web", [])
        nova.looks("web", {"status": "RESIZE", "task": "resize_prep", "host": None})
        assert not lifecycle.park()

    def test_keeps_such_scenarios_from_beginning(self, lifecycle, cloud):
        lifecycle.park()
        whole = Lifecycle(cloud, ["alpha"], tags={"whole-cloud"})
        with pytest.raises(Crowded):
            whole.open()
        whole.close()

    def test_leaves_other_hosts_to_scenarios_that_disturb_servers(self, open_cloud, hosts):
        control = {"stop_host": "true {host}", "return_host": "true {host}"}
        permitted = {"allow_disruptive": True, "hosts": [host.service for host in hosts], "control": control}
        cloud = open_cloud(periodic_interval=60, **permitted)
        quiet, disturbing = Lifecycle(cloud, ["alpha"]), Lifecycle(cloud, ["alpha"], needs={"stop_host"})
        quiet.open()
        quiet.park()
        disturbing.open()
        assert disturbing.context.roles.hosts == (hosts[1],)
        assert disturbing.park()
        disturbing.close()
        quiet.close()

    def test_is_not_for_scenarios_that_have_made_accounts_wrong(self, lifecycle):
        lifecycle.context.owned.known_wrong.add("web")
        assert not lifecycle.park()

    def test_explains_a_failure_by_the_requests_of_its_own_scenario(self, lifecycle, cloud, monkeypatch):
        monkeypatch.setattr("stocktake.support.scenario.diagnostics.EXCHANGES_SHOWN", 1000)
        cloud.servers.find("one-id")
        lifecycle.park()
        cloud.servers.find("two-id")
        lifecycle.check_parked()
        lifecycle.explain()
        requests = dict(lifecycle.explanation)["last requests"]
        assert_that(requests, contains_string("one-id"))
        assert_that(requests, is_not(contains_string("two-id")))

    def test_may_be_given_up(self, lifecycle):
        lifecycle.park()
        lifecycle.abandon_check()
        said = "the run ended before the periodic task had run again"
        assert lifecycle.checks[-1] == Check("periodic", "unverified", said)
