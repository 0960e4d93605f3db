"""Operations that wait for a failed host: requested, handed on by Nova's control plane, and not awaited."""

import pytest
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.scenario.operations.servers import unfinished
from stocktake.support.waiting import TookTooLong

DONE = "Success"

pytestmark = pytest.mark.usefixtures("small_flavor")


@pytest.fixture
def failed(context):
    """Say that a host of the scenario has failed."""

    def fail(service):
        context.owned.stopped[service] = object()

    return fail


def test_a_boot_is_handed_on_when_nova_has_recorded_it_in_a_cell(context, nova):
    nova.accepts("POST", "/servers", "req-1", body={"server": {"id": "web-id"}})
    nova.records("web", "create", "req-1", None, None, [])
    unfinished.boot(context, "web", "small", "alpha")
    assert nova.asked("POST /servers")[0].body["server"]["host"] == "cmp-1"
    assert len(nova.asked("GET /servers/web-id/os-instance-actions/req-1")) == 3


def test_a_deletion_is_not_awaited(context, nova, web):
    nova.accepts("DELETE", "/servers/web-id", status=204)
    unfinished.delete(context, "web")
    assert len(nova.asked("DELETE /servers/web-id")) == 1


@pytest.mark.parametrize(("where", "event"), [("cmp-2", "conductor_migrate_server"), ("cmp-1", "compute_prep_resize")])
def test_a_resize_waits_for_the_host_that_has_failed(context, nova, web, failed, where, event):
    failed(where)
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.records("web", "resize", "req-1", None, [(event, None)], [(event, DONE)])
    unfinished.resize(context, "web", "small")
    assert len(nova.asked("GET /servers/web-id/os-instance-actions/req-1")) == 3


def test_a_migration_that_is_not_handed_on_is_too_late(context, nova, web, failed):
    failed("cmp-2")
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.records("web", "migrate", "req-1", [("conductor_migrate_server", None)])
    with pytest.raises(TookTooLong, match='for Nova to hand on the migrate of server "web"'):
        unfinished.cold_migrate(context, "web")


def test_a_refusal_is_kept_for_the_next_step(context, nova, web):
    nova.refuses("POST", "/servers/web-id/action")
    unfinished.cold_migrate(context, "web")
    assert context.answers.refusal.status == 409


def test_an_evacuation_that_nova_accepts_after_all_is_unverified(context, nova, web, failed):
    failed("cmp-1")
    nova.goes_down("cmp-1")
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    with pytest.raises(Unverified, match='Nova noticed that host "alpha" had failed'):
        unfinished.evacuate(context, "web")


def test_an_evacuation_from_a_host_that_was_forced_down_returns_once_it_is_scheduled(context, nova, web, failed):
    failed("cmp-1")
    nova.host("cmp-1", state="down", forced_down=True)
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.records("web", "evacuate", "req-1", [("rebuild_server", "Success"), ("compute_rebuild_instance", None)])
    unfinished.evacuate(context, "web")
    assert context.answers.refusal is None


def test_a_host_whose_compute_service_was_deleted_is_not_noticed(context, nova, web, failed):
    failed("cmp-1")
    nova.retire("cmp-1")
    nova.accepts("DELETE", "/servers/web-id", status=204)
    unfinished.delete(context, "web")
    assert context.answers.refusal is None


def test_the_last_request_is_sent_again_whatever_nova_answers(context, nova, web):
    nova.accepts("DELETE", "/servers/web-id", status=204)
    unfinished.delete(context, "web")
    nova.refuses("DELETE", "/servers/web-id", 404)
    unfinished.repeat(context)
    assert len(nova.asked("DELETE /servers/web-id")) == 2
    assert context.answers.refusal is None


def test_only_what_was_sent_can_be_sent_again(context):
    with pytest.raises(FeatureError, match="there is no request to send again"):
        unfinished.repeat(context)


def test_a_host_that_nova_has_noticed_makes_it_unverified(context, nova, web, failed):
    failed("cmp-1")
    nova.goes_down("cmp-1")
    nova.accepts("DELETE", "/servers/web-id", status=204)
    with pytest.raises(Unverified, match='Nova noticed that host "alpha" had failed'):
        unfinished.delete(context, "web")


def test_a_server_with_a_task_is_awaited(context, nova, web):
    nova.looks("web", {"status": "ACTIVE"}, {"status": "ACTIVE", "task": "deleting"})
    unfinished.is_busy(context, "web", "ACTIVE", "deleting")


def test_a_server_without_its_task_is_told(context, nova, web):
    with pytest.raises(TookTooLong, match='for server "web" to be ACTIVE with task deleting'):
        unfinished.is_busy(context, "web", "ACTIVE", "deleting")
