"""Reading a whole cloud for its audit: everything once, twice only if something is wrong, never a change."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest
from stocktake.support.accounting.findings import Reason, Rule
from stocktake.support.accounting.ports import EGRESS
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.networks import Port
from stocktake.support.api.placement.values import Inventory, Provider, ProviderInventories
from stocktake.support.api.replies import ApiError, Limited
from stocktake.support.errors import CloudError
from stocktake.support.inspection.whole_cloud import SETTLING, Survey

from tests.inspection.small_cloud import CHARGE, ROOM, SmallCloud, meanwhile


@pytest.fixture
def cloud():
    return SmallCloud()


def rules(findings):
    return [finding.rule.value for finding in findings]


def test_cloud_without_findings_is_read_once(cloud, fake_clock):
    audited = cloud.survey(fake_clock).audit()
    assert audited.findings == ()
    assert fake_clock.waited == 0
    assert cloud.requests.count("servers") == 1
    assert audited.read == {"providers": 2, "servers": 1, "migrations": 0}


def test_what_is_wrong_is_believed_only_if_it_lasts(cloud, fake_clock):
    cloud.held["host1"] = {"lost": CHARGE}
    findings = cloud.survey(fake_clock).audit().findings
    assert rules(findings) == ["unknown-consumer"]
    assert SETTLING <= fake_clock.waited < 2 * SETTLING
    assert cloud.requests.count("servers") == 1
    assert cloud.requests.count("server") == 2  # looked for by its id in each reading


def test_what_nova_cleans_up_meanwhile_is_no_finding(cloud, fake_clock):
    cloud.held["host1"] = {"late": CHARGE}
    sleep = fake_clock.sleep

    def clean_up_meanwhile(seconds):
        cloud.held["host1"] = {}
        sleep(seconds)

    fake_clock.sleep = clean_up_meanwhile
    assert cloud.survey(fake_clock).audit().findings == ()


def test_requests_grow_with_providers_only(fake_clock):
    few, many = SmallCloud(10), SmallCloud(110)
    few.survey(fake_clock).read()
    many.survey(fake_clock).read()
    assert len(many.requests) - len(few.requests) == 3 * 100
    once = [request for request in many.requests if request not in ("inventories", "usages", "allocations")]
    lists = ("providers", "servers", "soft-deleted", "changed", "migrations", "services", "hypervisors", "flavors")
    assert sorted(once) == sorted((*lists, "images", "owner's usages"))


def test_who_pays_for_a_server_is_asked_where_a_project_does_not_add_up(cloud, fake_clock):
    cloud.payers["s-1"] = "theirs"
    findings = cloud.survey(fake_clock).audit().findings
    assert rules(findings) == ["other-project"]
    assert "belongs to project ours" in findings[0].sentence
    assert cloud.requests.count("owner's usages") == 1


def test_what_other_services_hold_in_a_project_is_no_finding(cloud, fake_clock):
    cloud.held["host1"] = {"device": CHARGE}
    cloud.payers["device"] = "ours"
    assert cloud.survey(fake_clock).read().projects == {}
    assert cloud.requests.count("consumer") == 1  # the device; no server of its owner is doubtful


def test_what_strangers_hold_in_a_project_hides_no_server_that_is_charged_to_another(cloud, fake_clock):
    cloud.held["host1"] = {"device": CHARGE}
    cloud.payers |= {"device": "ours", "s-1": "theirs"}
    assert cloud.survey(fake_clock).read().projects == {"s-1": "theirs"}


def test_a_consumer_of_another_type_is_no_finding(cloud, fake_clock):
    cloud.held["host1"] = {"lease": CHARGE, "lost": CHARGE}
    findings = cloud.survey(fake_clock).audit().findings
    assert [finding.consumer for finding in findings] == ["lost"]


def test_consumer_that_may_be_a_container_is_doubted(cloud, fake_clock):
    cloud.held["host1"], cloud.catalog = {"lost": CHARGE}, cloud.catalog | {"container"}
    (finding,) = cloud.survey(fake_clock).audit().findings
    assert finding.doubt == "the cloud's container service, which was not asked, may have made it"


@pytest.mark.parametrize(("traits", "certain"), [({"COMPUTE_NODE"}, True), (set(), False)])
def test_provider_that_may_be_a_container_hosts_is_doubted(cloud, fake_clock, traits, certain):
    cloud.providers.append(Provider("host9", "host9", 1, None, "host9"))
    cloud.held["host9"], cloud.traits["host9"] = {}, frozenset(traits)
    cloud.catalog |= {"application-container"}
    (finding,) = cloud.survey(fake_clock).audit().findings
    assert (finding.rule, finding.doubt is None) == (Rule.NO_COMPUTE_NODE, certain)


def test_provider_that_is_deleted_during_the_survey_is_left_out(cloud, fake_clock):
    cloud.providers.append(Provider("leaving", "leaving", 1, None, "leaving"))
    cloud.gone.add("leaving")
    snapshot = cloud.survey(fake_clock).read()
    assert [provider.name for provider in snapshot.providers] == ["host0", "host1"]
    assert "leaving" not in snapshot.inventories


def test_any_other_failure_ends_the_audit(cloud, fake_clock):
    def fail(uuid):
        raise ApiError("broken", service="placement", method="GET", path="/", status=500)

    cloud.clients.placement.usages = fail
    with pytest.raises(CloudError, match="broken"):
        cloud.survey(fake_clock).read()


def test_only_roots_without_memory_are_asked_for_their_traits(cloud, fake_clock):
    cloud.providers.append(Provider("nfs", "nfs", 1, None, "nfs"))
    cloud.held["nfs"] = {}
    inventories = cloud.clients.placement.inventories
    cloud.clients.placement.inventories = lambda uuid: (
        ProviderInventories(1, {"DISK_GB": Inventory(1000)}) if uuid == "nfs" else inventories(uuid)
    )
    snapshot = cloud.survey(fake_clock).read()
    assert dict(snapshot.traits) == {"nfs": frozenset({"MISC_SHARES_VIA_AGGREGATE"})}


def test_progress_is_told(cloud, fake_clock):
    told = []
    cloud.survey(fake_clock, lambda *facts: told.append(facts)).read()
    assert ("accounts of resource providers", 0, 2) in told
    assert ("accounts of resource providers", 2, 2) in told
    assert ("servers", 0, None) in told
    assert ("servers", 1, 1) in told


def test_progress_of_servers_is_told_while_they_are_listed(cloud, fake_clock):
    cloud.more = [replace(cloud.by_id["s-1"], id=f"s-{number}", status="DELETED") for number in range(2, 251)]
    told = []
    cloud.survey(fake_clock, lambda *facts: told.append(facts)).read()
    assert [facts[1:] for facts in told if facts[0] == "servers"] == [(0, None), (100, None), (200, None), (250, 250)]


def test_only_what_is_doubtful_is_read_a_second_time(fake_clock):
    cloud = SmallCloud(20)
    cloud.held["host7"] = {"lost": CHARGE}
    Survey(cloud.clients, clock=fake_clock).read()
    first, cloud.requests = cloud.requests, []
    assert rules(cloud.survey(fake_clock).audit().findings) == ["unknown-consumer"]
    second = Counter(cloud.requests) - Counter(first)
    of_the_provider, of_the_consumer = (
        ("inventories", "usages", "allocations"),
        ("consumer", "types", "server", "actions"),
    )
    assert second == dict.fromkeys((*of_the_provider, *of_the_consumer, "migrations"), 1)


def test_server_that_lists_leave_out_is_found_by_its_id(cloud, fake_clock):
    cloud.held["host1"] = {"s-2": CHARGE}
    cloud.by_id["s-2"] = replace(cloud.by_id["s-1"], id="s-2", status="SOFT_DELETED", host="host1")
    cloud.by_id["s-2"] = replace(cloud.by_id["s-2"], hypervisor_hostname="host1")
    cloud.payers["s-2"] = "ours"
    audited = cloud.survey(fake_clock).audit()
    assert (audited.findings, audited.not_judged) == ((), ())
    assert audited.read["servers"] == 2


def test_server_that_nova_remembers_is_said_to_be_deleted(cloud, fake_clock):
    cloud.held["host1"], cloud.deleted = {"lost": CHARGE}, {"lost"}
    (finding,) = cloud.survey(fake_clock).audit().findings
    assert "but Nova has deleted the server with that id" in finding.sentence


def test_consumer_that_may_be_in_a_cell_that_does_not_answer_is_not_judged(cloud, fake_clock):
    cloud.held["host1"], cloud.of_a_lost_cell = {"lost": CHARGE}, {"lost"}
    audited = cloud.survey(fake_clock).audit()
    assert audited.findings == ()
    assert [(one.reason, one.consumers) for one in audited.not_judged] == [(Reason.CELL_DOWN, ("lost",))]
    assert fake_clock.waited == 0


def test_what_the_user_may_not_read_is_not_judged(cloud, fake_clock):
    facts = {"service": "compute", "method": "GET", "path": "/os-migrations", "status": 403}

    def refuse():
        raise Limited("the policy says no", "ask for the role", **facts)

    cloud.clients.migrations.all = refuse
    cloud.held["host1"] = {"lost": CHARGE}
    audited = cloud.survey(fake_clock).audit()
    assert audited.findings == ()
    assert [(one.reason, one.consumers) for one in audited.not_judged] == [
        (Reason.FORBIDDEN, ()),
        (Reason.FORBIDDEN, ("lost",)),
    ]
    assert "the policy says no" in audited.not_judged[0].sentence
    assert audited.not_judged[0].remedy == "ask for the role"


def test_compute_nodes_cannot_be_listed_while_a_cell_does_not_answer(cloud, fake_clock):
    def fail():
        raise ApiError("broken", service="compute", method="GET", path="/", status=500)

    cloud.clients.hypervisors.all = fail
    with pytest.raises(CloudError, match="broken"):
        cloud.survey(fake_clock).audit()
    cloud.out_of_reach = frozenset({"host9"})
    audited = cloud.survey(fake_clock).audit()
    assert audited.findings == ()
    assert [one.reason for one in audited.not_judged] == [Reason.CELL_DOWN]


def test_hosts_that_nova_does_not_show_are_not_missed(cloud, fake_clock):
    cloud.by_id["s-1"] = replace(cloud.by_id["s-1"], host=None, hypervisor_hostname=None)
    cloud.by_id["s-2"] = replace(cloud.by_id["s-1"], id="s-2", status="ERROR")
    cloud.held["host1"], cloud.payers["s-2"] = {"s-2": CHARGE}, "ours"
    audited = cloud.survey(fake_clock).audit()
    assert audited.findings == ()
    assert [(one.reason, Rule.MISSING in one.rules) for one in audited.not_judged] == [(Reason.FORBIDDEN, True)]


def test_migration_that_has_begun_since_the_lists_were_read_is_no_finding(cloud, fake_clock):
    begun = Migration(7, "lost", "live-migration", "running", "host1", "host0", "s-1", "host1", "host0")
    cloud.clients.migrations.all = lambda changed_since=None, server_id=None: [begun] if changed_since else []
    cloud.by_id["s-1"] = replace(cloud.by_id["s-1"], task_state="migrating")
    cloud.held["host1"] = {"lost": CHARGE}
    assert cloud.survey(fake_clock).audit().findings == ()


def test_what_is_wrong_with_services_is_read_again(cloud, fake_clock):
    nodes = cloud.clients.hypervisors.all()
    lists = iter([nodes[:1], nodes])
    cloud.clients.hypervisors.all = lambda: next(lists)
    assert cloud.survey(fake_clock).audit().findings == ()


def test_provider_that_was_over_its_capacity_for_a_moment_is_no_finding(cloud, fake_clock):
    cloud.held["host1"] = {"lease": CHARGE * 9}
    meanwhile(fake_clock, cloud.held["host1"].clear)
    assert cloud.survey(fake_clock).audit().findings == ()


def test_share_that_comes_on_another_provider_meanwhile_is_read(cloud, fake_clock):
    cloud.providers.append(Provider("nfs", "nfs", 1, None, "nfs"))
    cloud.held |= {"nfs": {}, "host0": {"s-1": CHARGE.without(["DISK_GB"])}}
    inventories = cloud.clients.placement.inventories
    cloud.clients.placement.inventories = lambda uuid: (
        ProviderInventories(1, {"DISK_GB": Inventory(1000)}) if uuid == "nfs" else inventories(uuid)
    )
    meanwhile(fake_clock, lambda: cloud.held["nfs"].update({"s-1": CHARGE.only(["DISK_GB"])}))
    assert cloud.survey(fake_clock).audit().findings == ()


def test_what_has_come_since_the_first_reading_is_no_finding(cloud, fake_clock):
    cloud.held["host1"] = {"lost": CHARGE}
    meanwhile(fake_clock, lambda: cloud.held["host1"].update({"new": CHARGE}))
    assert [finding.consumer for finding in cloud.survey(fake_clock).audit().findings] == ["lost"]


@pytest.mark.parametrize(("deleted", "found"), [(False, []), (True, ["device"])])
def test_consumer_on_a_device_of_another_service_was_a_server_if_nova_remembers_it(cloud, fake_clock, deleted, found):
    cloud.providers.append(Provider("card", "card", 1, "host1", "host1"))
    cloud.held["card"], cloud.traits["card"] = {"device": CHARGE}, frozenset({"OWNER_CYBORG"})
    cloud.deleted |= {"device"} if deleted else set()
    audited = cloud.survey(fake_clock).audit()
    assert [finding.consumer for finding in audited.findings] == found
    assert [one.reason for one in audited.not_judged] == [] if deleted else [Reason.OTHER_SERVICE]


def test_consumer_of_another_type_needs_no_second_reading(cloud, fake_clock):
    cloud.held["host1"] = {"lease": CHARGE}
    assert cloud.survey(fake_clock).audit().not_judged == ()
    assert fake_clock.waited == 0


def test_migration_of_a_cell_that_an_older_api_does_not_name_is_not_judged(cloud, fake_clock):
    def fail():
        raise ApiError("broken", service="compute", method="GET", path="/", status=500)

    cloud.clients.hypervisors.all = fail
    cloud.clients.session.offers = lambda service, version: False
    cloud.services.pop()
    cloud.held["host1"], cloud.of_a_lost_cell = {"server": CHARGE, "migration": CHARGE}, {"server"}
    audited = cloud.survey(fake_clock).audit()
    assert audited.findings == ()
    assert [one.consumers for one in audited.not_judged] == [(), ("server", "migration")]
    assert fake_clock.waited == 0


class TestPorts:
    """What servers hold for their ports is judged where Neutron shows what these ask for."""

    OUT = Resources({EGRESS: 1000})

    @pytest.fixture
    def shown(self, cloud):
        """Ports that Neutron shows, of a server that holds bandwidth."""
        cloud.held["host0"] = {"s-1": CHARGE + self.OUT}
        room = ProviderInventories(1, {**ROOM, EGRESS: Inventory(5000)})
        cloud.clients.placement.inventories = lambda _uuid: room
        ports = [Port("p-1", "gold", "s-1", "host0", self.OUT, {})]
        listed = lambda servers=None: cloud._count("ports of servers" if servers else "ports", list(ports))  # noqa: E731
        cloud.clients.networks = SimpleNamespace(offered=True, ports=listed)
        return ports

    def test_that_explain_what_is_held_are_read_once(self, cloud, fake_clock, shown):
        assert cloud.survey(fake_clock).audit().findings == ()
        assert [name for name in cloud.requests if "ports" in name] == ["ports"]

    def test_that_ask_for_something_else_are_read_again(self, cloud, fake_clock, shown):
        shown[0] = replace(shown[0], requests=self.OUT * 2)
        (finding,) = cloud.survey(fake_clock).audit().findings
        assert (finding.rule, finding.found) == (Rule.AMOUNTS, CHARGE + self.OUT)
        assert cloud.requests.count("ports of servers") == 1

    def test_whose_requests_are_hidden_judge_nobody(self, cloud, fake_clock, shown):
        shown[0] = replace(shown[0], requests=Resources(), shows_requests=False)
        audited = cloud.survey(fake_clock).audit()
        assert "get_port:resource_request" in str(audited.not_judged[0].remedy)

    def test_are_not_read_where_nothing_can_be_asked_for(self, cloud, fake_clock):
        cloud.survey(fake_clock).audit()
        assert "ports" not in cloud.requests


def test_limit_of_requests_ends_the_audit(cloud, fake_clock):
    def refuse():
        raise Limited("too many", "wait", service="compute", method="GET", path="/flavors", status=429)

    cloud.clients.flavors.all = refuse
    with pytest.raises(Limited, match="too many"):
        cloud.survey(fake_clock).audit()
