"""The guards: who else is on a host, and what is not done to it then."""

from uuid import uuid4

import pytest
from stocktake.support.errors import Unverified
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.scenario.operations import laboratory
from stocktake.support.scenario.operations.hosts import guard, hosts, services, zones
from stocktake.support.scenario.operations.placement import inventories, providers, traits

OTHERS, OURS = str(uuid4()), str(uuid4())


@pytest.fixture
def cloud(open_cloud):
    """A cloud that allows every host of the tests to be disrupted."""
    return open_cloud(allow_disruptive=True)


@pytest.fixture
def context(real_books, monkeypatch, nova, apis):
    """A scenario on hosts of the real Placement, on which nobody has a server."""
    monkeypatch.setitem(real_books.cloud.__dict__, "control", CommandControl({}, cloud="double"))
    names = [host.service for host in real_books.roles.hosts]
    monkeypatch.setitem(real_books.cloud.settings.__dict__, "hosts", tuple(names))
    nova.is_for_us_alone(*names)
    service = {"service": {"id": "1", "host": names[0], "binary": "nova-compute"}}
    apis.answer("PUT", f"{nova.url}/os-services/{names[0]}-service", apis.say(body=service))
    return real_books


@pytest.fixture
def alpha(context):
    return context.roles.host("alpha")


def asked(nova):
    return [request.body["status"] for request in nova.asked("PUT /os-services/.*")]


ACTS = {
    "stop a host": lambda context: hosts.stop(context, "alpha"),
    "disable a compute service": lambda context: services.disable(context, "alpha"),
    "make a zone": lambda context: zones.create(context, "east", "alpha"),
    "set a ratio": lambda context: inventories.set_ratio(context, "alpha", "VCPU", 2.0),
    "leave little room": lambda context: inventories.leave_room(context, "alpha", "VCPU", 1),
    "add a class to a host": lambda context: inventories.add_to_host(context, "alpha", "CUSTOM_WAND", 1),
    "add a standard trait": lambda context: traits.put_on(context, "STORAGE_DISK_SSD", "alpha"),
    "remove a standard trait": lambda context: traits.take_off(context, "COMPUTE_NODE", "alpha"),
    "add a provider below a host": lambda context: providers.create_below_host(context, "red", "alpha", {}),
    "set an option": lambda context: hosts.set_option(context, "reclaim_instance_interval", value=1),
    "let Placement refuse": lambda context: laboratory.refuse_next(context, "update of one consumer"),
}
"""What others could notice."""


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("allowed", [False, True], ids=["not allowed", "beside others"])
def test_nothing_that_others_could_notice_is_done(context, alpha, apis, nova, monkeypatch, act, allowed):
    """The operator has not allowed it, or others have servers there."""
    context.cloud.settings.__dict__["allow_disruptive"] = allowed
    context.cloud.traits.add(alpha.provider, "COMPUTE_NODE")
    monkeypatch.setitem(context.cloud.__dict__, "control", HttpControl("http://127.0.0.1:1", "t"))
    context.alone = True
    theirs = apis.say(body={"servers": [{"id": OTHERS, "name": "db"}]})
    for which in ("", f"host={alpha.service}&"):
        apis.answer("GET", f"{nova.url}/servers/detail?{which}all_tenants=1&limit=200", theirs)
    before = context.cloud.session.changes.total()
    with pytest.raises(Unverified, match="others have|did not create" if allowed else "allow_disruptive"):
        act(context)
    assert context.cloud.session.changes.total() == before
    assert context.cloud.journal.entries == []


class TestOthers:
    def test_are_those_whose_servers_are_being_built(self, context, accounts, alpha, nova):
        """Nova does not say on which host before it is claimed there."""
        nova.ids["db"] = accounts.hold(alpha, VCPU=1)
        nova.looks("db", {"status": "BUILD"})
        assert guard.others_on(context, alpha) == [nova.ids["db"]]
        with pytest.raises(Unverified, match=r"runs 1 server that Stocktake did not create"):
            guard.check_disruption(context, alpha)

    def test_are_those_whose_unconfirmed_resize_may_be_reverted(self, context, accounts, alpha, nova):
        migration = accounts.hold(alpha, VCPU=1)
        nova.moves_on(alpha.service, {"uuid": migration, "status": "finished"})
        assert guard.others_on(context, alpha) == ["other-id"]

    def test_are_not_the_scenario_itself(self, context, accounts, alpha, nova):
        context.servers.ids["web"] = accounts.hold(alpha, VCPU=1)
        context.owned.bare_consumers["guest"] = accounts.hold(alpha, VCPU=1)
        nova.ids["left"] = accounts.hold(alpha, VCPU=1)
        nova.looks("left", {"status": "ACTIVE", "name": context.names.real("web")})
        assert guard.others_on(context, alpha) == []

    def test_are_not_parked_scenarios_of_this_process(self, context, accounts, alpha, nova):
        migration = accounts.hold(alpha, VCPU=1)
        nova.moves_on(alpha.service, {"uuid": migration, "status": "finished"})
        context.cloud.consumer_owners.add([migration], context.number + 1)
        assert guard.others_on(context, alpha) == []

    def test_are_not_consumers_that_nova_does_not_know(self, context, accounts, alpha):
        accounts.hold(alpha, VCPU=1)
        assert guard.others_on(context, alpha) == []


class TestHost:
    def test_is_disabled_and_at_rest_when_something_is_done_to_it(self, context, alpha, nova, passing_time):
        began = passing_time.now()
        with guard.vacated(context, alpha):
            assert asked(nova) == ["disabled"]
            assert passing_time.now() - began >= guard.SETTLING
            assert len(nova.asked("GET /servers/detail.*")) == 2  # before it was disabled, and once at rest
            assert [entry.kind for entry in context.cloud.journal.entries] == ["service-disabled"]
        assert asked(nova) == ["disabled", "enabled"]
        assert context.cloud.journal.entries == []

    def test_is_left_alone_when_a_server_arrives(self, context, accounts, alpha, nova, passing_time, monkeypatch):
        """The scheduler had chosen the host before it was disabled."""
        arrives = passing_time.now() + guard.SETTLING / 2

        def arriving(seconds):
            passing_time.sleep(seconds)
            if passing_time.now() >= arrives and "db" not in nova.ids:
                nova.ids["db"] = accounts.hold(alpha, VCPU=1)
                nova.looks("db", {"status": "BUILD"})

        monkeypatch.setattr(guard.SYSTEM_CLOCK, "sleep", arriving)
        with pytest.raises(Unverified, match="did not create"), guard.vacated(context, alpha):
            pytest.fail("somebody is there")
        assert asked(nova) == ["disabled", "enabled"]

    def test_is_enabled_again_whatever_happens(self, context, alpha, nova):
        with pytest.raises(KeyboardInterrupt), guard.vacated(context, alpha):
            raise KeyboardInterrupt
        assert asked(nova) == ["disabled", "enabled"]

    @pytest.mark.parametrize("state", ["up", "down"])
    def test_loses_the_trait_of_disabled_hosts_if_it_was_stopped(self, context, alpha, nova, passing_time, state):
        """One that is up removes it itself, as soon as it is enabled."""
        with guard.vacated(context, alpha):
            context.cloud.traits.add(alpha.provider, guard.DISABLED)
            nova.host(alpha.service, uuid=alpha.provider, state=state)
            nova.is_for_us_alone(alpha.service)
        assert (guard.DISABLED in context.cloud.traits.of_provider(alpha.provider)) == (state == "up")

    def test_that_is_disabled_stays_so(self, context, alpha, nova):
        nova.host(alpha.service, uuid=alpha.provider, status="disabled")
        nova.is_for_us_alone(alpha.service)
        with guard.vacated(context, alpha):
            pass
        assert asked(nova) == []


class TestWholeCloud:
    def test_may_be_affected_where_nobody_else_is(self, context):
        guard.check_disruption_of_cloud(context)

    def test_is_left_alone_where_others_are(self, context, nova, apis):
        servers = [{"id": OURS, "name": context.names.real("web")}, {"id": OTHERS, "name": "db"}]
        apis.answer("GET", f"{nova.url}/servers/detail?all_tenants=1&limit=200", apis.say(body={"servers": servers}))
        with pytest.raises(Unverified, match=rf"others have a server \(such as {OTHERS}\); run this feature on a lab"):
            guard.check_disruption_of_cloud(context)

    def test_is_left_alone_without_permission(self, context, open_cloud):
        context.cloud = open_cloud()
        with pytest.raises(Unverified, match="allow_disruptive"):
            guard.check_disruption_of_cloud(context)
