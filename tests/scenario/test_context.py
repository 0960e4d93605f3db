"""The books of a scenario: names that meet in one place, and accounts read from the real Placement."""

from uuid import uuid4

import pytest
from hamcrest import assert_that, contains_exactly, has_properties
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement.values import Inventory
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.audit import findings
from stocktake.support.scenario.state.servers import Observation

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own

SMALL = Resources(VCPU=1, MEMORY_MB=512)


def provider(context, role):
    return context.roles.played[role].provider


class TestNames:
    def test_in_the_cloud_carry_mark_and_scenario(self, context):
        assert context.names.real("web") == f"stocktake-{context.cloud.mark.run}-1-web"

    def test_of_flavors_are_those_of_the_scenario(self, context):
        context.owned.flavors["small"] = Flavor("small", 1, 512, 1, id="a-flavor")
        assert context.owned.flavor("small").id == "a-flavor"
        with pytest.raises(
            FeatureError, match='flavor "tiny" does not exist in this scenario: its flavors are "small"'
        ):
            context.owned.flavor("tiny")

    def test_of_servers_need_a_server(self, context):
        with pytest.raises(FeatureError) as error:
            context.servers.id_of("web")
        assert str(error.value) == 'server "web" does not exist at this step: the scenario has booted none yet'
        context.servers.ids |= {"web": "web-id", "db": "db-id"}
        assert context.servers.id_of("web") == "web-id"
        with pytest.raises(FeatureError, match=r'the scenario has booted "web", "db"$'):
            context.servers.id_of("wbe")

    def test_of_custom_things_are_the_marked_ones(self, context):
        context.owned.custom_names["CUSTOM_FAST"] = "CUSTOM_STOCKTAKE_FAST"
        assert [context.owned.custom(name) for name in ("CUSTOM_FAST", "HW_CPU_X86_AVX")] == [
            "CUSTOM_STOCKTAKE_FAST",
            "HW_CPU_X86_AVX",
        ]

    def test_of_consumers_are_those_of_the_feature(self, context):
        context.servers.ids["web"] = "web-id"
        context.servers.migrations["m-1"] = "web"
        names = context.names.of_consumers([("web-id", "p"), ("x", "p")])
        assert names == {"web-id": "server web", "m-1": "migration of web", "x": "unknown consumer x"}


class TestReadingAnew:
    @pytest.mark.parametrize(("at_once", "forgotten"), [(False, [False, True, True]), (True, [True, True, True])])
    def test_forgets_what_was_read_before(self, context, at_once, forgotten):
        """The first reading may be one that earlier steps share; every later one must show what has changed since."""

        def read():
            return "kept" not in context.readings._kept

        again = context.anew(read, at_once=at_once)
        seen = []
        for _ in forgotten:
            context.readings.keep("kept", "a reading")
            seen.append(again())
        assert seen == forgotten


class TestHistory:
    def test_remembers_what_changed_and_when(self, context, nova, passing_time):
        context.servers.ids["web"] = "web-id"
        build = {"status": "BUILD", "task": "spawning"}
        nova.looks("web", build, build, {"status": "ACTIVE", "host": "cmp-1"}, nova.gone, nova.gone)
        for _ in range(5):
            context.servers.read("web")
            passing_time.sleep(1)
        assert context.servers.history == [
            Observation(0.0, "web", "BUILD", "spawning", None),
            Observation(2.0, "web", "ACTIVE", None, "cmp-1"),
            Observation(3.0, "web", None, None, None),
        ]

    def test_is_kept_for_each_server(self, context, nova):
        context.servers.ids |= {"web": "web-id", "db": "db-id"}
        nova.looks("web", {"status": "ACTIVE"})
        nova.looks("db", {"status": "ACTIVE"})
        for name in ("web", "db", "web"):
            context.servers.read(name)
        assert [sighting.server for sighting in context.servers.history] == ["web", "db"]


class TestLedger:
    def test_is_absolute_and_under_the_features_names(self, real_books, accounts, nova):
        context = real_books
        context.servers.ids["web"] = nova.ids["web"] = accounts.hold(provider(context, "alpha"), VCPU=1, MEMORY_MB=512)
        nova.moves("web", [])
        assert context.accounts.ledger() == Ledger({("server web", "alpha"): SMALL})

    def test_shows_what_is_held_off_the_scenarios_hosts(self, real_books, accounts, nova):
        elsewhere = accounts.host("elsewhere")
        real_books.servers.ids["web"] = nova.ids["web"] = accounts.hold(elsewhere, VCPU=1)
        nova.moves("web", [])
        assert real_books.accounts.ledger() == Ledger({("server web", elsewhere.provider): Resources(VCPU=1)})

    def test_shows_migrations_even_after_nova_has_forgotten_them(self, real_books, accounts, nova):
        migration = accounts.hold(provider(real_books, "beta"), VCPU=2)
        web = real_books.servers.ids["web"] = nova.ids["web"] = str(uuid4())
        real_books.cloud.session.acted_on.add(web)
        nova.moves("web", [{"uuid": migration}], [])
        expected = Ledger({("migration of web", "beta"): Resources(VCPU=2)})
        assert [real_books.accounts.ledger(), real_books.accounts.ledger()] == [expected, expected]

    def test_shows_what_nobody_knows(self, real_books, accounts):
        ghost = accounts.hold(provider(real_books, "alpha"), VCPU=1)
        assert real_books.accounts.ledger() == Ledger({(f"unknown consumer {ghost}", "alpha"): Resources(VCPU=1)})

    def test_leaves_out_what_was_there_before(self, real_books, accounts):
        accounts.hold(provider(real_books, "alpha"), VCPU=1)
        real_books.accounts.open()
        assert real_books.accounts.ledger() == Ledger()

    def test_leaves_out_neighbours_and_their_moves(self, real_books, accounts, nova):
        context = real_books
        nova.ids["theirs"] = accounts.hold(provider(context, "alpha"), VCPU=1)
        nova.looks("theirs", {"status": "ACTIVE"})
        move = accounts.hold(provider(context, "alpha"), VCPU=1)
        nova.moves_on(context.roles.played["alpha"].service, {"uuid": move})
        assert context.accounts.ledger() == Ledger()

    def test_shows_servers_of_this_run_that_the_scenario_lost_sight_of(self, real_books, accounts, nova):
        lost = nova.ids["lost"] = accounts.hold(provider(real_books, "alpha"), VCPU=1)
        nova.looks("lost", {"status": "ACTIVE", "name": real_books.names.real("web")})
        assert real_books.accounts.ledger() == Ledger({(f"unknown consumer {lost}", "alpha"): Resources(VCPU=1)})

    def test_names_children_below_their_root(self, real_books, accounts):
        context, placement = real_books, accounts.placement
        root = placement.provider(provider(context, "alpha"))
        child = placement.create_provider(f"{root.name}-numa0", parent=root.uuid)
        placement.set_inventories(child.uuid, {"VCPU": Inventory(4)})
        context.trees.forget(root.uuid)
        ghost = accounts.hold(child.uuid, VCPU=1)
        assert context.accounts.ledger() == Ledger({(f"unknown consumer {ghost}", "alpha/numa0"): Resources(VCPU=1)})
        context.owned.providers["pool"] = child.uuid
        assert context.names.of_providers()[child.uuid] == "alpha/pool"

    def test_numbers_devices_by_their_addresses(self, real_books, accounts):
        context, placement = real_books, accounts.placement
        root = placement.provider(provider(context, "alpha"))
        for name in ("0000:82:00.0", "0000:81:00.0", "pci_0000_83_00_0", "amd_sev"):
            placement.create_provider(f"{root.name}_{name}", parent=root.uuid)
        context.trees.forget(root.uuid)
        children = {child.name: child.uuid for child in placement.tree(root.uuid)}
        named = {name.partition("_")[2]: context.names.of_providers()[uuid] for name, uuid in children.items()}
        del named[""]
        assert named == {
            "0000:82:00.0": "alpha/pci1",
            "0000:81:00.0": "alpha/pci0",
            "pci_0000_83_00_0": "alpha/gpu0",
            "amd_sev": "alpha/amd_sev",
        }

    def test_calls_custom_classes_as_the_feature_does(self, real_books, accounts):
        context, placement = real_books, accounts.placement
        real = f"CUSTOM_{uuid4().hex.upper()}"
        context.cloud.resource_classes.create(real)
        placement.set_inventory(provider(context, "alpha"), real, Inventory(4))
        context.owned.custom_names["CUSTOM_GOLD"] = real
        ghost = accounts.hold(provider(context, "alpha"), **{real: 2})
        assert context.accounts.ledger() == Ledger({(f"unknown consumer {ghost}", "alpha"): Resources(CUSTOM_GOLD=2)})
        assert context.accounts.usage_changes() == Usages({"alpha": Resources(CUSTOM_GOLD=2)})


class TestUsageChanges:
    def test_are_against_the_baseline(self, real_books, accounts):
        accounts.hold(provider(real_books, "alpha"), VCPU=3, MEMORY_MB=100)
        leaving = accounts.hold(provider(real_books, "beta"), VCPU=1)
        real_books.accounts.open()
        accounts.hold(provider(real_books, "alpha"), VCPU=1)
        real_books.cloud.placement.delete_allocations(leaving)
        changes = real_books.accounts.usage_changes()
        assert changes == Usages({"alpha": Resources(VCPU=1), "beta": Resources(VCPU=0)})

    def test_show_hosts_that_did_not_change(self, real_books):
        assert real_books.accounts.usage_changes().providers == ("alpha", "beta")

    def test_leave_out_what_neighbours_did(self, real_books, accounts, nova):
        nova.ids["theirs"] = accounts.hold(provider(real_books, "alpha"), VCPU=2)
        nova.looks("theirs", {"status": "ACTIVE"})
        accounts.hold(provider(real_books, "alpha"), VCPU=1)
        assert real_books.accounts.usage_changes() == Usages({"alpha": Resources(VCPU=1)})

    def test_show_a_neighbour_that_left(self, real_books, accounts):
        """Whatever was there at the beginning is a neighbour's, and so is its going."""
        theirs = accounts.hold(provider(real_books, "alpha"), VCPU=2)
        real_books.accounts.open()
        real_books.cloud.placement.delete_allocations(theirs)
        assert real_books.accounts.usage_changes() == Usages()


class TestReadingLittle:
    def test_trees_and_inventories_are_read_once(self, real_books):
        for _ in range(3):
            real_books.trees.all()
            real_books.trees.inventories()
        asked = [exchange.path for exchange in real_books.cloud.session.exchanges if exchange.method == "GET"]
        assert len([path for path in asked if "in_tree" in path]) == 2
        assert len([path for path in asked if path.endswith("/inventories")]) == 2

    def test_both_tables_are_of_one_reading(self, real_books, accounts):
        ghost = accounts.hold(provider(real_books, "alpha"), VCPU=1)
        apart, exchanges = (
            (real_books.accounts.ledger(), real_books.accounts.usage_changes()),
            real_books.cloud.session.exchanges,
        )
        exchanges.clear()
        real_books.forget_readings()
        real_books.accounts.doubt()
        assert real_books.accounts.statement() == apart
        asked = [exchange.path for exchange in exchanges if exchange.path.endswith("/usages")]
        assert len(asked) == len(set(asked)) == 2
        assert f"unknown consumer {ghost}" in real_books.accounts.statement()[0].consumers

    def test_audit_and_tables_are_of_one_reading_until_something_acts(self, real_books, accounts):
        exchanges = real_books.cloud.session.exchanges
        findings(real_books)
        exchanges.clear()
        real_books.accounts.statement()
        assert list(exchanges) == []
        accounts.hold(provider(real_books, "alpha"), VCPU=1)
        assert real_books.accounts.statement()[0] != Ledger()

    def test_a_neighbour_is_looked_up_once(self, real_books, accounts, nova):
        theirs = nova.ids["theirs"] = accounts.hold(provider(real_books, "alpha"), VCPU=2)
        nova.looks("theirs", {"status": "ACTIVE"})
        real_books.accounts.ledger()
        real_books.accounts.usage_changes()
        assert len(nova.asked(f"GET /servers/{theirs}")) == 1


class TestHostsBroughtIn:
    def test_are_on_the_baseline_as_they_come(self, real_books, accounts):
        context = real_books
        context.trait = f"CUSTOM_{uuid4().hex.upper()}"
        accounts.traits.create(context.trait)
        special = accounts.host("special")
        accounts.hold(special, VCPU=1)
        context.add_host("gamma", special)
        assert context.roles.played["gamma"] == special
        assert context.trait in accounts.traits.of_provider(special.provider)
        assert context.accounts.usage_changes() == Usages()
        accounts.hold(special, VCPU=1)
        assert context.accounts.usage_changes() == Usages({"gamma": Resources(VCPU=1)})

    def test_give_the_trait_back(self, real_books, accounts):
        context = real_books
        context.trait = f"CUSTOM_{uuid4().hex.upper()}"
        accounts.traits.create(context.trait)
        host = accounts.host("special")
        context.reserve(host.provider)
        assert context.undoing.undo_all() == []
        assert accounts.traits.of_provider(host.provider) == frozenset()

    def test_that_were_retired_took_the_trait_along(self, real_books, accounts):
        context = real_books
        context.trait = f"CUSTOM_{uuid4().hex.upper()}"
        accounts.traits.create(context.trait)
        host = accounts.host("special")
        context.reserve(host.provider)
        accounts.placement.delete_provider(host.provider)
        assert context.undoing.undo_all() == []

    def test_cannot_be_reserved_before_there_is_a_trait(self, real_books):
        with pytest.raises(FeatureError, match="no host can be reserved before the scenario has begun"):
            real_books.reserve(provider(real_books, "alpha"))


class TestEntitlements:
    def test_are_the_flavors_of_the_scenario_with_and_without_a_root_disk(self, context):
        context.owned.flavors["small"] = Flavor("small", 1, 512, 1)
        context.servers.migrations["m-1"] = "web"
        assert context.accounts.entitlements() == {"m-1": [Resources(VCPU=1, MEMORY_MB=512, DISK_GB=1), SMALL]}


def test_the_latest_reading_is_kept_for_reports(real_books):
    account = real_books.accounts.read()
    assert real_books.accounts.latest == account
    assert_that(account.usages.providers, contains_exactly(provider(real_books, "alpha"), provider(real_books, "beta")))


def test_migrations_are_learnt_by_server(context, nova):
    context.servers.ids |= {"web": "web-id", "db": "db-id"}
    context.cloud.session.acted_on |= {"web-id", "db-id"}
    nova.moves("web", [{"uuid": "m-2", "id": 2}, {"uuid": "m-1"}])
    nova.moves("db", [])
    found = context.servers.refresh_migrations()
    assert_that(found["web"], contains_exactly(has_properties(uuid="m-2"), has_properties(uuid="m-1")))
    assert (found["db"], context.servers.migrations) == ([], {"m-2": "web", "m-1": "web"})


class TestServersThatWereOnlyBooted:
    """They have no migrations, unless others move them."""

    def test_are_not_asked_for_their_migrations(self, context, nova):
        context.servers.ids["web"] = "web-id"
        assert context.servers.refresh_migrations() == {"web": []}
        assert nova.asked("GET /os-migrations.*") == []

    @pytest.mark.parametrize("action", ["resize", "migrate", "evacuate", "os-migrateLive", "shelve"])
    def test_are_asked_after_any_action(self, context, nova, action):
        context.servers.ids["web"] = "web-id"
        nova.accepts("POST", "/servers/web-id/action")
        context.cloud.session.request("POST", "compute", "/servers/web-id/action", json={action: None})
        nova.moves("web", [{"uuid": "m-1"}])
        assert_that(context.servers.refresh_migrations()["web"], contains_exactly(has_properties(uuid="m-1")))

    def test_are_asked_when_something_is_not_as_expected(self, context, nova):
        context.servers.ids["web"] = "web-id"
        nova.moves("web", [{"uuid": "m-1"}])
        context.anew(context.servers.last_migrations, at_once=True)()
        assert context.servers.migrations == {"m-1": "web"}

    def test_hold_what_a_migration_holds_that_others_have_begun(self, real_books, accounts, nova):
        web, alpha = str(uuid4()), real_books.roles.host("alpha")
        real_books.servers.ids["web"] = nova.ids["web"] = web
        nova.looks("web", {"status": "MIGRATING"})
        move = accounts.hold(alpha, VCPU=1)
        nova.moves_on(alpha.service, {"uuid": move, "instance_uuid": web})
        assert real_books.accounts.ledger().consumers == ("migration of web",)


def test_a_consumer_that_has_ended_between_two_requests_is_a_neighbours(real_books, accounts):
    """Its server was deleted after Placement had been read and before Nova was asked; what is leaked stays."""
    alpha = real_books.roles.host("alpha")
    leaked, ended = accounts.hold(alpha, VCPU=1), accounts.hold(alpha, VCPU=2)
    read = real_books.accounts.read().ledger
    accounts.placement.delete_allocations(ended)
    assert set(real_books.accounts.own(read).consumers) == {leaked}
