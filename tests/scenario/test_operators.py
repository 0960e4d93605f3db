"""What operators do by hand: custom names, providers, inventories, consumers, traits; done to the real Placement."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from hamcrest import assert_that, calling, empty, has_entries, has_item, is_, not_, raises
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.tables import read_usages
from stocktake.support.api.placement.values import Inventory
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.scenario import audit
from stocktake.support.scenario.operations import laboratory
from stocktake.support.scenario.operations.hosts import guard, hypervisors
from stocktake.support.scenario.operations.placement import bare_consumers, custom_names, inventories, providers, traits
from stocktake.support.scenario.operations.refusals import check_spoken
from stocktake.support.scenario.operations.servers import flavors, volumes

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own

GOLD = "CUSTOM_GOLD"


@pytest.fixture(autouse=True)
def permission(monkeypatch):
    """Hosts may be disrupted; what may not be done without permission is tested with the guards."""
    monkeypatch.setattr(guard, "check_disruption", lambda *_args: None)


def provider(context, role):
    return context.roles.played[role].provider


def undo(context):
    """Undo everything; return what could not be."""
    return context.undoing.undo_all()


class TestCustomNames:
    def test_carry_the_mark_and_the_scenario_and_go_with_it(self, real_books):
        real = custom_names.introduce_trait(real_books, GOLD)
        assert real == real_books.cloud.mark.trait("1 GOLD")
        assert custom_names.introduce_trait(real_books, GOLD) == real
        assert_that(real_books.cloud.traits.all(), has_item(real))
        assert undo(real_books) == []
        assert_that(real_books.cloud.traits.all(), not_(has_item(real)))

    def test_are_left_as_they_are_when_they_are_standard(self, real_books):
        assert custom_names.introduce_class(real_books, "VGPU") == "VGPU"
        assert real_books.undoing.undo_all() == []

    def test_cannot_be_introduced_after_a_flavor_that_asks_for_them(self, context):
        context.owned.flavors["fast"] = Flavor("fast", 1, 512, 1, extra_specs={f"trait:{GOLD}": "required"})
        introduce = calling(custom_names.introduce_trait).with_args(context, GOLD)
        assert_that(introduce, raises(FeatureError, 'flavor "fast" requests CUSTOM_GOLD'))

    def test_that_are_somebody_elses_are_left_alone(self, real_books):
        theirs = f"CUSTOM_OF_OTHERS_{uuid4().hex[:8].upper()}"
        real_books.cloud.traits.create(theirs)
        real_books.cloud.traits.add(provider(real_books, "alpha"), theirs)
        real_books.cloud.resource_classes.create(theirs)
        for act in (
            lambda: custom_names.delete_trait(real_books, theirs),
            lambda: custom_names.delete_class(real_books, theirs),
            lambda: traits.take_off(real_books, theirs, "alpha"),
        ):
            with pytest.raises(FeatureError, match="does not exist in this scenario"):
                act()
        assert_that(real_books.cloud.traits.of_provider(provider(real_books, "alpha")), has_item(theirs))
        assert_that(real_books.cloud.resource_classes.all(), has_item(theirs))

    def test_go_although_a_provider_of_the_scenario_still_has_them(self, real_books):
        providers.create(real_books, "rack")
        providers.set_inventories(real_books, "rack", {GOLD: Inventory(10)})
        providers.put_trait(real_books, "CUSTOM_COOLED", "rack")
        assert undo(real_books) == []

    def test_take_the_place_of_a_flavors_own(self, real_books, nova, apis):
        nova.accepts("POST", "/flavors", body={})
        nova.accepts("POST", "/flavors/.*/os-extra_specs")
        real_books.owned.custom_names |= {GOLD: "CUSTOM_STOCKTAKE_GOLD", "CUSTOM_FAST": "CUSTOM_STOCKTAKE_FAST"}
        specs = {f"resources1:{GOLD}": "2", "trait:CUSTOM_FAST": "forbidden", "hw:cpu_policy": "shared"}
        real = {flavors._real_key(real_books, key): value for key, value in specs.items()}
        assert real == {
            "resources1:CUSTOM_STOCKTAKE_GOLD": "2",
            "trait:CUSTOM_STOCKTAKE_FAST": "forbidden",
            "hw:cpu_policy": "shared",
        }


class TestProviders:
    def test_below_a_host_are_rows_of_their_own_under_the_features_names(self, real_books, accounts):
        providers.create_below_host(real_books, "red", "alpha", {GOLD: Inventory(10)})
        web = accounts.hold(real_books.roles.played["alpha"], VCPU=1)
        red = real_books.owned.providers["red"]
        accounts.hold(red, web, **{real_books.owned.custom_names[GOLD]: 4})
        real_books.owned.bare_consumers["web"] = web
        own = real_books.accounts.own(real_books.accounts.read().ledger)
        named = own.named(real_books.names.of_consumers(), real_books.names.of_providers())
        rows = {("consumer web", "alpha"): Resources(VCPU=1), ("consumer web", "alpha/red"): Resources(CUSTOM_GOLD=4)}
        assert named.with_classes({real_books.owned.custom_names[GOLD]: GOLD}) == Ledger(rows)

    def test_below_a_host_go_and_leave_its_accounts_readable(self, real_books):
        before = real_books.accounts.read()
        providers.create_below_host(real_books, "red", "alpha", {GOLD: Inventory(10)})
        assert len(real_books.trees.all()[provider(real_books, "alpha")]) == 2
        assert undo(real_books) == []
        assert real_books.accounts.read() == before

    def test_that_the_scenario_deleted_are_no_problem(self, real_books):
        providers.create(real_books, "rack")
        providers.delete(real_books, "rack")
        providers.exists(real_books, "rack", there=False)
        assert undo(real_books) == []

    def test_that_are_refused_are_an_answer(self, real_books):
        providers.create(real_books, "rack")
        providers.create_namesake(real_books, "rack")
        with pytest.raises(ApiError, match="answered 409"):
            check_spoken(real_books)
        assert undo(real_books) == []

    def test_know_their_tree(self, real_books):
        providers.create(real_books, "rack")
        providers.create(real_books, "shelf", parent="rack")
        providers.tree_is(real_books, "shelf", {"rack": "", "shelf": "rack"})
        with pytest.raises(AssertionError, match="the tree of resource provider"):
            providers.tree_is(real_books, "rack", {"rack": ""})

    def test_need_a_step_that_makes_them(self, context):
        delete = calling(providers.delete).with_args(context, "rack")
        assert_that(delete, raises(FeatureError, 'resource provider "rack" does not exist in this scenario'))


class TestInventories:
    def test_are_read_strictly(self):
        heading = ["resource class", "total", "allocation_ratio"]
        read, fields = inventories.read_table([heading, ["VCPU", "8", "1.5"]])
        assert read == {"VCPU": Inventory(8, allocation_ratio=1.5)}
        assert fields == ("total", "allocation_ratio")
        for row, message in [
            (["VCPUS", "8", "1.5"], "no resource class is named VCPUS; did you mean VCPU"),
            (["VCPU", "many", "1.5"], 'row 1, column "total": "many" is not a number'),
        ]:
            assert_that(calling(inventories.read_table).with_args([heading, row]), raises(FeatureError, message))

    def test_that_differ_are_drawn_as_tables(self, real_books):
        expected = {"VCPU": Inventory(9)}
        with pytest.raises(AssertionError) as failure:
            inventories.are(real_books, provider(real_books, "alpha"), expected, ("total",), 'host "alpha"')
        assert "| VCPU           |     9 |" in str(failure.value)
        assert "| MEMORY_MB      |  8192 |" in str(failure.value)

    def test_are_set_back(self, real_books):
        inventories.set_ratio(real_books, "alpha", "VCPU", 2.0)
        inventories.ratio_is(real_books, "alpha", "VCPU", 2.0)
        assert real_books.trees.inventories()[provider(real_books, "alpha")]["VCPU"].allocation_ratio == 2.0
        assert undo(real_books) == []
        inventories.ratio_is(real_books, "alpha", "VCPU", 1.0)

    def test_can_leave_room_for_so_much_and_no_more(self, real_books, accounts):
        accounts.hold(real_books.roles.played["alpha"], VCPU=1)
        inventories.leave_room(real_books, "alpha", "VCPU", 3)
        root = provider(real_books, "alpha")
        providers = real_books.cloud.placement.providers
        assert providers(resources=Resources(VCPU=3), in_tree=root)
        assert not providers(resources=Resources(VCPU=4), in_tree=root)

    def test_need_the_class(self, real_books):
        ratio = calling(inventories.set_ratio).with_args(real_books, "alpha", "VGPU", 2.0)
        assert_that(ratio, raises(FeatureError, 'host "alpha" has no VGPU: its classes are DISK_GB, MEMORY_MB, VCPU'))


class TestConsumers:
    def test_hold_what_they_are_given_until_the_scenario_ends(self, real_books):
        root = provider(real_books, "alpha")
        bare_consumers.take(real_books, "ghost", root, Resources(VCPU=2))
        bare_consumers.take(real_books, "ghost", root, Resources(VCPU=3))
        bare_consumers.holds(real_books, "ghost", Resources(VCPU=3))
        assert undo(real_books) == []
        bare_consumers.holds(real_books, "ghost", Resources())

    def test_of_which_nothing_was_known_conflict(self, real_books):
        root = provider(real_books, "alpha")
        bare_consumers.take(real_books, "ghost", root, Resources(VCPU=2))
        bare_consumers.take_late(real_books, "ghost", root, Resources(VCPU=3))
        with pytest.raises(ApiError, match="answered 409"):
            check_spoken(real_books)
        undo(real_books)

    def test_that_are_spoilt_are_judged_only_when_asked_for(self, real_books, nova):
        laboratory_lets_an_orphan_hold(real_books, nova)
        assert_that(audit.findings(real_books), is_(empty()))
        laboratory.audit_says(real_books, "Nova has neither a server nor a migration with that id")
        undo(real_books)


def laboratory_lets_an_orphan_hold(context, nova):
    laboratory.leave_orphan(context, "ghost", "alpha", Resources(VCPU=2))
    nova.ids["ghost"] = context.owned.bare_consumers["ghost"]
    nova.looks("ghost", None)


class TestTraits:
    def test_are_put_on_and_taken_off_again(self, real_books):
        traits.put_on(real_books, GOLD, "alpha")
        traits.host_has(real_books, "alpha", GOLD)
        traits.host_lacks(real_books, "beta", GOLD)
        assert undo(real_books) == []

    def test_that_are_standard_are_put_back(self, real_books):
        root = provider(real_books, "alpha")
        real_books.cloud.traits.add(root, "COMPUTE_NODE")
        traits.take_off(real_books, "COMPUTE_NODE", "alpha")
        traits.host_lacks(real_books, "alpha", "COMPUTE_NODE")
        assert undo(real_books) == []
        traits.host_has(real_books, "alpha", "COMPUTE_NODE")

    def test_that_nobody_defines_are_an_error(self, real_books):
        claim = calling(traits.host_has_exactly).with_args(real_books, "alpha", ["COMPUTE_NODES"])
        assert_that(claim, raises(FeatureError, "no trait is named COMPUTE_NODES; did you mean COMPUTE_NODE"))

    def test_that_lack_or_exceed_are_named(self, real_books):
        traits.put_on(real_books, "COMPUTE_NODE", "alpha")
        with pytest.raises(AssertionError, match="lacks COMPUTE_ACCELERATORS, has COMPUTE_NODE"):
            traits.host_has_exactly(real_books, "alpha", ["COMPUTE_ACCELERATORS"])

    def test_that_came_later_than_this_release_are_not_expected(self, real_books, apis):
        apis.versions("compute", "2.1", "2.96")
        traits.put_on(real_books, "COMPUTE_NODE", "alpha")
        listed = ["COMPUTE_NODE", "OWNER_NOVA", "COMPUTE_SECURITY_STATELESS_FIRMWARE"]
        traits.host_has_exactly(real_books, "alpha", listed)
        traits.put_on(real_books, "COMPUTE_SECURITY_STATELESS_FIRMWARE", "alpha")
        traits.host_has_exactly(real_books, "alpha", listed)
        traits.put_on(real_books, "OWNER_NOVA", "alpha")
        with pytest.raises(AssertionError, match="has OWNER_NOVA"):
            traits.host_has_exactly(real_books, "alpha", listed)

    def test_of_a_release_that_is_not_known_are_not_verified(self, real_books, apis):
        apis.versions("compute", "2.1", "2.111")
        with pytest.raises(Unverified, match=r"the release of Nova whose newest microversion is 2\.111"):
            traits.host_has_exactly(real_books, "alpha", ["COMPUTE_NODE"])

    def test_of_operators_do_not_count_among_the_standard_ones(self, real_books):
        traits.put_on(real_books, GOLD, "alpha")
        traits.put_on(real_books, "COMPUTE_NODE", "alpha")
        traits.host_has_exactly(real_books, "alpha", ["COMPUTE_NODE"])


class TestFigures:
    @pytest.fixture(autouse=True)
    def nobody_has_changed_a_server(self, real_books, monkeypatch):
        monkeypatch.setattr(type(real_books.cloud.servers), "all", lambda *_, **__: [])

    def told(self, context, nova, apis, **used):
        for host in context.roles.hosts:
            shown = {"id": host.provider, "hypervisor_hostname": host.node, "service": {"host": host.service}, **used}
            apis.answer("GET", f"{nova.url}/os-hypervisors/{host.provider}", apis.say(200, {"hypervisor": shown}))

    def test_change_since_the_beginning(self, real_books, nova, apis, monkeypatch):
        context = real_books
        monkeypatch.setattr(hypervisors.periodics, "run_everywhere", lambda _books: None)
        self.told(context, nova, apis, vcpus_used=3, memory_mb_used=1536, local_gb_used=2)
        hypervisors.bring_up_to_date(context)
        self.told(context, nova, apis, vcpus_used=4, memory_mb_used=2048, local_gb_used=3)
        rows = [["alpha", "+1", "+512", "+1"], ["beta", "+1", "+512", "+1"]]
        hypervisors.have_changed_by(context, read_usages([["host", "VCPU", "MEMORY_MB", "DISK_GB"], *rows]))
        rows[0][1] = "+2"
        with pytest.raises(AssertionError, match=r"Nova says[\s\S]*\+1 \(not \+2\)"):
            hypervisors.have_changed_by(context, read_usages([["host", "VCPU", "MEMORY_MB", "DISK_GB"], *rows]))

    @pytest.fixture
    def neighbour(self, real_books, nova, accounts):
        """Lets a server of others hold something on alpha."""

        def comes(**amounts):
            nova.ids["neighbour"] = accounts.hold(real_books.roles.played["alpha"], **amounts)
            nova.looks("neighbour", {"status": "ACTIVE", "name": "a-neighbour"})
            real_books.forget_readings()

        return comes

    def test_that_others_have_changed_are_not_the_scenarios(self, real_books, nova, apis, monkeypatch, neighbour):
        monkeypatch.setattr(hypervisors.periodics, "run_everywhere", lambda _books: None)
        self.told(real_books, nova, apis, vcpus_used=3, memory_mb_used=1536)
        hypervisors.bring_up_to_date(real_books)
        neighbour(VCPU=1, MEMORY_MB=512)
        self.told(real_books, nova, apis, vcpus_used=4, memory_mb_used=2048)
        rows = [["alpha", "0", "0"], ["beta", "+1", "+512"]]
        hypervisors.have_changed_by(real_books, read_usages([["host", "VCPU", "MEMORY_MB"], *rows]))

    def test_that_differ_while_others_come_and_go_are_not_judged(self, real_books, nova, apis, monkeypatch, neighbour):
        monkeypatch.setattr(hypervisors.periodics, "run_everywhere", lambda _books: None)
        self.told(real_books, nova, apis, vcpus_used=3)
        hypervisors.bring_up_to_date(real_books)
        neighbour(VCPU=1)
        rows = [["alpha", "0"], ["beta", "0"]]
        with pytest.raises(Unverified, match="others changed servers on the scenario's hosts"):
            hypervisors.have_changed_by(real_books, read_usages([["host", "VCPU"], *rows]))

    def test_that_differ_beside_others_that_stay_are_wrong(self, real_books, nova, apis, monkeypatch, neighbour):
        monkeypatch.setattr(hypervisors.periodics, "run_everywhere", lambda _books: None)
        neighbour(VCPU=1)
        self.told(real_books, nova, apis, vcpus_used=3)
        hypervisors.bring_up_to_date(real_books)
        self.told(real_books, nova, apis, vcpus_used=4)
        rows = [["alpha", "0"], ["beta", "+1"]]
        with pytest.raises(AssertionError, match=r"\+1 \(not 0\)"):
            hypervisors.have_changed_by(real_books, read_usages([["host", "VCPU"], *rows]))

    def test_need_a_beginning(self, context):
        claim = calling(hypervisors.have_changed_by).with_args(context, read_usages([["host", "VCPU"], ["alpha", "0"]]))
        assert_that(claim, raises(FeatureError, "the hypervisor figures are up to date"))

    def test_are_usages_and_what_is_reserved(self, real_books, nova, apis, accounts):
        host = real_books.roles.played["alpha"]
        accounts.hold(host, VCPU=1, MEMORY_MB=512)
        real_books.cloud.placement.set_inventory(host.provider, "MEMORY_MB", Inventory(8192, reserved=256))
        self.told(real_books, nova, apis, vcpus_used=1, memory_mb_used=768, local_gb_used=0)
        hypervisors.agree_with_accounts(real_books, "alpha")
        self.told(real_books, nova, apis, vcpus_used=1, memory_mb_used=1280, local_gb_used=0)
        with pytest.raises(AssertionError, match=r"1280 \(not 768\)"):
            hypervisors.agree_with_accounts(real_books, "alpha")


CINDER = "/volume/v3/a-project/volumes"


def a_volume(**changes):
    return {"id": "a-volume", "name": "v", "size": 1, "status": "available", "bootable": "true", **changes}


class TestWhatNotEveryCloudHas:
    def test_a_laboratory(self, context):
        with pytest.raises(Unverified, match='cloud "double" is not a lab'):
            laboratory.refuse_next(context, "update of one consumer")

    def test_a_bootable_volume(self, context, apis):
        del apis.catalog["volumev3"]
        with pytest.raises(Unverified, match='name one as "volume" under "stocktake:"'):
            volumes.provide(context)

    def test_a_bootable_volume_that_is_named(self, open_cloud, context, apis):
        context.cloud = open_cloud(volume="a-volume")
        with pytest.raises(Unverified, match='set "project: given"'):
            volumes.provide(context)
        apis.answer("GET", f"{CINDER}/a-volume", apis.say(200, {"volume": a_volume()}))
        volumes.provide(context)
        assert_that(context.owned.volumes, has_entries(bootable="a-volume"))

    @pytest.mark.parametrize("made", [{"status": "error"}, {"bootable": "false"}], ids=str)
    def test_a_block_storage_service_that_creates_bootable_volumes(self, context, apis, made):
        apis.answer("POST", CINDER, apis.say(202, {"volume": a_volume(status="creating")}))
        apis.answer("GET", f"{CINDER}/a-volume", apis.say(200, {"volume": a_volume(**made)}))
        with pytest.raises(Unverified, match="Cinder creates no bootable volume of image"):
            volumes.provide(context)


def test_a_capability_is_changed_on_a_host_of_the_scenario_only(context):
    change = calling(laboratory.set_capability).with_args(context, "alpha", "supports_multiattach", able=False)
    assert_that(change, raises(FeatureError, 'host "alpha" was not added for this scenario'))


def test_nova_manage_must_have_run_to_be_spoken_of(context):
    assert_that(calling(laboratory.has_ended_with).with_args(context, 0), raises(FeatureError, "has run nova-manage"))
    context.answers.tool = (3, "one orphan")
    laboratory.has_ended_with(context, 3)
    with pytest.raises(AssertionError, match="one orphan"):
        laboratory.has_ended_with(context, 0)


def test_a_fault_that_never_struck_shows_nothing(context, monkeypatch):
    monkeypatch.setattr(laboratory, "control", lambda _books: SimpleNamespace(fault=lambda service: {"seen": 0}))
    with pytest.raises(AssertionError, match="how many requests Placement rejected"):
        laboratory.has_refused(context)
