"""The accounts of a scenario: what is read of each provider, and when its usages are read again."""

import pytest
from hamcrest import assert_that, contains_exactly, empty
from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement.values import Inventory
from stocktake.support.scenario.lifecycle import Lifecycle

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


@pytest.fixture
def alpha(real_books):
    return real_books.roles.played["alpha"]


@pytest.fixture
def usages_read(real_books):
    """Reads the accounts once more, and tells of which providers usages were read, in turn."""

    def read():
        exchanges = real_books.cloud.session.exchanges
        exchanges.clear()
        account = real_books.accounts.read()
        held = account.ledger.usages()
        assert all(account.usages[provider] == held[provider] for provider in account.usages.providers)
        return [exchange.path.split("/")[2] for exchange in exchanges if exchange.path.endswith("/usages")]

    return read


class TestUsages:
    def test_are_not_read_again_while_nothing_changes(self, real_books, accounts, usages_read, alpha):
        accounts.hold(alpha, VCPU=1)
        usages_read()
        assert_that(usages_read(), empty())

    def test_are_read_where_something_was_allocated(self, accounts, usages_read, alpha):
        accounts.hold(alpha, VCPU=1)
        assert_that(usages_read(), contains_exactly(alpha.provider))

    def test_are_read_where_an_amount_has_changed(self, accounts, usages_read, alpha):
        consumer = accounts.hold(alpha, VCPU=1)
        usages_read()
        accounts.hold(alpha, consumer, VCPU=2)
        assert_that(usages_read(), contains_exactly(alpha.provider))

    def test_are_read_where_something_was_freed_which_does_not_raise_the_generation(self, accounts, usages_read, alpha):
        consumer = accounts.hold(alpha, VCPU=1)
        usages_read()
        before = accounts.placement.allocations_on(alpha.provider).generation
        accounts.placement.delete_allocations(consumer)
        assert accounts.placement.allocations_on(alpha.provider).generation == before
        assert_that(usages_read(), contains_exactly(alpha.provider))

    def test_are_read_where_only_the_generation_has_changed(self, accounts, usages_read, alpha):
        accounts.placement.set_inventory(alpha.provider, "VCPU", Inventory(16))
        assert_that(usages_read(), contains_exactly(alpha.provider))

    def test_are_not_read_where_this_run_has_changed_traits_only(self, real_books, accounts, usages_read, alpha):
        accounts.hold(alpha, VCPU=1)
        usages_read()
        real_books.cloud.traits.add(alpha.provider, "COMPUTE_NODE")
        assert_that(usages_read(), empty())

    def test_are_read_where_others_have_changed_traits(self, accounts, usages_read, alpha):
        accounts.traits.add(alpha.provider, "COMPUTE_NODE")
        assert_that(usages_read(), contains_exactly(alpha.provider))

    def test_are_read_where_something_was_allocated_beside_traits(self, real_books, accounts, usages_read, alpha):
        consumer = accounts.hold(alpha, VCPU=1)
        usages_read()
        accounts.hold(alpha, consumer, VCPU=1)
        real_books.cloud.traits.add(alpha.provider, "COMPUTE_NODE")
        assert_that(usages_read(), contains_exactly(alpha.provider))

    def test_are_known_from_the_scenario_before(self, lifecycle, cloud):
        lifecycle.close()
        following = Lifecycle(cloud, ["alpha", "beta"])
        cloud.session.exchanges.clear()
        following.open()
        assert not [exchange for exchange in cloud.session.exchanges if exchange.path.endswith("/usages")]
        assert following.context.accounts.baseline == lifecycle.context.accounts.latest
        following.close()

    def test_of_which_a_table_speaks_are_read_once(self, real_books, accounts, usages_read, alpha, monkeypatch):
        """A table does not pass for what was read earlier; planted bug usages_of_all_hosts."""
        accounts.hold(alpha, VCPU=1)
        real_books.accounts.last()
        read, asked = real_books.cloud.placement.usages, []

        def all_hosts(provider):
            asked.append(provider)
            return Resources(VCPU=1)

        monkeypatch.setattr(real_books.cloud.placement, "usages", all_hosts)
        for _ in range(2):
            assert real_books.accounts.usage_changes()["beta"] == Resources(VCPU=1)
        assert asked == [real_books.roles.played["beta"].provider]
        monkeypatch.setattr(real_books.cloud.placement, "usages", read)

    def test_of_all_providers_are_read_when_in_doubt(self, real_books, usages_read):
        real_books.accounts.doubt()
        assert_that(usages_read(), contains_exactly(*(host.provider for host in real_books.roles.hosts)))

    def test_are_in_doubt_when_a_claim_does_not_hold(self, real_books, usages_read):
        read = real_books.anew(usages_read)
        assert_that(read(), empty())
        assert_that(read(), contains_exactly(*(host.provider for host in real_books.roles.hosts)))

    def test_that_were_not_the_sum_of_the_allocations_are_never_taken_for_it(self, real_books, monkeypatch, alpha):
        real_books.accounts.doubt()
        monkeypatch.setattr(real_books.cloud.placement, "usages", lambda _provider: Resources(VCPU=9))
        for _ in range(2):
            assert real_books.accounts.read().usages[alpha.provider] == Resources(VCPU=9)


class TestWhatAConsumerHolds:
    @pytest.fixture
    def holder(self, real_books, accounts, nova, alpha):
        """The scenario's server, which holds something on "alpha"."""
        web = real_books.servers.ids["web"] = nova.ids["web"] = accounts.hold(alpha, VCPU=1)
        return web

    @pytest.fixture
    def asked(self, real_books):
        """Reads the ledger once more; returns it, and whether the consumer was asked for."""

        def ask(consumer):
            exchanges = real_books.cloud.session.exchanges
            exchanges.clear()
            real_books.forget_readings()
            ledger = real_books.accounts.ledger()
            return ledger, any(exchange.path == f"/allocations/{consumer}" for exchange in exchanges)

        return ask

    def test_is_not_read_again_while_its_host_is_as_it_was(self, asked, holder):
        first, second = asked(holder), asked(holder)
        assert (first[1], second[1]) == (True, False)
        assert first[0] == second[0] == Ledger({("server web", "alpha"): Resources(VCPU=1)})

    def test_is_read_when_it_holds_something_elsewhere_too(self, asked, holder, accounts):
        asked(holder)
        far = accounts.host("far")
        accounts.hold(far, holder, VCPU=2)
        assert ("server web", far.provider) in asked(holder)[0]

    def test_is_read_when_it_holds_something_elsewhere_only(self, asked, holder, accounts, alpha):
        asked(holder)
        far = accounts.host("far")
        accounts.placement.delete_allocations(holder)
        accounts.hold(far, holder, VCPU=1)
        assert asked(holder)[0] == Ledger({("server web", far.provider): Resources(VCPU=1)})

    def test_is_read_when_it_was_deleted_and_made_anew(self, asked, holder, accounts, alpha):
        asked(holder)
        far = accounts.host("far")
        accounts.placement.delete_allocations(holder)
        accounts.hold(alpha, holder, VCPU=1)
        accounts.hold(far, holder, VCPU=2)
        assert ("server web", far.provider) in asked(holder)[0]

    def test_is_read_each_time_while_it_holds_nothing_on_hosts_of_the_scenario(self, asked, real_books, accounts, nova):
        web = real_books.servers.ids["web"] = nova.ids["web"] = accounts.hold(accounts.host("far"), VCPU=1)
        assert [asked(web)[1], asked(web)[1]] == [True, True]

    def test_is_read_when_the_host_on_which_it_held_something_was_retired(
        self, asked, holder, real_books, accounts, alpha
    ):
        asked(holder)
        far = accounts.host("far")
        real_books.roles.drop("alpha")
        accounts.placement.delete_allocations(holder)
        accounts.hold(far, holder, VCPU=1)
        assert asked(holder)[0] == Ledger({("server web", far.provider): Resources(VCPU=1)})


def test_inventories_are_read_again_only_at_another_generation(real_books, accounts, alpha):
    read = real_books.trees.inventories_at
    accounts_of = real_books.accounts
    before = read(alpha.provider, accounts_of.generation(alpha.provider))
    exchanges = real_books.cloud.session.exchanges
    exchanges.clear()
    assert read(alpha.provider, accounts_of.generation(alpha.provider)) == before
    assert not exchanges
    accounts.placement.set_inventory(alpha.provider, "VCPU", Inventory(8, reserved=2))
    accounts_of.read()
    assert read(alpha.provider, accounts_of.generation(alpha.provider))["VCPU"].reserved == 2
