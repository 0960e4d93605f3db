"""The life of one scenario: hosts held and marked, accounts audited after every act, everything undone."""

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
    only_contains,
)
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.replies import ApiError
from stocktake.support.api.session import Session
from stocktake.support.errors import CloudError, Crowded, FeatureError, InterruptedRun, Unverified
from stocktake.support.ownership.kinds.kind import Kind
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.lifecycle import EXCHANGE, HISTORY, LEDGER, Check, Lifecycle, UncleanError
from stocktake.support.scenario.operations.refusals import ask
from stocktake.support.scenario.operations.servers import server_requests
from stocktake.support.scenario.state.non_admin_user import NonAdminUser
from stocktake.support.waiting import TookTooLong

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


@pytest.fixture
def cloud(open_cloud):
    """A cloud whose accounts settle within seconds: those waited for in vain are read often."""
    return open_cloud(patience={"accounts": 2})


@pytest.fixture
def hosts(accounts):
    """Three hosts, in the order in which they are leased."""
    return sorted((accounts.host(f"cmp-{number}") for number in (1, 2, 3)), key=lambda host: host.service)


@pytest.fixture
def lifecycle(cloud, hosts):
    """A scenario with the roles "alpha" and "beta", open."""
    lifecycle = Lifecycle(cloud, ["alpha", "beta"])
    lifecycle.open()
    yield lifecycle
    lifecycle.close()


def occupy(apis, nova, hosts, occupied):
    """Let other people have a server on one of these hosts."""
    for host in hosts:
        path = f"{nova.url}/servers/detail?host={host.service}&all_tenants=1&limit=1000"
        theirs = [{"id": "theirs", "name": "db"}] if host is occupied else []
        apis.answer("GET", path, apis.say(body={"servers": theirs}))


def traits(accounts, host):
    return accounts.traits.of_provider(host.provider)


class TestOpening:
    def test_leases_a_host_for_each_role(self, lifecycle, cloud, hosts):
        assert lifecycle.context.roles.hosts == tuple(hosts[:2])
        with pytest.raises(CloudError, match="became free within 0 s"):
            cloud.leases.acquire(2, cloud.candidates(), within=0)

    def test_keeps_the_scheduler_to_these_hosts(self, lifecycle, accounts, hosts):
        trait = lifecycle.context.trait
        assert trait == lifecycle.context.cloud.mark.trait(f"scenario {lifecycle.context.number}")
        assert [trait in traits(accounts, host) for host in hosts] == [True, True, False]

    def test_warns_of_a_host_on_which_another_run_has_been_interrupted(self, cloud, accounts, hosts):
        theirs = Mark.new()
        accounts.traits.create(theirs.trait("scenario 1"))
        accounts.traits.add(hosts[0].provider, theirs.trait("scenario 1"))
        lifecycle = Lifecycle(cloud, ["alpha"])
        with pytest.warns(InterruptedRun, match=f"run {theirs.run} was interrupted on resource provider .* sweep"):
            lifecycle.open()
        lifecycle.close()
        assert traits(accounts, hosts[0]) == {theirs.trait("scenario 1")}

    def test_lets_a_sweep_know_which_hosts_it_holds(self, lifecycle, cloud, hosts):
        noted = {entry.kind: entry.hosts for entry in cloud.journal.entries}
        assert noted == {"trait": (), "provider-trait": tuple(host.service for host in hosts[:2])}

    def test_takes_the_baseline(self, cloud, accounts, hosts):
        accounts.hold(hosts[0], VCPU=3)
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()
        assert lifecycle.context.accounts.baseline.usages == Usages({hosts[0].provider: Resources(VCPU=3)})
        lifecycle.close()

    def test_without_roles_needs_no_hosts(self, cloud, nova, accounts):
        nova.retire(nova.host("gone").service)
        lifecycle = Lifecycle(cloud, [])
        lifecycle.open()
        assert lifecycle.context.roles.hosts == ()
        lifecycle.close()

    def test_without_roles_is_kept_from_who_must_be_alone(self, cloud, hosts):
        """Conflicts that a scenario plants at Placement would meet anybody's request."""
        lifecycle = Lifecycle(cloud, [])
        lifecycle.open()
        assert lifecycle.context.roles.hosts == ()
        with pytest.raises(CloudError, match="became free within 0 s"):
            cloud.leases.acquire(len(hosts), cloud.candidates(), within=0)
        lifecycle.close()
        cloud.leases.acquire(len(hosts), cloud.candidates(), within=0).release()

    def test_for_the_whole_cloud_holds_every_host(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"], tags={"whole-cloud"})
        lifecycle.open()
        assert lifecycle.context.roles.hosts == (hosts[0],)
        with pytest.raises(CloudError, match="became free within 0 s"):
            cloud.leases.acquire(1, cloud.candidates(), within=0)
        lifecycle.close()

    def test_holds_as_many_hosts_as_its_tag_names(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"], tags={"two-hosts"})
        lifecycle.open()
        assert lifecycle.context.roles.hosts == (hosts[0],)
        cloud.leases.acquire(1, cloud.candidates(), within=0).release()
        with pytest.raises(CloudError, match="became free within 0 s"):
            cloud.leases.acquire(2, cloud.candidates(), within=0)
        lifecycle.close()

    def test_is_unverified_where_its_tag_names_more_hosts_than_there_are(self, cloud, hosts):
        with pytest.raises(Unverified, match="the scenario needs 6 hosts and may use 3"):
            Lifecycle(cloud, ["alpha"], tags={"six-hosts"}).open()

    def test_for_the_whole_cloud_is_unverified_where_it_may_use_too_few_hosts(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha", "beta", "gamma", "delta"], tags={"whole-cloud"})
        with pytest.raises(Unverified, match="the scenario needs 4 hosts and may use 3"):
            lifecycle.open()

    def test_may_change_what_concerns_every_host_only_if_it_has_them_all(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()
        with pytest.raises(FeatureError, match="the option x affects every host: tag the scenario @whole-cloud"):
            lifecycle.context.check_alone("the option x")
        lifecycle.close()

    def test_passes_over_a_host_that_is_down(self, cloud, nova, hosts):
        nova.goes_down(hosts[0].service)
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()
        assert lifecycle.context.roles.hosts == (hosts[1],)
        lifecycle.close()

    @pytest.mark.parametrize(
        ("tags", "allowed", "first"),
        [({"disruptive"}, True, 1), (set(), True, 0), ({"disruptive"}, False, 0)],
        ids=["one that disrupts", "one that does not", "one that may not"],
    )
    def test_passes_over_a_host_with_other_peoples_servers(self, open_cloud, apis, nova, hosts, tags, allowed, first):
        occupy(apis, nova, hosts, hosts[0])
        lifecycle = Lifecycle(open_cloud(allow_disruptive=allowed), ["alpha"], tags=tags)
        lifecycle.open()
        assert lifecycle.context.roles.hosts == (hosts[first],)
        lifecycle.close()

    def test_takes_hosts_with_other_peoples_servers_where_there_are_no_others(self, open_cloud, apis, nova, hosts):
        """What would disrupt them says why it does not; the rest can be verified."""
        occupy(apis, nova, hosts, hosts[0])
        lifecycle = Lifecycle(open_cloud(allow_disruptive=True), ["alpha", "beta", "gamma"], tags={"disruptive"})
        lifecycle.open()
        assert lifecycle.context.roles.hosts == tuple(hosts)
        lifecycle.close()

    def test_is_unverified_where_there_are_too_few_hosts(self, cloud, hosts):
        with pytest.raises(Unverified, match=r"the scenario needs 4 hosts and may use 3 .* list more as \"hosts:\""):
            Lifecycle(cloud, ["a", "b", "c", "d"]).open()

    @pytest.mark.parametrize("tag", ["microversion-2.999", "placement-1.99"])
    def test_is_unverified_where_a_microversion_is_lacking(self, cloud, hosts, apis, accounts, tag):
        with pytest.raises(
            Unverified, match=r"the scenario needs (compute|placement) API (2.999|1.99), cloud \"double\""
        ):
            Lifecycle(cloud, ["alpha"], tags={tag, "disruptive"}).open()

    def test_is_unverified_where_it_needs_the_lab(self, open_cloud, hosts):
        with pytest.raises(Unverified, match="--cloud=lab"):
            Lifecycle(open_cloud(control={"stop_host": "true"}), ["alpha"], tags={"lab"}).open()

    def test_goes_on_in_the_lab(self, open_cloud, hosts):
        cloud = open_cloud(control={"url": "http://127.0.0.1:1", "token": "a-token"})
        lifecycle = Lifecycle(cloud, ["alpha"], tags={"lab"})
        lifecycle.open()
        lifecycle.close()

    def test_goes_on_where_the_microversion_is_offered(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"], tags={"microversion-2.74", "placement-1.28"})
        lifecycle.open()
        lifecycle.close()

    def test_gives_each_scenario_a_number_of_its_own(self, cloud):
        assert Lifecycle(cloud, []).context.number != Lifecycle(cloud, []).context.number


class TestHostsThatCanExchangeServers:
    """Three hosts, of which the first is apart from the others."""

    @pytest.fixture(autouse=True)
    def zone(self, nova, hosts):
        nova.aggregate("east", hosts[0], zone="east", availability_zone="east")

    def opened(self, cloud, roles, **options):
        lifecycle = Lifecycle(cloud, roles, **options)
        lifecycle.open()
        held = lifecycle.context.roles.hosts
        lifecycle.close()
        return held

    @pytest.mark.parametrize("options", [{"needs": {"moves"}}, {}, {"needs": {"moves"}, "tags": {"whole-cloud"}}])
    def test_are_leased_together(self, cloud, hosts, options):
        assert self.opened(cloud, ["alpha", "beta"], **options) == tuple(hosts[1:])

    def test_are_needed_only_where_servers_move(self, cloud, hosts):
        assert self.opened(cloud, ["alpha", "beta", "gamma"]) == tuple(hosts)

    @pytest.mark.parametrize("needs", ["moves", "live_moves"])
    def test_are_looked_for_before_anything_is_done(self, cloud, hosts, apis, needs):
        with pytest.raises(Unverified) as reason:
            Lifecycle(cloud, ["alpha", "beta", "gamma"], needs={needs}).open()
        apart = f'{hosts[1].service}, {hosts[2].service}; {hosts[0].service} (zone "east")'
        assert reason.value.reason == (
            f"the scenario needs 3 hosts that can exchange servers, and the groups of such hosts are {apart}"
        )
        assert apis.asked("(POST|PUT|DELETE) .*") == []

    def test_are_those_that_the_operator_declares(self, open_cloud, hosts):
        cloud = open_cloud(host_groups=[[host.service for host in hosts]])
        assert self.opened(cloud, ["alpha", "beta", "gamma"], needs={"moves"}) == tuple(hosts)

    def test_that_cannot_be_used_are_passed_over(self, cloud, accounts, hosts):
        accounts.placement.delete_inventory(hosts[1].provider, "DISK_GB")
        assert self.opened(cloud, ["alpha"], needs={"moves"}) == (hosts[2],)
        with pytest.raises(Unverified, match=rf"not usable: {hosts[1].service} \(no inventory of DISK_GB\)"):
            self.opened(cloud, ["alpha", "beta", "gamma"])

    def test_for_zones_of_their_own_are_in_none(self, cloud, hosts):
        assert self.opened(cloud, ["alpha", "beta"], needs={"own_zones"}) == tuple(hosts[1:])
        with pytest.raises(Unverified, match=r"needs 3 hosts and may use 2 .* \(in zone \"east\"\)"):
            self.opened(cloud, ["alpha", "beta", "gamma"], needs={"own_zones"})

    def test_have_the_driver_that_the_scenario_needs_if_any_has(self, cloud, nova, hosts):
        last = hosts[2]
        nova.host(last.service, node=last.node, uuid=last.provider, hypervisor={"hypervisor_type": "QEMU"})
        assert self.opened(cloud, ["alpha"], needs={"libvirt"}) == (last,)
        with pytest.raises(Unverified, match="needs 2 hosts and may use 1"):
            self.opened(cloud, ["alpha", "beta"], needs={"libvirt"})

    def test_bring_their_zone_and_traits_to_servers_and_flavors(self, cloud, nova, hosts, accounts):
        accounts.traits.create("CUSTOM_GOLD")
        accounts.traits.add(hosts[0].provider, "CUSTOM_GOLD")
        nova.aggregate("gold", hosts[0], **{"trait:CUSTOM_GOLD": "required"})
        for host in hosts[1:]:
            nova.goes_down(host.service)
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()
        context = lifecycle.context
        context.owned.flavors["small"] = Flavor("small", 1, 512, 1, id="f")
        assert context.group.traits == {"CUSTOM_GOLD"}
        assert server_requests.boot(context, "web", "small").zone == "east"
        assert server_requests.boot(context, "db", "small", zone="west").zone == "west"
        assert server_requests.boot(context, "disk", "small", volume_id="v").zone is None
        lifecycle.close()


class TestLeases:
    def test_that_are_lost_end_the_scenario(self, lifecycle, monkeypatch):
        lifecycle.check_leases()
        lifecycle.context.borrow("volume v-1")
        monkeypatch.setattr(lifecycle.context.borrowed["volume v-1"], "_lost", lambda: "it is gone")
        with pytest.raises(CloudError, match="another may be using what it has leased: it is gone"):
            lifecycle.check_leases()


class TestAuditing:
    def test_finds_nothing_and_says_nothing(self, lifecycle):
        lifecycle.audit(always=True)

    def test_fails_with_every_finding_after_the_time_accounts_may_take(self, lifecycle, accounts, hosts, passing_time):
        ghosts = [accounts.hold(hosts[0], VCPU=1), accounts.hold(hosts[1], VCPU=1)]
        before = passing_time.waited
        with pytest.raises(TookTooLong) as failure:
            lifecycle.audit()
        assert passing_time.waited - before == pytest.approx(2, abs=1)
        for ghost in ghosts:
            assert_that(str(failure.value), contains_string(f"consumer {ghost} holds VCPU 1 on host"))
        accounts.placement.delete_allocations(ghosts[0])
        accounts.placement.delete_allocations(ghosts[1])

    def test_believes_only_what_lasts(self, lifecycle, accounts, hosts, passing_time, monkeypatch):
        ghost = accounts.hold(hosts[0], VCPU=1)
        sleep = passing_time.sleep

        def settle(seconds):
            sleep(seconds)
            if passing_time.waited > 1:
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


class TestNeeds:
    @pytest.mark.parametrize(
        ("need", "reason"),
        [
            ("compute 2.999", r"the scenario needs compute API 2\.999"),
            ("stop_host", "no command is configured to stop"),
            ("fail_host", "no command is configured to let a host fail unnoticed"),
            ("drop_messages", "no command is configured to delete the messages that wait for a host"),
        ],
    )
    def test_that_the_cloud_does_not_offer_are_found_before_anything_is_done(self, cloud, hosts, apis, need, reason):
        lifecycle = Lifecycle(cloud, ["alpha"], needs={need})
        with pytest.raises(Unverified, match=reason):
            lifecycle.open()
        assert apis.asked("(POST|PUT|DELETE) .*") == []

    def test_that_only_a_step_can_judge_are_left_to_it(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"], needs={"users", "lab"})
        lifecycle.open()
        lifecycle.close()

    def test_that_the_operator_has_not_allowed_are_found_before_anything_is_done(self, cloud, hosts, apis):
        with pytest.raises(Unverified, match="does not allow disruptive scenarios"):
            Lifecycle(cloud, ["alpha"], needs={"disruption"}).open()
        assert apis.asked("(POST|PUT|DELETE) .*") == []


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
        (check,) = lifecycle.checks
        assert check == Check("periodic", "unverified", "nothing is configured; set run_periodic")

    def test_leave_out_the_periodic_where_no_host_is_up(self, lifecycle, control, nova):
        for host in lifecycle.context.roles.hosts:
            nova.goes_down(host.service)
        lifecycle.check_periodic()
        assert lifecycle.checks == []

    def test_fail_where_the_periodic_changes_something(self, lifecycle, control, accounts, hosts):
        ghost = accounts.hold(hosts[0], VCPU=1)
        control.does = lambda: accounts.placement.delete_allocations(ghost)
        with pytest.raises(TookTooLong, match="when the periodic task runs"):
            lifecycle.check_periodic()
        assert self.outcomes(lifecycle) == {"periodic": "failed"}

    def test_fail_where_something_cannot_be_cleaned_up(self, cloud, hosts):
        lifecycle = Lifecycle(cloud, ["alpha"])
        lifecycle.open()

        def fail(_cloud, _entry):
            raise CloudError("Nova is away")

        with lifecycle.context.undoing.after(Kind("flavor", fail), "small"):
            pass
        with pytest.raises(UncleanError):
            lifecycle.close()
        assert self.outcomes(lifecycle) == {"clean-up": "failed"}


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
        assert [traits(accounts, host) for host in hosts] == [frozenset()] * 3
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


class TestParking:
    """On a cloud whose periodic task can only be awaited."""

    @pytest.fixture
    def cloud(self, open_cloud):
        return open_cloud(periodic_interval=60, patience={"accounts": 2})

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
        assert lifecycle.checks == []
        lifecycle.check_parked()
        assert lifecycle.checks == [Check("periodic", "checked")]

    def test_finds_what_has_changed_since(self, lifecycle, accounts, hosts, passing_time):
        ghost = accounts.hold(hosts[0], VCPU=1)
        lifecycle.park()
        accounts.placement.delete_allocations(ghost)
        with pytest.raises(TookTooLong, match="the allocations to stay as they are"):
            lifecycle.check_parked()
        assert lifecycle.checks == [Check("periodic", "failed")]

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
        assert lifecycle.checks == [Check("periodic", "unverified", said)]
