"""The audit of a scenario: what it reads so that the rules can judge, and what is wrong under the feature's names.

The rules have tests of their own (tests/accounting/test_audit.py); here each kind of damage is planted once in the
real Placement, to show that what the rules need is read.
"""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from hamcrest import assert_that, contains_exactly, contains_string, empty, has_properties
from stocktake.support.accounting.findings import Rule
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.scenario.audit import findings, snapshot

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own

FLAVOR = {"original_name": "small", "vcpus": 1, "ram": 512, "disk": 1, "ephemeral": 0, "swap": 0, "extra_specs": {}}
SMALL = {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}


@pytest.fixture
def alpha(real_books):
    return real_books.roles.played["alpha"]


@pytest.fixture
def beta(real_books):
    return real_books.roles.played["beta"]


@pytest.fixture
def runs(real_books, nova, accounts):
    """Lets server "web" run on a host, and hold what is said there: `runs(alpha, VCPU=1)`."""

    def run(host, status="ACTIVE", *, moves=(), project=None, **held):
        uuid = real_books.servers.ids["web"] = nova.ids["web"] = str(uuid4())
        state = {"status": status, "host": host.service, "flavor": FLAVOR, "image": {"id": "an-image"}}
        state["tenant_id"] = project or real_books.cloud.session.project_id
        nova.looks("web", {**state, "OS-EXT-SRV-ATTR:hypervisor_hostname": host.node})
        nova.moves("web", list(moves))
        if moves:
            real_books.cloud.session.acted_on.add(uuid)
        if held:
            accounts.hold(host, uuid, **held)
        return uuid

    return run


def the_only(found, rule, *words):
    assert_that(found, contains_exactly(has_properties(rule=rule)))
    for word in words:
        assert_that(found[0].sentence, contains_string(word))


class TestNothing:
    def test_is_found_when_a_server_is_charged_where_it_runs(self, real_books, runs, alpha):
        runs(alpha, **SMALL)
        assert_that(findings(real_books), empty())

    def test_is_found_while_a_server_is_being_built(self, real_books, runs, alpha):
        runs(alpha, "BUILD")
        assert_that(findings(real_books), empty())

    def test_is_found_when_a_neighbour_is_charged_where_it_runs(self, real_books, nova, accounts, alpha):
        nova.ids["theirs"] = accounts.hold(alpha, **SMALL)
        state = {"status": "ACTIVE", "host": alpha.service, "OS-EXT-SRV-ATTR:hypervisor_hostname": alpha.node}
        nova.looks("theirs", {**state, "flavor": FLAVOR})
        assert_that(findings(real_books), empty())

    def test_is_found_when_a_neighbours_resize_awaits_a_decision(self, real_books, nova, accounts, alpha):
        move = accounts.hold(alpha, **SMALL)
        on = {"source_compute": alpha.service, "source_node": alpha.node, "dest_compute": "far", "status": "finished"}
        nova.moves_on(alpha.service, {"uuid": move, "migration_type": "resize", **on})
        assert_that(findings(real_books), empty())

    def test_is_found_in_a_resize_of_the_scenario_that_awaits_a_decision(self, real_books, runs, accounts, alpha, beta):
        real_books.owned.flavors["tiny"] = Flavor("tiny", 1, 256, 1)
        move = accounts.hold(alpha, VCPU=1, MEMORY_MB=256, DISK_GB=1)
        moving = {"uuid": move, "migration_type": "resize", "status": "finished"}
        moving |= {"source_compute": alpha.service, "source_node": alpha.node}
        moving |= {"dest_compute": beta.service, "dest_node": beta.node}
        runs(beta, "VERIFY_RESIZE", moves=[moving], **SMALL)
        assert_that(findings(real_books), empty())


class TestDamage:
    def test_charged_on_another_host(self, real_books, runs, accounts, alpha, beta):
        accounts.hold(beta, runs(alpha), **SMALL)
        the_only(findings(real_books), Rule.OTHER_HOST, 'server "web"', 'on host "beta"', 'is on host "alpha"')

    def test_charged_twice(self, real_books, runs, accounts, alpha, beta):
        accounts.hold(beta, runs(alpha, **SMALL), **SMALL)
        the_only(findings(real_books), Rule.DOUBLED, 'server "web" is on host "alpha"', 'on host "beta"')

    def test_charged_nowhere(self, real_books, runs, alpha):
        runs(alpha)
        the_only(findings(real_books), Rule.MISSING, 'server "web" is ACTIVE', 'nothing on host "alpha"')

    def test_charged_an_amount_that_its_flavor_does_not_give(self, real_books, runs, alpha):
        runs(alpha, VCPU=1, MEMORY_MB=1024, DISK_GB=1)
        the_only(findings(real_books), Rule.AMOUNTS, "MEMORY_MB 1024", 'its flavor "small" is', "MEMORY_MB 512")

    def test_charged_to_nobody_known(self, real_books, accounts, alpha):
        ghost = accounts.hold(alpha, **SMALL)
        the_only(findings(real_books), Rule.UNKNOWN_CONSUMER, ghost, 'on host "alpha"')

    def test_charged_to_a_migration_that_is_over(self, real_books, runs, accounts, alpha, beta):
        move = accounts.hold(alpha, **SMALL)
        over = {"uuid": move, "migration_type": "resize", "status": "confirmed", "source_compute": alpha.service}
        runs(beta, moves=[over], **SMALL)
        the_only(findings(real_books), Rule.FINISHED_MIGRATION, "(resize, confirmed)", 'on host "alpha"')

    def test_charged_to_another_project_than_its_own(self, real_books, runs, accounts, alpha):
        """What another project's server holds is charged to the run's own project: to who moved it."""
        runs(alpha, project="another", **SMALL)
        the_only(findings(real_books), Rule.OTHER_PROJECT, 'server "web" belongs to project another, but')

    def test_usages_that_differ_from_the_allocations(self, real_books, runs, alpha, monkeypatch):
        runs(alpha, **SMALL)
        monkeypatch.setattr(real_books.cloud.placement, "usages", lambda _provider: Resources(VCPU=9))
        found = [one for one in findings(real_books) if one.host == "alpha"]
        the_only(found, Rule.USAGE, 'provider "alpha"', "VCPU 9", "VCPU 1")


class TestReading:
    def test_services_tell_which_hosts_are_down(self, real_books, runs, nova, accounts, alpha, beta):
        """A server that was evacuated stays charged on its dead host until that is back."""
        evacuation = {"migration_type": "evacuation", "status": "done", "dest_compute": beta.service}
        evacuation |= {"source_compute": alpha.service, "source_node": alpha.node, "dest_node": beta.node}
        accounts.hold(alpha, runs(beta, moves=[evacuation], **SMALL), **SMALL)
        nova.host(alpha.service, uuid=alpha.provider, state="down")
        assert_that(findings(real_books), empty())
        nova.host(alpha.service, uuid=alpha.provider, state="up")
        real_books.forget_readings()
        the_only(findings(real_books), Rule.DOUBLED, "but also holds")

    def test_compute_nodes_are_read_only_after_a_host_was_retired(self, real_books, runs, nova, beta):
        runs(beta, **SMALL)
        assert snapshot(real_books).hypervisors is None
        nova.retire(real_books.roles.played["alpha"].service)
        real_books.forget_readings()
        assert_that(snapshot(real_books).hypervisors, contains_exactly(has_properties(id=beta.provider)))
        the_only(findings(real_books), Rule.NO_COMPUTE_NODE, 'provider "alpha"')

    def test_compute_nodes_that_are_only_named_alike_are_nobodys_affair(
        self, real_books, runs, nova, beta, monkeypatch
    ):
        """Nova finds host1 and host10 when asked for host1."""
        runs(beta, **SMALL)
        nova.retire(real_books.roles.played["alpha"].service)
        read = real_books.cloud.hypervisors.all
        alike = SimpleNamespace(id="another", hostname=f"{beta.node}0", host=f"{beta.service}0")
        monkeypatch.setattr(real_books.cloud.hypervisors, "all", lambda **named: [*read(**named), alike])
        assert_that(snapshot(real_books).hypervisors, contains_exactly(has_properties(id=beta.provider)))

    def test_migrations_on_hosts_are_read_only_for_consumers_that_are_no_servers(
        self, real_books, runs, nova, accounts, alpha
    ):
        runs(alpha, **SMALL)
        findings(real_books)
        assert nova.asked("GET /os-migrations\\?host=.*") == []
        accounts.hold(alpha, VCPU=1)
        findings(real_books)
        assert len(nova.asked("GET /os-migrations\\?host=.*")) == 2
