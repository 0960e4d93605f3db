"""What every scenario is checked for without saying so: accounts after each act, the periodic task, the clean-up."""

import pytest
from hamcrest import (
    assert_that,
    contains_string,
    matches_regexp,
    only_contains,
)
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import Unverified
from stocktake.support.scenario.lifecycle import Check, Lifecycle
from stocktake.support.waiting import TookTooLong

from tests.doubles.scenarios import ACCOUNTS_SECONDS

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


class TestAuditing:
    def test_finds_nothing_and_says_nothing(self, lifecycle):
        lifecycle.audit(always=True)

    def test_fails_with_every_finding_after_the_time_accounts_may_take(self, lifecycle, accounts, hosts, passing_time):
        ghosts = [accounts.hold(hosts[0], VCPU=1), accounts.hold(hosts[1], VCPU=1)]
        before = passing_time.waited
        with pytest.raises(TookTooLong) as failure:
            lifecycle.audit()
        assert passing_time.waited - before == pytest.approx(ACCOUNTS_SECONDS, abs=0.1)
        for ghost in ghosts:
            assert_that(str(failure.value), contains_string(f"consumer {ghost} holds VCPU 1 on host"))
        accounts.placement.delete_allocations(ghosts[0])
        accounts.placement.delete_allocations(ghosts[1])

    def test_believes_only_what_lasts(self, lifecycle, accounts, hosts, passing_time, monkeypatch):
        ghost = accounts.hold(hosts[0], VCPU=1)
        sleep = passing_time.sleep

        def settle(seconds):
            sleep(seconds)
            if passing_time.waited > 0.2:
                accounts.placement.delete_allocations(ghost)

        monkeypatch.setattr("stocktake.support.waiting.SYSTEM_CLOCK.sleep", settle)
        lifecycle.audit(always=True)

    def test_happens_only_after_something_has_changed(self, lifecycle, accounts, hosts, cloud):
        ghost = accounts.hold(hosts[0], VCPU=1)
        with pytest.raises(TookTooLong):
            lifecycle.audit()
        lifecycle.audit()
        with pytest.raises(TookTooLong):
            lifecycle.audit(always=True)
        accounts.placement.delete_allocations(ghost)

    def test_reads_again_nothing_that_was_read_for_the_baseline(self, lifecycle, cloud):
        """The first step may do nothing else than to name hosts."""
        before = len(cloud.session.exchanges)
        lifecycle.audit()
        read = [exchange.path for exchange in list(cloud.session.exchanges)[before:]]
        assert_that(read, only_contains(matches_regexp("/inventories$")))

    def test_waits_after_flavors_until_one_of_them_is_used(self, lifecycle, accounts, hosts, cloud, apis):
        lifecycle.audit()
        ghost = accounts.hold(hosts[0], VCPU=1)
        lifecycle._acts_audited = lifecycle.context.acts
        apis.answer("POST", "/compute/v2.1/flavors", apis.say(body={}))
        cloud.session.request("POST", "compute", "/flavors", json={})
        lifecycle.audit()
        with pytest.raises(TookTooLong, match="the audit to pass"):
            lifecycle.audit(always=True)
        accounts.placement.delete_allocations(ghost)

    def test_is_nothing_to_do_without_hosts(self, cloud, apis):
        lifecycle = Lifecycle(cloud, [])
        lifecycle.audit(always=True)
        assert apis.asked() == []


class TestChecks:
    """What a scenario is checked for without saying so."""

    @pytest.fixture
    def control(self, cloud, monkeypatch):
        class Control:
            acts = 0
            lacks = None
            does = staticmethod(lambda: None)

            def missing(self, action):
                return self.lacks

            def run_periodics(self, hosts):
                self.does()

        control = Control()
        monkeypatch.setitem(cloud.__dict__, "control", control)
        return control

    def outcomes(self, lifecycle):
        return {check.name: check.outcome for check in lifecycle.checks}

    def test_are_usages_periodic_and_clean_up(self, lifecycle, control):
        assert lifecycle.checks == []
        lifecycle.audit(always=True)
        lifecycle.check_periodic()
        lifecycle.close()
        assert self.outcomes(lifecycle) == {"usages": "checked", "periodic": "checked", "clean-up": "checked"}

    def test_leave_out_the_periodic_where_it_cannot_run_and_say_why(self, lifecycle, control):
        control.lacks = Unverified("nothing is configured", "set run_periodic")
        lifecycle.check_periodic()
        assert lifecycle.checks[-1] == Check("periodic", "unverified", "nothing is configured; set run_periodic")

    def test_leave_out_the_periodic_where_no_host_is_up(self, lifecycle, control, nova):
        for host in lifecycle.context.roles.hosts:
            nova.goes_down(host.service)
        lifecycle.check_periodic()
        assert self.outcomes(lifecycle) == {"usages": "checked"}

    def test_fail_where_the_periodic_changes_something(self, lifecycle, control, accounts, hosts):
        ghost = accounts.hold(hosts[0], VCPU=1)
        lifecycle.context.owned.known_wrong.add(ghost)
        control.does = lambda: accounts.placement.delete_allocations(ghost)
        with pytest.raises(TookTooLong, match="when the periodic task runs"):
            lifecycle.check_periodic()
        assert self.outcomes(lifecycle) == {"usages": "checked", "periodic": "failed"}

    def test_find_usages_that_no_change_of_the_host_explains(self, lifecycle, control, hosts, monkeypatch):
        """They are read again when a scenario ends, though nothing shows that they have changed."""
        lifecycle.audit(always=True)
        with monkeypatch.context() as patched:
            patched.setattr(lifecycle.context.cloud.placement, "usages", lambda _provider: Resources(VCPU=9))
            lifecycle.audit(always=True)
            with pytest.raises(TookTooLong, match="VCPU 9"):
                lifecycle.check_periodic()
        assert self.outcomes(lifecycle) == {"usages": "failed"}
