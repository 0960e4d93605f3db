"""Hosts that fail unnoticed: halted, not forced down, and unverified as soon as Nova has noticed."""

from types import SimpleNamespace

import pytest
from hamcrest import assert_that, has_item, has_properties
from stocktake.support.errors import CloudError, FeatureError, Unverified
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.scenario.operations.hosts import failures, hosts


class Elsewhere:
    """The control of a cloud that is not a lab; it writes down what it was asked to do."""

    acts = 0

    def __init__(self, nova):
        self.done = []
        self.lacking = set()
        self.noticed = self.fails = False
        self._nova = nova

    def missing(self, action):
        return Unverified(f"no {action} here", f"set {action}") if action in self.lacking else None

    def fail_host(self, host):
        self.done.append(("fail", host))
        if self.fails:
            raise CloudError("ssh failed")
        if self.noticed:
            self._nova.goes_down(host)

    def drop_messages(self, host):
        self.done.append(("drop", host))

    def return_host(self, host, guests):
        self.done.append(("return", host, guests))


class Levers(Elsewhere, HttpControl):
    """The control of a lab."""

    def hosts(self):
        return [{"host": "cmp-1", "state": "stopped" if ("fail", "cmp-1") in self.done else "up"}]


@pytest.fixture
def cloud(open_cloud):
    """A cloud that allows its two hosts to be disrupted."""
    return open_cloud(allow_disruptive=True, hosts=["cmp-1", "cmp-2"])


@pytest.fixture
def levers(context, monkeypatch, nova):
    nova.is_for_us_alone("cmp-1", "cmp-2")
    levers = Levers(nova)
    monkeypatch.setitem(context.cloud.__dict__, "control", levers)
    return levers


@pytest.fixture(autouse=True)
def service(nova):
    """Nova's view of cmp-1, as it was told."""
    nova.heeds("cmp-1")


@pytest.fixture(autouse=True)
def aggregates(context, nova, apis, levers):
    """What is asked of Nova's aggregates, of which the scenario makes one."""
    context.trait = "CUSTOM_OURS"
    name, alpha = context.names.real("isolated-alpha"), context.roles.played["alpha"]
    made = {"aggregate": {"id": 1, "uuid": "aggregate-1", "name": name}}
    apis.answer("POST", f"{nova.url}/os-aggregates", apis.say(body=made, then=lambda _: nova.aggregate(name, alpha)))
    apis.answer("POST", f"{nova.url}/os-aggregates/1/action", apis.say(body=made))
    apis.answer("DELETE", f"{nova.url}/os-aggregates/1", apis.say())
    return lambda: [request.body for request in nova.asked("POST /os-aggregates/1/action")]


def test_servers_of_others_are_kept_away_first(context, levers, aggregates):
    levers.fails = True
    with pytest.raises(CloudError):
        failures.fail(context, "alpha")
    isolated = [{"set_metadata": {"metadata": {"trait:CUSTOM_OURS": "required"}}}, {"add_host": {"host": "cmp-1"}}]
    assert aggregates() == isolated
    assert context.undoing.undo_all() == []
    assert aggregates()[2:] == [{"remove_host": {"host": "cmp-1"}}]


def test_nova_is_not_told_of_the_failure(context, levers, nova):
    failures.fail(context, "alpha")
    assert (levers.done, nova.forced_down) == ([("fail", "cmp-1")], [])


def test_a_failed_host_is_not_up_whatever_nova_reports(context, levers):
    failures.fail(context, "alpha")
    assert context.cloud.services.get("cmp-1").up
    assert not hosts.is_up(context, context.roles.played["alpha"])
    assert hosts.is_up(context, context.roles.played["beta"])


def test_a_failed_host_is_in_the_journal_and_brought_back(context, levers):
    failures.fail(context, "alpha")
    assert_that(context.cloud.journal.entries, has_item(has_properties(kind="host-stopped", name="cmp-1")))
    assert context.undoing.undo_all() == []
    assert levers.done[1:] == [("return", "cmp-1", "kept")]


def test_a_failed_host_that_goes_down_is_only_forced_down(context, levers, nova):
    failures.fail(context, "alpha")
    hosts.stop(context, "alpha")
    assert (levers.done, nova.forced_down) == ([("fail", "cmp-1")], [True])


def test_a_failure_that_nova_notices_at_once_is_unverified(context, levers):
    levers.noticed = True
    with pytest.raises(Unverified, match=r'Nova noticed that host "alpha" had failed .*; raise service_down_time'):
        failures.fail(context, "alpha")


def test_a_failure_needs_permission(context, levers, open_cloud):
    context.cloud = open_cloud()
    with pytest.raises(Unverified, match="does not allow disruptive scenarios"):
        failures.fail(context, "alpha")
    assert levers.done == []


def test_a_host_does_not_fail_twice(context, levers):
    failures.fail(context, "alpha")
    with pytest.raises(FeatureError, match='host "alpha" is down or has failed already'):
        failures.fail(context, "alpha")
    assert levers.done == [("fail", "cmp-1")]


def test_messages_are_dropped(context, levers):
    failures.fail(context, "alpha")
    failures.drop_messages(context, "alpha")
    assert levers.done[1:] == [("drop", "cmp-1")]


def test_messages_to_a_host_that_is_up_are_kept(context, levers):
    with pytest.raises(FeatureError, match='no messages wait for host "alpha", which is up'):
        failures.drop_messages(context, "alpha")
    assert levers.done == []


def test_messages_are_kept_where_the_cloud_lacks_the_lever(context, levers):
    failures.fail(context, "alpha")
    levers.lacking = {"drop_messages"}
    with pytest.raises(Unverified, match="no drop_messages here"):
        failures.drop_messages(context, "alpha")
    assert levers.done[1:] == []


class TestElsewhere:
    """No API shows whether the scheduler heeds the aggregate, so it is tried."""

    @pytest.fixture
    def elsewhere(self, context, levers, nova, apis, monkeypatch):
        """Makes the control of such a cloud, where the server that tries the scheduler ends with a status."""

        def made(status):
            control = Elsewhere(nova)
            monkeypatch.setitem(context.cloud.__dict__, "control", control)
            monkeypatch.setitem(context.cloud.__dict__, "image", SimpleNamespace(id="an-image"))
            nova.accepts("POST", "/flavors", body={"flavor": {"id": "f"}}, status=200)
            nova.accepts("POST", "/servers", body={"server": {"id": "outsider-id"}})
            nova.looks("outsider", {"status": "BUILD"}, {"status": status})
            return control

        return made

    def test_a_host_fails_when_a_server_of_others_was_refused(self, context, elsewhere, nova):
        control = elsewhere("ERROR")
        failures.fail(context, "alpha")
        assert control.done == [("fail", "cmp-1")]
        (asked,) = nova.asked("POST /servers")
        assert asked.body["server"]["host"] == "cmp-1"
        (flavor,) = nova.asked("POST /flavors")
        assert flavor.body["flavor"]["os-flavor-access:is_public"] is False
        assert nova.asked("POST /flavors/.*/os-extra_specs") == []

    def test_a_host_does_not_fail_where_others_may_be_scheduled_to_it(self, context, elsewhere):
        control = elsewhere("ACTIVE")
        with pytest.raises(Unverified, match=r"does not keep servers of others off .*enable_isolated_aggregate"):
            failures.fail(context, "alpha")
        assert control.done == []
        assert {entry.kind for entry in context.cloud.journal.entries} >= {"server", "flavor", "aggregate"}
