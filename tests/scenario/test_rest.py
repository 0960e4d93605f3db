"""Operations that no step has waited for are awaited when a scenario ends."""

import pytest
from stocktake.support.scenario.rest import STILL, come_to_rest

BUILDING = {"status": "BUILD", "task": "spawning", "host": "alpha"}
ACTIVE = {"status": "ACTIVE", "host": "beta"}


@pytest.fixture
def web(context):
    context.servers.ids["web"] = "web-id"


@pytest.mark.usefixtures("web")
class TestComingToRest:
    def test_is_not_needed_where_no_operation_is_in_progress(self, context, nova, passing_time):
        nova.looks("web", ACTIVE)
        assert not come_to_rest(context, passing_time)
        assert not passing_time.slept

    def test_is_not_needed_for_a_server_that_is_gone(self, context, nova, passing_time):
        nova.looks("web", nova.gone)
        assert not come_to_rest(context, passing_time)

    def test_waits_for_the_end_of_an_operation_and_has_it_read_again(self, context, nova, passing_time):
        nova.looks("web", *[BUILDING] * 5, ACTIVE)
        assert come_to_rest(context, passing_time)
        assert context.servers.last("web").status == "ACTIVE"
        assert sum(passing_time.slept) < STILL

    def test_waits_for_as_long_as_something_changes(self, context, nova, passing_time):
        tasks = [{"status": "BUILD", "task": f"task {number}"} for number in range(50)]
        nova.looks("web", *tasks, ACTIVE)
        assert come_to_rest(context, passing_time)
        assert sum(passing_time.slept) > STILL
        assert context.servers.last("web").status == "ACTIVE"

    def test_ends_when_nothing_changes_any_more(self, context, nova, passing_time):
        nova.looks("web", BUILDING)
        assert come_to_rest(context, passing_time)
        assert STILL <= sum(passing_time.slept) < 2 * STILL

    def test_ends_when_patience_does(self, context, nova, passing_time):
        nova.looks("web", *({"status": "BUILD", "task": f"task {number}"} for number in range(2000)))
        assert come_to_rest(context, passing_time)
        assert sum(passing_time.slept) == pytest.approx(context.cloud.settings.patience_for("boot"))

    def test_looks_again_before_it_believes_an_earlier_reading(self, context, nova, passing_time):
        """A server may have moved by itself since the last step, which would be blamed on the periodic task."""
        nova.looks("web", ACTIVE)
        context.servers.has_ended("web", context.servers.read("web"))
        nova.looks("web", BUILDING, ACTIVE)
        assert come_to_rest(context, passing_time)
