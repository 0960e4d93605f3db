"""Nothing changes when the periodic runs: run on every host that is up, and everything compared with before."""

from types import SimpleNamespace

import pytest
from hamcrest import assert_that, contains_string
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rules.figures import counted
from stocktake.support.api.placement.values import Inventory
from stocktake.support.errors import Unverified
from stocktake.support.hosts.control import HttpControl
from stocktake.support.hosts.roles import Roles
from stocktake.support.ownership.undo import Undoing
from stocktake.support.scenario.audit import findings
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.parking import Parked
from stocktake.support.scenario.stability import Stability, note_figures, nothing_changes_when_the_periodic_runs
from stocktake.support.waiting import TookTooLong

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own

WEB = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
DB = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
MOVE = "5cd3d0a5-3f4c-4a2e-8f0a-64a5f1b6e0c1"
SMALL = {"original_name": "small", "vcpus": 1, "ram": 512, "disk": 0, "ephemeral": 0, "swap": 0, "extra_specs": {}}


class Elsewhere:
    """The control of a cloud that is not a lab; `order` are the roles of the hosts on which the periodic ran."""

    lacks = None
    acts = 0

    def __init__(self, context):
        self.context = context
        self.order = []
        self.does = lambda: None

    def missing(self, action):
        return self.lacks

    def run_periodics(self, hosts):
        self.order.append([self.context.roles.role_of(host) for host in hosts])
        self.does()


class OnALab(Elsewhere, HttpControl):
    """The control of a lab."""


@pytest.fixture
def control(real_books, monkeypatch):
    """Makes the control of the scenario's cloud; what is put at `does` is done at each run."""

    def made(kind=OnALab):
        control = kind(real_books)
        monkeypatch.setitem(real_books.cloud.__dict__, "control", control)
        return control

    return made


@pytest.fixture(autouse=True)
def changed(real_books, monkeypatch):
    """The servers that have changed lately, whosesoever."""
    servers = []
    monkeypatch.setattr(type(real_books.cloud.servers), "all", lambda *_, **__: servers)
    return servers


@pytest.fixture
def web(real_books, accounts, nova):
    """A server with one VCPU and 512 MB on "alpha", and hypervisor figures that say so."""
    alpha = real_books.roles.played["alpha"]
    real_books.servers.ids["web"] = nova.ids["web"] = WEB
    real_books.owned.flavors["small"] = Flavor("small", vcpus=1, ram=512, disk=0)
    nova.moves("web", [])
    real_books.cloud.session.acted_on.add(WEB)
    nova.looks("web", {"status": "ACTIVE", "host": alpha.service, "flavor": SMALL})
    accounts.hold(alpha, WEB, VCPU=1, MEMORY_MB=512)
    nova.counts(alpha, vcpus_used=1, memory_mb_used=512)
    yield
    accounts.placement.delete_allocations(WEB)


class TestHosts:
    def test_are_taken_in_both_orders_on_a_lab(self, real_books, control):
        ran = control()
        assert nothing_changes_when_the_periodic_runs(real_books)
        assert ran.order == [['host "alpha"', 'host "beta"'], ['host "beta"', 'host "alpha"']]

    def test_are_taken_once_elsewhere(self, real_books, control):
        ran = control(Elsewhere)
        assert nothing_changes_when_the_periodic_runs(real_books)
        assert ran.order == [['host "alpha"', 'host "beta"']]

    def test_that_are_alone_are_taken_once(self, real_books, control):
        real_books.roles.drop("beta")
        ran = control()
        nothing_changes_when_the_periodic_runs(real_books)
        assert ran.order == [['host "alpha"']]

    def test_that_are_down_are_left_out(self, real_books, control, nova):
        alpha = real_books.roles.played["alpha"]
        nova.host(alpha.service, uuid=alpha.provider, state="down")
        ran = control()
        nothing_changes_when_the_periodic_runs(real_books)
        assert ran.order == [['host "beta"']]

    def test_may_be_none(self, real_books, control):
        for role in ("alpha", "beta"):
            real_books.roles.drop(role)
        ran = control()
        assert not nothing_changes_when_the_periodic_runs(real_books)
        assert ran.order == []

    def test_cannot_be_checked_where_the_periodic_cannot_be_run(self, real_books, control):
        control().lacks = Unverified("nothing is configured", "configure it")
        with pytest.raises(Unverified, match="nothing is configured"):
            nothing_changes_when_the_periodic_runs(real_books)


class TestWhatChanges:
    def test_an_allocation_is_seen(self, real_books, accounts, control, passing_time):
        ghost = accounts.hold(real_books.roles.played["alpha"], VCPU=1)
        control().does = lambda: accounts.placement.delete_allocations(ghost)
        with pytest.raises(TookTooLong, match="the allocations to stay as they are") as failure:
            nothing_changes_when_the_periodic_runs(real_books)
        assert_that(str(failure.value), contains_string("missing"))

    def test_what_others_do_meanwhile_is_not(self, real_books, accounts, control, monkeypatch, passing_time):
        """A neighbour that boots between two requests of one reading has changed nothing for good."""
        ghost, sleep = accounts.hold(real_books.roles.played["alpha"], VCPU=1), passing_time.sleep
        consumer = []

        def settle(seconds):
            sleep(seconds)
            accounts.placement.delete_allocations(consumer.pop()) if consumer else None

        monkeypatch.setattr("stocktake.support.waiting.SYSTEM_CLOCK.sleep", settle)
        control().does = lambda: consumer.append(accounts.hold(real_books.roles.played["beta"], VCPU=1))
        assert nothing_changes_when_the_periodic_runs(real_books)
        assert ghost in real_books.accounts.read().ledger.consumers

    def test_usages_alone_are_seen(self, real_books, control, monkeypatch):
        placement = real_books.cloud.placement
        usages = placement.usages
        control().does = lambda: monkeypatch.setattr(
            placement, "usages", lambda provider: usages(provider) + Resources(VCPU=1)
        )
        with pytest.raises(TookTooLong, match="the usages to stay as they are"):
            nothing_changes_when_the_periodic_runs(real_books)

    @pytest.mark.parametrize("change", [{"status": "SHUTOFF"}, {"host": "cmp-9"}], ids=["its status", "its host"])
    def test_a_server_is_seen(self, real_books, web, nova, control, change):
        now = {"status": "ACTIVE", "host": real_books.roles.played["alpha"].service, **change}
        control().does = lambda: nova.looks("web", now)
        with pytest.raises(TookTooLong, match='server "web" to stay as it is'):
            nothing_changes_when_the_periodic_runs(real_books)

    def test_a_server_that_was_under_way_proves_nothing(self, real_books, web, nova, control):
        host = real_books.roles.played["alpha"].service
        nova.looks("web", {"status": "MIGRATING", "task": "migrating", "host": host})
        control().does = lambda: nova.looks("web", {"status": "ACTIVE", "host": host})
        with pytest.raises(Unverified, match='server "web" was still migrating when the scenario ended'):
            nothing_changes_when_the_periodic_runs(real_books)


class TestHypervisorFigures:
    def test_that_agree_are_right(self, real_books, web, control):
        control()
        assert nothing_changes_when_the_periodic_runs(real_books)

    def test_that_go_wrong_when_the_periodic_runs_are_seen(self, real_books, web, nova, control):
        alpha = real_books.roles.played["alpha"]
        control().does = lambda: nova.counts(alpha)
        with pytest.raises(TookTooLong, match="Nova's own figures to agree") as failure:
            nothing_changes_when_the_periodic_runs(real_books)
        assert_that(str(failure.value), contains_string("| alpha | 0 (not 1) | 0 (not 512) |"))

    @pytest.mark.parametrize(("role", "is_red"), [("alpha", False), ("beta", True)])
    def test_are_not_judged_on_a_host_to_which_others_come(self, real_books, web, nova, control, changed, role, is_red):
        played = real_books.roles.played
        control().does = lambda: nova.counts(played["alpha"], vcpus_used=3)
        changed.append(SimpleNamespace(id="theirs", name="theirs", host=played[role].service))
        if is_red:
            with pytest.raises(TookTooLong, match="Nova's own figures to agree"):
                nothing_changes_when_the_periodic_runs(real_books)
        else:
            assert nothing_changes_when_the_periodic_runs(real_books)

    def test_that_are_wrong_before_the_periodic_only_are_legitimate(self, real_books, web, nova, control):
        """As those of a live migration's destination are."""
        alpha = real_books.roles.played["alpha"]
        nova.counts(alpha)
        control().does = lambda: nova.counts(alpha, vcpus_used=1, memory_mb_used=512)
        assert nothing_changes_when_the_periodic_runs(real_books)

    def test_are_not_judged_while_a_server_has_a_task(self, real_books, web, nova, control):
        """As one whose new host has failed before its claim."""
        alpha = real_books.roles.played["alpha"]
        nova.looks("web", {"status": "RESIZE", "task": "resize_prep", "host": alpha.service, "flavor": SMALL})
        nova.counts(alpha)
        control()
        assert nothing_changes_when_the_periodic_runs(real_books)

    def test_count_what_an_unconfirmed_resize_keeps_on_its_source(self, real_books, web, accounts, nova, control):
        alpha, beta = real_books.roles.played["alpha"], real_books.roles.played["beta"]
        nova.moves("web", [{"id": 1, "uuid": MOVE, "status": "finished"}])
        accounts.placement.delete_allocations(WEB)
        accounts.hold(alpha, MOVE, VCPU=1, MEMORY_MB=512)
        accounts.hold(beta, WEB, VCPU=1, MEMORY_MB=512)
        nova.looks("web", {"status": "VERIFY_RESIZE", "host": beta.service, "flavor": SMALL})
        nova.counts(beta, vcpus_used=1, memory_mb_used=512)
        control().does = lambda: nova.counts(alpha)
        with pytest.raises(TookTooLong, match="Nova's own figures to agree"):
            nothing_changes_when_the_periodic_runs(real_books)
        accounts.placement.delete_allocations(MOVE)

    def test_count_a_migration_that_holds_the_other_kind_of_processors(self, real_books, web, accounts, nova, control):
        """A server of dedicated CPUs holds VCPU on a host that has no PCPU, and so does its migration."""
        alpha, beta = real_books.roles.played["alpha"], real_books.roles.played["beta"]
        pinned = {"hw:cpu_policy": "dedicated"}
        real_books.owned.flavors["small"] = Flavor("small", vcpus=1, ram=512, disk=0, extra_specs=pinned)
        nova.moves("web", [{"id": 1, "uuid": MOVE, "status": "finished"}])
        accounts.placement.delete_allocations(WEB)
        accounts.hold(alpha, MOVE, VCPU=1, MEMORY_MB=512)
        accounts.hold(beta, WEB, VCPU=1, MEMORY_MB=512)
        flavor = {**SMALL, "extra_specs": pinned}
        nova.looks("web", {"status": "VERIFY_RESIZE", "host": beta.service, "flavor": flavor})
        nova.counts(beta, vcpus_used=1, memory_mb_used=512)
        control().does = lambda: nova.counts(alpha)
        with pytest.raises(TookTooLong, match="Nova's own figures to agree"):
            nothing_changes_when_the_periodic_runs(real_books)
        accounts.placement.delete_allocations(MOVE)

    def test_follow_the_flavor_where_extra_specs_make_placement_charge_otherwise(
        self, real_books, web, accounts, nova, control
    ):
        """The resource tracker knows nothing of `resources:VCPU=0`."""
        accounts.placement.delete_allocations(WEB)
        accounts.hold(real_books.roles.played["alpha"], WEB, MEMORY_MB=512)
        control()
        assert nothing_changes_when_the_periodic_runs(real_books)

    @pytest.mark.parametrize(("reserved", "disk", "right"), [(1, 0, True), (1, 1, True), (0, 0, True), (2, 0, False)])
    def test_may_round_the_reserved_disk_down(self, real_books, accounts, nova, control, reserved, disk, right):
        """Nova rounds `reserved_host_disk_mb` up to whole GB for Placement."""
        alpha = real_books.roles.played["alpha"]
        room = accounts.placement.inventories(alpha.provider)
        changed = room.inventories | {"DISK_GB": Inventory(100, reserved=reserved)}
        accounts.placement.set_inventories(alpha.provider, changed, generation=room.generation)
        nova.counts(alpha, local_gb_used=disk)
        control()
        if right:
            assert nothing_changes_when_the_periodic_runs(real_books)
        else:
            with pytest.raises(TookTooLong, match="Nova's own figures to agree"):
                nothing_changes_when_the_periodic_runs(real_books)

    @pytest.mark.parametrize(
        ("flavor", "volume_backed", "disk"),
        [
            (Flavor("a", vcpus=1, ram=512, disk=3, ephemeral=2, swap=1500), False, 6),
            (Flavor("a", vcpus=1, ram=512, disk=3, ephemeral=2, swap=1500), True, 3),
            (Flavor("a", vcpus=1, ram=512, disk=0, swap=100), False, 0),
        ],
    )
    def test_count_swap_in_whole_gb_only(self, flavor, volume_backed, disk):
        assert counted(flavor, volume_backed=volume_backed) == Resources(VCPU=1, MEMORY_MB=512, DISK_GB=disk)

    def test_are_judged_elsewhere_only_if_they_were_right_before_the_first_step(
        self, real_books, accounts, nova, control
    ):
        """An operator may have set reserved amounts in Placement that Nova does not know."""
        alpha = real_books.roles.played["alpha"]
        control(Elsewhere).does = lambda: nova.counts(alpha, vcpus_used=3)
        assert nothing_changes_when_the_periodic_runs(real_books)
        note_figures(real_books)
        nova.counts(real_books.roles.played["beta"], vcpus_used=1)
        with pytest.raises(TookTooLong, match="Nova's own figures to agree"):
            nothing_changes_when_the_periodic_runs(real_books)

    def test_are_not_judged_where_other_people_hold_something(self, real_books, accounts, nova, control):
        alpha = real_books.roles.played["alpha"]
        accounts.hold(alpha, VCPU=3)
        real_books.accounts.open()
        nova.counts(alpha, vcpus_used=5)
        control()
        assert nothing_changes_when_the_periodic_runs(real_books)

    def test_are_not_judged_where_the_scenario_has_made_accounts_wrong(self, real_books, web, accounts, control):
        real_books.owned.known_wrong.add(WEB)
        accounts.placement.delete_allocations(WEB)
        control()
        assert nothing_changes_when_the_periodic_runs(real_books)


class TestParkedScenarios:
    """What scenarios of this process have on the same hosts while they wait for the periodic task."""

    @pytest.fixture
    def other(self, real_books, cloud):
        """Another scenario on the same hosts, whose server holds 2 VCPU of "alpha" and is parked."""

        def parked(accounts, nova):
            alpha = real_books.roles.played["alpha"]
            other = Context(cloud, 2, Roles(real_books.roles.hosts), Undoing(cloud.journal, cloud))
            flavor = {**SMALL, "original_name": "big", "vcpus": 2, "ram": 0}
            other.servers.ids["db"] = nova.ids["db"] = DB
            nova.looks("db", {"status": "ACTIVE", "host": alpha.service, "flavor": flavor})
            accounts.hold(alpha, DB, VCPU=2)
            other.owned.flavors["big"] = Flavor("big", vcpus=2, ram=0, disk=0)
            cloud.consumer_owners.add([DB], 2)
            cloud.company.parked.append(Parked(other, {DB: other.servers.read("db")}))
            return other

        yield parked
        real_books.cloud.placement.delete_allocations(DB)

    def test_count_in_the_figures_of_the_one_that_is_checked(self, real_books, web, accounts, nova, control, other):
        alpha = real_books.roles.played["alpha"]
        control()
        other(accounts, nova)
        nova.counts(alpha, vcpus_used=3, memory_mb_used=512)
        assert nothing_changes_when_the_periodic_runs(real_books)
        nova.counts(alpha, vcpus_used=1, memory_mb_used=512)
        with pytest.raises(TookTooLong, match="Nova's own figures to agree"):
            nothing_changes_when_the_periodic_runs(real_books)

    def test_vouch_for_the_figures_of_their_hosts(self, real_books, accounts, nova, control, other):
        """Beside them the figures of a host can no longer be compared with its reserved amounts."""
        alpha, beta = real_books.roles.played["alpha"], real_books.roles.played["beta"]
        control(Elsewhere)
        other(accounts, nova).accounts.with_known_figures.add(alpha.provider)
        real_books.accounts.open()
        nova.counts(alpha, vcpus_used=1)
        nova.counts(beta, vcpus_used=7)
        note_figures(real_books)
        assert real_books.accounts.with_known_figures == {alpha.provider}

    def test_may_come_and_go_while_one_is_checked(self, real_books, web, accounts, nova, control, other):
        control().does = lambda: accounts.placement.delete_allocations(DB)
        other(accounts, nova)
        stability = Stability.begin(real_books)
        accounts.placement.delete_allocations(DB)
        stability.check_accounts()

    def test_are_not_audited_by_the_one_that_runs(self, real_books, web, accounts, nova, other):
        other(accounts, nova)
        alpha = real_books.roles.played["alpha"]
        seen = {"status": "ACTIVE", "host": alpha.service, "flavor": SMALL}
        nova.looks("web", {**seen, "OS-EXT-SRV-ATTR:hypervisor_hostname": alpha.node})
        nova.looks("db", {**seen, "flavor": {**SMALL, "vcpus": 1}, "OS-EXT-SRV-ATTR:hypervisor_hostname": alpha.node})
        assert findings(real_books) == []
