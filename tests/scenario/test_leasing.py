"""How a scenario begins: what it needs is looked for, and hosts are leased and marked."""

import pytest
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import CloudError, FeatureError, InterruptedRun, Unverified
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.lifecycle import Lifecycle
from stocktake.support.scenario.operations.servers import server_requests

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


def occupy(apis, nova, hosts, occupied):
    """Let other people have a server on one of these hosts."""
    for host in hosts:
        path = f"{nova.url}/servers/detail?host={host.service}&all_tenants=1&limit=200"
        theirs = [{"id": "theirs", "name": "db"}] if host is occupied else []
        apis.answer("GET", path, apis.say(body={"servers": theirs}))


class TestOpening:
    def test_leases_a_host_for_each_role(self, lifecycle, cloud, hosts):
        assert lifecycle.context.roles.hosts == tuple(hosts[:2])
        with pytest.raises(CloudError, match="became free within 0 s"):
            cloud.leases.acquire(2, cloud.candidates(), within=0)

    def test_keeps_the_scheduler_to_these_hosts(self, lifecycle, accounts, hosts):
        trait = lifecycle.context.trait
        assert trait == lifecycle.context.cloud.mark.trait(f"scenario {lifecycle.context.number}")
        assert [trait in accounts.traits.of_provider(host.provider) for host in hosts] == [True, True, False]

    def test_warns_of_a_host_on_which_another_run_has_been_interrupted(self, cloud, accounts, hosts):
        theirs = Mark.new()
        accounts.traits.create(theirs.trait("scenario 1"))
        accounts.traits.add(hosts[0].provider, theirs.trait("scenario 1"))
        lifecycle = Lifecycle(cloud, ["alpha"])
        with pytest.warns(InterruptedRun, match=f"run {theirs.run} was interrupted on resource provider .* sweep"):
            lifecycle.open()
        lifecycle.close()
        assert accounts.traits.of_provider(hosts[0].provider) == {theirs.trait("scenario 1")}

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
