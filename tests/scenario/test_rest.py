"""Operations that no step has waited for are awaited when a scenario ends."""

import pytest
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.scenario.rest import STILL, STILL_IN_LAB, come_to_rest

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

    def test_ends_sooner_on_a_lab_where_no_event_is_running(self, on_lab, nova, recorded, passing_time):
        recorded(("conductor_migrate_server", "Success"))
        nova.looks("web", BUILDING)
        assert come_to_rest(on_lab, passing_time)
        assert STILL_IN_LAB <= sum(passing_time.slept) < 2 * STILL_IN_LAB

    def test_waits_on_a_lab_for_an_event_that_is_running(self, on_lab, nova, recorded, passing_time):
        recorded(("compute__do_build_and_run_instance", None))
        nova.looks("web", BUILDING)
        assert come_to_rest(on_lab, passing_time)
        assert sum(passing_time.slept) >= STILL

    def test_waits_on_other_clouds_for_messages_to_arrive(self, context, nova, recorded, passing_time):
        recorded(("conductor_migrate_server", "Success"))
        nova.looks("web", BUILDING)
        assert come_to_rest(context, passing_time)
        assert sum(passing_time.slept) >= STILL

    @pytest.mark.parametrize("known", [True, False])
    def test_needs_no_record_of_the_operation(self, on_lab, nova, apis, known, passing_time):
        path = f"{nova.url}/servers/web-id/os-instance-actions"
        apis.answer("GET", path, apis.say(200 if known else 404, body={"instanceActions": []}))
        nova.looks("web", BUILDING)
        assert come_to_rest(on_lab, passing_time)
        assert sum(passing_time.slept) < 2 * STILL_IN_LAB

    @pytest.fixture
    def on_lab(self, context, monkeypatch):
        monkeypatch.setitem(context.cloud.__dict__, "control", HttpControl("http://127.0.0.1:1", "t"))
        return context

    @pytest.fixture
    def recorded(self, nova, apis):
        """Record the events of the server's latest request, of two."""

        def record(*events):
            actions = [{"request_id": request, "action": "resize"} for request in ("req-2", "req-1")]
            path = f"{nova.url}/servers/web-id/os-instance-actions"
            apis.answer("GET", path, apis.say(body={"instanceActions": actions}))
            nova.records("web", "resize", "req-1", [("compute_old", None)])
            nova.records("web", "resize", "req-2", list(events))

        return record
