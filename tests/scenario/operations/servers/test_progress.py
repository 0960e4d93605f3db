"""When an operation has ended: when its last event has finished, and not when its status looks right."""

import pytest
from hamcrest import assert_that, contains_string, has_properties
from stocktake.support.api.compute.instance_actions import Action, Event
from stocktake.support.api.compute.server_values import Server
from stocktake.support.scenario.operations.servers.progress import (
    LAST_EVENTS,
    Progress,
    await_end,
    has_ended,
    read_progress,
)
from stocktake.support.waiting import TookTooLong

DONE, RUNNING, FAILED = "Success", None, "Error"
ACTIVE = Server("web-id", "web", "ACTIVE")
BUSY = Server("web-id", "web", "ACTIVE", task_state="resize_prep")


def action(name, *events):
    """An action with these events: (name, result) each, or (name, result, start, finish)."""
    told = []
    for number, (event, result, *times) in enumerate(events):
        start, finish = times or (f"{number:02}", f"{number:02}+" if result else None)
        told.append(Event(event, start, finish, result))
    return Action("req-1", name, None, "0", tuple(told))


class TestAnAction:
    @pytest.mark.parametrize(("name", "event"), [(name, event) for name, last in LAST_EVENTS.items() for event in last])
    def test_has_ended_with_its_last_event(self, name, event):
        assert has_ended(action(name, ("conductor_did_something", DONE), (event, DONE)))

    @pytest.mark.parametrize("name", LAST_EVENTS)
    def test_has_not_ended_before_its_last_event(self, name):
        assert not has_ended(action(name, ("conductor_did_something", DONE)))

    def test_has_not_ended_while_an_event_runs(self):
        assert not has_ended(action("resize", ("compute_finish_resize", DONE), ("cold_migrate", RUNNING)))

    def test_that_moved_to_another_cell_has_ended_though_its_first_events_never_end_there(self):
        arrived = "compute_finish_snapshot_based_resize_at_dest"
        begun = (("conductor_migrate_server", RUNNING), ("cold_migrate", RUNNING))
        assert not has_ended(action("resize", *begun, ("compute_prep_snapshot_based_resize_at_dest", DONE)))
        assert not has_ended(action("resize", *begun, (arrived, RUNNING)))
        assert has_ended(action("resize", *begun, (arrived, DONE)))

    def test_of_a_revert_to_another_cell_ends_with_the_conductor(self):
        arrived = ("compute_finish_revert_snapshot_based_resize_at_source", DONE)
        conductor = "conductor_revert_snapshot_based_resize"
        assert not has_ended(action("revertResize", (conductor, RUNNING), arrived))
        assert has_ended(action("revertResize", (conductor, DONE), arrived))

    def test_has_ended_with_any_error(self):
        assert has_ended(action("resize", ("conductor_migrate_server", FAILED)))

    def test_that_failed_has_not_ended_while_an_event_runs(self):
        assert not has_ended(action("resize", ("compute_prep_resize", FAILED), ("cold_migrate", RUNNING)))

    def test_without_events_has_not_begun(self):
        assert not has_ended(action("resize"))

    def test_that_is_not_known_has_ended_with_all_its_events(self):
        assert has_ended(action("suspend", ("compute_suspend_instance", DONE)))

    def test_has_ended_when_the_end_of_a_second_try_stands_at_the_first(self):
        """Nova enters the end of the later of two events of one name at the earlier one."""
        first = ("compute_finish_resize", DONE, "01", "05")
        assert has_ended(action("resize", first, ("compute_finish_resize", RUNNING, "03", None)))

    def test_has_not_ended_when_a_second_try_began_after_the_first_one_ended(self):
        first = ("compute_finish_resize", DONE, "01", "02")
        assert not has_ended(action("resize", first, ("compute_finish_resize", RUNNING, "03", None)))


class TestProgress:
    ENDED = action("resize", ("compute_finish_resize", DONE))

    def test_has_ended_with_the_action(self):
        assert Progress(ACTIVE, self.ENDED).ended

    def test_has_not_ended_while_the_server_has_a_task(self):
        assert not Progress(BUSY, self.ENDED).ended
        assert not Progress(BUSY, None, tracked=False).ended

    def test_has_not_ended_before_nova_has_recorded_anything(self):
        assert not Progress(ACTIVE, None).ended

    def test_of_a_build_that_reached_no_host_has_ended(self):
        failed = Server("web-id", "web", "ERROR")
        assert Progress(failed, action("create")).ended
        assert not Progress(failed, action("resize")).ended
        assert not Progress(Server("web-id", "web", "ERROR", host="a"), action("create")).ended
        assert not Progress(Server("web-id", "web", "BUILD"), action("create")).ended

    def test_without_a_request_to_follow_has_ended_with_the_task(self):
        assert Progress(ACTIVE, None, tracked=False).ended

    def test_of_a_server_that_is_gone_has_ended_with_what_still_ran(self):
        assert Progress(None, None).ended
        assert Progress(None, action("delete", ("compute_terminate_instance", DONE))).ended
        assert Progress(None, action("delete")).ended
        assert not Progress(None, action("delete", ("compute_terminate_instance", RUNNING))).ended

    def test_is_told_in_one_line(self):
        assert str(Progress(None, None)) == "gone; no action recorded yet"
        assert str(Progress(BUSY, self.ENDED)) == "ACTIVE, resize_prep; resize: compute_finish_resize Success"


class TestReading:
    @pytest.fixture(autouse=True)
    def web(self, context):
        context.servers.ids["web"] = "web-id"

    def test_asks_for_the_server_only_once_no_event_of_the_action_runs(self, context, nova):
        nova.records("web", "resize", "req-1", [("cold_migrate", RUNNING)], [("cold_migrate", DONE)])
        nova.looks("web", {"status": "RESIZE", "task": "resize_finish"})
        assert_that(read_progress(context, "web", "req-1"), has_properties(seen=False, ended=False))
        assert nova.asked("GET .*/servers/web-id") == []
        assert_that(read_progress(context, "web", "req-1"), has_properties(seen=True, ended=False))

    def test_tells_server_and_action(self, context, nova):
        nova.looks("web", {"status": "VERIFY_RESIZE"})
        nova.records("web", "resize", "req-1", [("compute_finish_resize", DONE)])
        read = read_progress(context, "web", "req-1")
        assert_that(read, has_properties(ended=True, tracked=True, server=has_properties(status="VERIFY_RESIZE")))

    @pytest.mark.parametrize("request_id", [None, ""])
    def test_follows_the_task_alone_without_a_request(self, context, nova, request_id):
        nova.looks("web", {"status": "ACTIVE"})
        assert_that(read_progress(context, "web", request_id), has_properties(tracked=False, ended=True))


class TestAwaiting:
    @pytest.fixture(autouse=True)
    def web(self, context):
        context.servers.ids["web"] = "web-id"

    def test_goes_on_while_the_status_alone_looks_right(self, context, nova, passing_time):
        nova.looks("web", {"status": "ACTIVE"})
        confirming = [("compute_confirm_resize", RUNNING)]
        nova.records("web", "confirmResize", "req-1", nova.gone, confirming, [("compute_confirm_resize", DONE)])
        progress = await_end(context, "web", "req-1", "confirm")
        assert_that(progress.action, has_properties(failed=False))
        assert len(nova.asked("GET .*/req-1")) == 3

    def test_ends_badly_as_well(self, context, nova):
        nova.looks("web", {"status": "ERROR", "fault": "No valid host was found."})
        nova.records("web", "create", "req-1", [("conductor_schedule", FAILED)])
        assert await_end(context, "web", "req-1", "boot").server.status == "ERROR"

    def test_ends_with_patience(self, context, nova, passing_time):
        nova.looks(
            "web", {"status": "RESIZE", "task": "resize_migrating"}, {"status": "RESIZE", "task": "resize_finish"}
        )
        with pytest.raises(TookTooLong) as failure:
            await_end(context, "web", "req-1", "confirm")
        assert passing_time.waited == pytest.approx(120, abs=2.5)
        assert_that(str(failure.value), contains_string('for the confirm of server "web" to end'))
        assert_that(str(failure.value), contains_string("RESIZE, resize_migrating; no action recorded yet"))
