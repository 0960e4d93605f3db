"""What a Then claims: awaited, and told with both tables when it does not come.

Accounts are those of the real Placement, which warns of things of its own.
"""

import pytest
from hamcrest import assert_that, contains_string
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.server_values import Fault, Server
from stocktake.support.api.placement.values import Inventory
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.operations import claims
from stocktake.support.scenario.operations.claims import State
from stocktake.support.waiting import Hopeless, TookTooLong

from tests.doubles.scenarios import ACCOUNTS_SECONDS

placement_warns = pytest.mark.filterwarnings("ignore")

SMALL = Resources(VCPU=1, MEMORY_MB=512)


@pytest.fixture
def web(context, nova):
    """A server of which tests tell what it looks like."""
    context.servers.ids["web"] = "web-id"
    return lambda *states: nova.looks("web", *states)


def said(failure):
    return str(failure.value)


class TestAState:
    SERVER = Server("web-id", "web", "ACTIVE", host="cmp-1")

    @pytest.mark.parametrize(
        ("state", "server", "fits"),
        [
            (State(), SERVER, True),
            (State("ACTIVE", "cmp-1"), SERVER, True),
            (State("SHUTOFF"), SERVER, False),
            (State(host="cmp-2"), SERVER, False),
            (State(no_host=True), SERVER, False),
            (State(no_host=True), Server("i", "n", "SHELVED_OFFLOADED"), True),
            (State("ACTIVE"), Server("i", "n", "ACTIVE", task_state="deleting"), False),
            (State("MIGRATING"), Server("i", "n", "MIGRATING", task_state="migrating"), True),
            (State("ERROR", reason="No valid host"), Server("i", "n", "ERROR", fault=Fault("No valid host was")), True),
            (State("ERROR", reason="No valid host"), Server("i", "n", "ERROR", fault=Fault("It is broken")), False),
            (State("ERROR", reason="No valid host"), Server("i", "n", "ERROR"), False),
            (State(), None, False),
        ],
    )
    def test_fits_a_server_at_rest(self, state, server, fits):
        assert state.fits(server) is fits


class TestAServer:
    def test_is_awaited(self, context, web):
        web({"status": "RESIZE", "task": "resize_prep"}, {"status": "VERIFY_RESIZE", "host": "cmp-2"})
        assert claims.server_is(context, "web", status="VERIFY_RESIZE", host="beta").host == "cmp-2"

    def test_that_is_elsewhere_is_told_by_roles(self, context, web, passing_time):
        web({"status": "ACTIVE", "host": "cmp-1"})
        with pytest.raises(TookTooLong) as failure:
            claims.server_is(context, "web", status="ACTIVE", host="beta")
        assert passing_time.waited == pytest.approx(ACCOUNTS_SECONDS, abs=0.1)
        assert_that(said(failure), contains_string('for server "web" to be ACTIVE on host "beta"'))
        assert_that(said(failure), contains_string('Expected: ACTIVE on host "beta"\n     but: ACTIVE on host "alpha"'))

    def test_in_error_is_not_waited_for(self, context, web, passing_time):
        web({"status": "ERROR", "fault": "No valid host was found."})
        with pytest.raises(Hopeless, match="it is ERROR without a host: No valid host was found"):
            claims.server_is(context, "web", status="ACTIVE")
        assert passing_time.waited == 0

    def test_in_error_with_a_task_may_still_recover(self, context, web):
        web({"status": "ERROR", "task": "rebuilding"}, {"status": "ACTIVE"})
        claims.server_is(context, "web", status="ACTIVE")

    def test_that_should_be_in_error_is_waited_for(self, context, web):
        web({"status": "BUILD", "task": "scheduling"}, {"status": "ERROR", "fault": "No valid host was found."})
        claims.server_is(context, "web", status="ERROR", reason="No valid host")

    def test_with_another_reason_is_told_with_its_own(self, context, web):
        web({"status": "ERROR", "fault": "Exceeded maximum"})
        with pytest.raises(TookTooLong) as failure:
            claims.server_is(context, "web", status="ERROR", reason="No valid host")
        assert_that(
            said(failure),
            contains_string('Expected: ERROR with fault "No valid host"\n     but: ERROR without a host: Exce'),
        )

    def test_that_is_gone_is_not_waited_for(self, context, web, nova, passing_time):
        web(nova.gone)
        with pytest.raises(Hopeless, match="Nova does not know it"):
            claims.server_is(context, "web", status="ACTIVE")
        assert passing_time.waited == 0

    def test_names_another_host_after_where_it_went(self, context, web):
        web({"status": "ACTIVE", "host": "cmp-1"})
        claims.server_is(context, "web", status="ACTIVE", another_host="beta")
        assert context.roles.played["beta"].service == "cmp-1"

    def test_is_on_another_host_only_after_it_has_left_the_one_before(self, context, web):
        """Neither role has been used, so that "beta" could be the name of the host that it never left."""
        web({"status": "ACTIVE", "host": "cmp-1"})
        context.servers.read("web")
        context.servers.begins_move("web")
        with pytest.raises(TookTooLong, match="having left host"):
            claims.server_is(context, "web", another_host="beta")

    def test_that_was_awaited_must_still_fit_when_the_last_event_has_finished(self, context, web, nova):
        running, over = [("compute_confirm_resize", None)], [("compute_confirm_resize", "Success")]
        context.servers.requested["web"] = "req-1"
        nova.records("web", "confirmResize", "req-1", running, running, over)
        active, broken = {"status": "ACTIVE", "host": "cmp-1"}, {"status": "ERROR", "host": "cmp-1"}
        web({"status": "VERIFY_RESIZE"}, *[active] * 5, broken)
        with pytest.raises(Hopeless, match="it is ERROR"):
            claims.server_is(context, "web", status="ACTIVE")

    def test_that_was_awaited_amid_something_begun_on_purpose_is_not_read_again(self, context, web, nova):
        context.servers.requested["web"] = "req-1"
        nova.records("web", "create", "req-1", [("compute__do_build_and_run_instance", None)])
        web({"status": "ACTIVE"}, {"status": "MIGRATING", "task": "migrating"})
        assert claims.server_is(context, "web", status="MIGRATING").status == "MIGRATING"

    def test_names_another_host_only_once_it_is_there(self, context, web, nova):
        """Bound at the first reading, the role would name the host it comes from."""
        context.roles.hold(context.roles.hosts)
        context.roles.host("alpha")
        web({"status": "RESIZE", "task": "resize_prep", "host": "cmp-1"}, {"status": "VERIFY_RESIZE", "host": "cmp-2"})
        claims.server_is(context, "web", status="VERIFY_RESIZE", another_host="beta")
        assert context.roles.played["beta"].service == "cmp-2"

    def test_on_no_host_is_so(self, context, web):
        web({"status": "SHELVED_OFFLOADED"})
        claims.server_is(context, "web", status="SHELVED_OFFLOADED", no_host=True)
        web({"status": "SHELVED_OFFLOADED", "host": "cmp-1"})
        context.forget_readings()
        with pytest.raises(TookTooLong, match="Expected: SHELVED_OFFLOADED without a host"):
            claims.server_is(context, "web", status="SHELVED_OFFLOADED", no_host=True)

    def test_that_should_be_gone_is_awaited(self, context, web, nova, passing_time):
        web({"status": "ACTIVE", "task": "deleting"}, nova.gone)
        claims.server_is_gone(context, "web")
        web({"status": "ACTIVE", "host": "cmp-1"})
        context.forget_readings()
        with pytest.raises(TookTooLong, match='for server "web" to be gone'):
            claims.server_is_gone(context, "web")


@placement_warns
class TestAllocations:
    def test_are_complete_and_absolute(self, real_books, accounts):
        ghost = accounts.hold(real_books.roles.played["alpha"], VCPU=1, MEMORY_MB=512)
        claims.allocations_are(real_books, Ledger({(f"unknown consumer {ghost}", "alpha"): SMALL}))
        with pytest.raises(TookTooLong) as failure:
            claims.allocations_are(real_books, Ledger())
        assert_that(said(failure), contains_string("unexpected"))

    def test_that_settle_late_are_awaited(self, real_books, accounts, passing_time, monkeypatch):
        ghost = accounts.hold(real_books.roles.played["alpha"], VCPU=1)
        sleep = passing_time.sleep
        monkeypatch.setattr(
            "stocktake.support.waiting.SYSTEM_CLOCK.sleep",
            lambda s: (sleep(s), accounts.placement.delete_allocations(ghost)),
        )
        claims.allocations_are(real_books, Ledger())

    def test_that_differ_are_drawn_with_the_wrong_cells_marked(self, real_books, accounts, passing_time):
        ghost = accounts.hold(real_books.roles.played["alpha"], VCPU=2, MEMORY_MB=512)
        with pytest.raises(TookTooLong) as failure:
            claims.allocations_are(real_books, Ledger({(f"unknown consumer {ghost}", "alpha"): SMALL}))
        assert_that(said(failure), contains_string("| 2 (not 1) |       512 |"))
        assert passing_time.waited == pytest.approx(ACCOUNTS_SECONDS, abs=0.1)

    def test_on_a_host_that_plays_no_role_are_a_mistake(self, real_books):
        with pytest.raises(FeatureError) as error:
            claims.allocations_are(real_books, Ledger({("server web", "alhpa"): SMALL}))
        assert str(error.value) == (
            'host "alhpa" in the table is not a host of this scenario: its hosts are "alpha", "beta"'
        )

    def test_on_children_count_with_their_root_unless_the_table_names_one(self, real_books, accounts):
        context, alpha = real_books, real_books.roles.played["alpha"]
        child = accounts.placement.create_provider(f"{alpha.node}-numa0", parent=alpha.provider)
        accounts.placement.set_inventories(child.uuid, {"PCPU": Inventory(4)})
        context.trees.forget(alpha.provider)
        ghost = accounts.hold(child.uuid, accounts.hold(alpha, MEMORY_MB=512), PCPU=1)
        who = f"unknown consumer {ghost}"
        claims.allocations_are(context, Ledger({(who, "alpha"): Resources(PCPU=1, MEMORY_MB=512)}))
        claims.usages_have_changed_by(context, Usages({"alpha": Resources(PCPU=1, MEMORY_MB=512)}))
        apart = {(who, "alpha"): Resources(MEMORY_MB=512), (who, "alpha/numa0"): Resources(PCPU=1)}
        claims.allocations_are(context, Ledger(apart))
        claims.usages_have_changed_by(
            context, Usages({"alpha": Resources(MEMORY_MB=512), "alpha/numa0": Resources(PCPU=1)})
        )


@placement_warns
class TestUsages:
    def test_are_changes(self, real_books, accounts):
        accounts.hold(real_books.roles.played["alpha"], VCPU=3)
        real_books.accounts.open()
        accounts.hold(real_books.roles.played["alpha"], VCPU=1)
        claims.usages_have_changed_by(real_books, Usages({"alpha": Resources(VCPU=1)}))

    def test_of_a_host_that_is_not_listed_have_not_changed(self, real_books, accounts):
        accounts.hold(real_books.roles.played["beta"], VCPU=1)
        with pytest.raises(TookTooLong) as failure:
            claims.usages_have_changed_by(real_books, Usages({"alpha": Resources()}))
        assert_that(said(failure), contains_string("| beta  |   +1 | unexpected |"))

    def test_that_differ_are_drawn_with_signs(self, real_books, accounts):
        accounts.hold(real_books.roles.played["alpha"], VCPU=1)
        with pytest.raises(TookTooLong) as failure:
            claims.usages_have_changed_by(real_books, Usages({"alpha": Resources(VCPU=2)}))
        assert_that(said(failure), contains_string("+1 (not +2)"))

    def test_of_a_host_that_plays_no_role_are_a_mistake(self, real_books):
        with pytest.raises(FeatureError, match='host "gamma" in the table is not a host of this scenario'):
            claims.usages_have_changed_by(real_books, Usages({"gamma": Resources()}))
