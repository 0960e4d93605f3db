"""Hosts stopped and returned, and Nova's options changed: only where allowed, and only for the scenario."""

import pytest
from hamcrest import assert_that, contains_exactly, has_properties
from stocktake.support.errors import CloudError, NotDone, Unverified
from stocktake.support.scenario.operations.hosts import guard, hosts
from stocktake.support.waiting import TookTooLong


class Levers:
    """A cloud's control that writes down what it was asked to do."""

    acts = 0

    def __init__(self):
        self.done = []
        self.options = {("DEFAULT", "allow_resize_to_same_host"): False}
        self.lacking = set()
        self.fails = {}

    def missing(self, action):
        return Unverified(f"no {action} here", f"set {action}") if action in self.lacking else None

    def stop_host(self, host):
        self._do("stop", host)

    def return_host(self, host, guests):
        self._do("return", host, guests)

    def run_periodic(self, host):
        self._do("periodic", host)

    def option(self, name, group="DEFAULT"):
        return self.options[group, name]

    def configure(self, name, value, group="DEFAULT"):
        was, self.options[group, name] = self.options.get((group, name)), value
        self._do("configure", name, value)
        return was

    def _do(self, what, *details):
        self.done.append((what, *details))
        if what in self.fails:
            raise self.fails[what]


@pytest.fixture
def cloud(open_cloud):
    """A cloud that allows its two hosts to be disrupted."""
    return open_cloud(allow_disruptive=True, hosts=["cmp-1", "cmp-2"])


@pytest.fixture(autouse=True)
def nobody_on_the_hosts(context, nova):
    nova.is_for_us_alone("cmp-1", "cmp-2")
    nova.heeds("cmp-1")


@pytest.fixture
def levers(context, monkeypatch):
    levers = Levers()
    monkeypatch.setitem(context.cloud.__dict__, "control", levers)
    return levers


class TestStopping:
    def test_stops_the_service_and_tells_nova(self, context, levers, nova):
        hosts.stop(context, "alpha")
        assert (levers.done, nova.forced_down) == ([("stop", "cmp-1")], [True])
        assert not hosts.is_up(context, context.roles.played["alpha"])

    def test_keeps_the_scheduler_off_until_the_host_is_down(self, context, levers, nova):
        hosts.stop(context, "alpha")
        asked = [request.body for request in nova.asked("PUT .*")]
        reason = context.names.real("guard")
        assert asked == [
            {"status": "disabled", "disabled_reason": reason},
            {"forced_down": True},
            {"status": "enabled"},
        ]
        assert [entry.kind for entry in context.cloud.journal.entries] == ["host-stopped"]

    def test_waits_until_nova_calls_it_down(self, context, levers, nova, apis, passing_time):
        apis.answer(
            "PUT",
            f"{nova.url}/os-services/cmp-1-service",
            apis.say(body={"service": {"id": 1, "host": "", "binary": ""}}),
        )
        with pytest.raises(TookTooLong, match='for the compute service of host "alpha" to be down'):
            hosts.stop(context, "alpha")
        assert passing_time.waited == pytest.approx(300, abs=3)

    def test_is_in_the_journal_before_it_happens(self, context, levers):
        levers.fails["stop"] = CloudError("ssh failed")
        with pytest.raises(CloudError):
            hosts.stop(context, "alpha")
        entry = has_properties(kind="host-stopped", name="cmp-1", id="cmp-1-service")
        assert_that(context.cloud.journal.entries, contains_exactly(entry))

    def test_is_undone_with_the_guests_kept(self, context, levers, nova):
        hosts.stop(context, "alpha")
        assert context.undoing.undo_all() == []
        assert levers.done[1:] == [("return", "cmp-1", "kept")]
        assert nova.forced_down == [True, False]

    def test_that_was_not_even_begun_needs_no_return(self, context, levers):
        levers.fails["stop"] = NotDone("the command cannot be started", "correct it")
        with pytest.raises(NotDone):
            hosts.stop(context, "alpha")
        assert context.undoing.undo_all() == []
        assert levers.done == [("stop", "cmp-1")]

    @pytest.mark.parametrize("action", ["stop_host", "return_host"])
    def test_is_unverified_where_the_cloud_lacks_the_lever(self, context, levers, nova, action):
        levers.lacking = {action}
        with pytest.raises(Unverified, match=f"no {action} here; set {action}"):
            hosts.stop(context, "alpha")
        assert (levers.done, nova.forced_down) == ([], [])


class TestPermission:
    @pytest.mark.parametrize(
        ("settings", "reason"),
        [
            ({"hosts": ["cmp-1", "cmp-2"]}, 'does not allow disruptive scenarios; set "allow_disruptive: true"'),
            ({"allow_disruptive": True}, "no host is named that may be disrupted; list such hosts"),
            ({"allow_disruptive": True, "hosts": ["cmp-2"]}, '"cmp-1" is not among the hosts that may be disrupted'),
        ],
    )
    def test_is_the_operators(self, context, levers, nova, open_cloud, settings, reason):
        context.cloud = open_cloud(**settings)
        with pytest.raises(Unverified, match=reason):
            hosts.stop(context, "alpha")
        assert nova.forced_down == []

    def test_ends_where_other_peoples_servers_are(self, context, levers, apis, nova):
        path = f"{nova.url}/servers/detail?host=cmp-1&all_tenants=1&limit=200"
        marked = {"id": "ours", "name": context.names.real("web")}
        apis.answer("GET", path, apis.say(body={"servers": [marked, {"id": "theirs", "name": "db"}]}))
        with pytest.raises(
            Unverified, match=r'host "cmp-1" runs 1 server that Stocktake did not create \(such as theirs\)'
        ):
            hosts.stop(context, "alpha")
        assert levers.done == []

    def test_is_not_needed_for_a_host_of_the_scenario(self, context, levers, open_cloud, nova):
        context.cloud = open_cloud()
        special = nova.host(context.cloud.mark.name("1-slow"))
        context.roles.add("gamma", special)
        guard.check_disruption(context, special)


class TestReturning:
    @pytest.fixture(autouse=True)
    def stopped(self, context, levers):
        hosts.stop(context, "alpha")
        levers.done.clear()

    @pytest.mark.parametrize(
        ("back", "guests"), [(hosts.return_with_guests, "kept"), (hosts.return_without_guests, "lost")]
    )
    def test_starts_the_service_and_takes_the_force_off(self, context, levers, nova, back, guests):
        back(context, "alpha")
        assert (levers.done, nova.forced_down) == ([("return", "cmp-1", guests)], [True, False])
        assert hosts.is_up(context, context.roles.played["alpha"])

    def test_once_is_enough(self, context, levers):
        hosts.return_with_guests(context, "alpha")
        hosts.return_with_guests(context, "alpha")
        assert context.undoing.undo_all() == []
        assert len(levers.done) == 1

    def test_leaves_a_retired_host_alone(self, context, levers, nova):
        nova.retire("cmp-1")
        assert context.undoing.undo_all() == []
        assert levers.done == []
        assert not hosts.is_up(context, context.roles.played["alpha"])

    def test_goes_on_being_owed_when_it_failed(self, context, levers):
        levers.fails["return"] = CloudError("ssh failed")
        with pytest.raises(CloudError):
            hosts.return_with_guests(context, "alpha")
        levers.fails.clear()
        assert context.undoing.undo_all() == []
        assert len(levers.done) == 2


class TestOptions:
    def test_are_set_for_the_scenario(self, context, levers):
        hosts.set_option(context, "allow_resize_to_same_host", value=True)
        assert levers.options == {("DEFAULT", "allow_resize_to_same_host"): True}
        assert context.undoing.undo_all() == []
        assert levers.options == {("DEFAULT", "allow_resize_to_same_host"): False}

    def test_are_in_the_journal_with_what_they_were_before_they_change(self, context, levers):
        levers.fails["configure"] = CloudError("gone")
        with pytest.raises(CloudError):
            hosts.set_option(context, "allow_resize_to_same_host", value=True)
        details = {"was": False, "set": True, "group": "DEFAULT"}
        entry = has_properties(kind="option", name="allow_resize_to_same_host", details=details)
        assert_that(context.cloud.journal.entries, contains_exactly(entry))

    def test_may_need_something_done_once_they_are_back(self, context, levers):
        seen = []
        hosts.set_option(
            context, "allow_resize_to_same_host", value=True, afterwards=lambda: seen.append(dict(levers.options))
        )
        context.undoing.undo_all()
        assert seen == [{("DEFAULT", "allow_resize_to_same_host"): False}]

    def test_are_unverified_where_the_cloud_has_no_way_to_set_them(self, context, levers):
        levers.lacking = {"configure"}
        with pytest.raises(Unverified, match="no configure here"):
            hosts.set_option(context, "allow_resize_to_same_host", value=True)
        assert context.cloud.journal.entries == []
