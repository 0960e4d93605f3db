"""The hosts that the scheduler may choose: all of the scenario, or all but the one that a server is to leave."""

import pytest
from stocktake.support.errors import Unverified
from stocktake.support.scenario.operations.servers import scheduling

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


@pytest.fixture
def context(real_books, nova):
    """A scenario that has begun, with a server "web" on "alpha"."""
    real_books.trait = real_books.cloud.mark.trait("scenario 1")
    real_books.cloud.traits.create(real_books.trait)
    for host in real_books.roles.hosts:
        real_books.reserve(host.provider)
    real_books.servers.ids["web"] = "web-id"
    nova.looks("web", {"status": "ACTIVE", "host": real_books.roles.host("alpha").service})
    yield real_books
    assert real_books.undoing.undo_all() == []
    assert reserved(real_books) == []


def reserved(context):
    traits = context.cloud.traits
    return [name for name, host in context.roles.played.items() if context.trait in traits.of_provider(host.provider)]


def test_a_server_that_moves_leaves_its_host(context):
    scheduling.elsewhere(context, "web")
    assert reserved(context) == ["beta"]


def test_the_next_server_may_go_there_again(context):
    scheduling.elsewhere(context, "web")
    scheduling.anywhere(context)
    assert reserved(context) == ["alpha", "beta"]


def test_a_host_is_left_out_and_let_in_again_only_when_that_changes_anything(context, apis):
    scheduling.elsewhere(context, "web")
    before = context.changes
    scheduling.elsewhere(context, "web")
    assert context.changes == before
    scheduling.anywhere(context)
    between = context.changes
    scheduling.anywhere(context)
    assert between == context.changes > before


def test_each_server_leaves_its_own_host(context, nova):
    context.servers.ids["db"] = "db-id"
    nova.looks("db", {"status": "ACTIVE", "host": context.roles.host("beta").service})
    scheduling.elsewhere(context, "web")
    scheduling.elsewhere(context, "db")
    assert reserved(context) == ["alpha"]


def test_a_host_that_was_retired_is_not_let_in_again(context):
    scheduling.elsewhere(context, "web")
    context.roles.drop("alpha")
    scheduling.anywhere(context)
    assert reserved(context) == ["beta"]


def test_a_host_whose_service_was_deleted_may_have_no_provider_any_more(context):
    scheduling.elsewhere(context, "web")
    context.cloud.placement.delete_provider(context.roles.host("alpha").provider)
    scheduling.anywhere(context)
    context.roles.drop("alpha")
    assert reserved(context) == ["beta"]


def test_a_server_without_a_host_may_go_anywhere(context, nova):
    nova.looks("web", {"status": "SHELVED_OFFLOADED"})
    scheduling.elsewhere(context, "web")
    assert reserved(context) == ["alpha", "beta"]


class TestStaying:
    """Resizes to the same host, on a cloud whose options cannot be set."""

    @pytest.fixture
    def context(self, context):
        scheduling.allow_staying(context)
        return context

    def fails(self, nova, *events):
        action = {"action": "resize", "request_id": "req-1", "start_time": "1", "message": "Error"}
        nova.accepts("GET", "/servers/web-id/os-instance-actions", body={"instanceActions": [action]}, status=200)
        nova.records("web", "resize", "req-1", list(events))

    def test_keeps_the_host_of_the_server_among_those_to_choose_from(self, context):
        scheduling.elsewhere(context, "web")
        assert reserved(context) == ["alpha", "beta"]

    def test_is_unverified_where_the_scheduler_refuses_it(self, context, nova):
        self.fails(nova, ("conductor_migrate_server", "Error"))
        with pytest.raises(Unverified, match=r"allow_resize_to_same_host = true in nova\.conf"):
            scheduling.check_stay(context, "web")

    @pytest.mark.parametrize(
        "events",
        [
            [("compute_prep_resize", "Error")],
            [("conductor_migrate_server", "Success"), ("compute_prep_resize", "Error")],
        ],
    )
    def test_is_judged_where_a_host_took_part_in_it(self, context, nova, events):
        self.fails(nova, *events)
        scheduling.check_stay(context, "web")

    def test_is_judged_where_the_option_was_set(self, context, nova):
        self.fails(nova, ("conductor_migrate_server", "Error"))
        context.reservations.cannot_set = None
        scheduling.check_stay(context, "web")
