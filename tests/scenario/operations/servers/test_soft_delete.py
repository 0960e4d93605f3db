"""Soft deletion: kept for a while, restored, deleted for good, reclaimed by the host."""

import pytest
from hamcrest import assert_that, has_properties
from stocktake.support.scenario.operations.servers import soft_delete
from stocktake.support.waiting import TookTooLong

DONE = "Success"
KEPT = {"status": "SOFT_DELETED", "host": "cmp-1"}


class Levers:
    """A control whose hosts reclaim a server at the third run of the task."""

    acts = 0

    def __init__(self):
        self.ran, self.options = [], {"reclaim_instance_interval": 0}

    def missing(self, _action):
        return None

    def option(self, name, _group):
        return self.options[name]

    def configure(self, name, value, _group):
        self.options[name] = value

    def run_task(self, host, task):
        self.ran.append((host, task, self.options["reclaim_instance_interval"]))


@pytest.fixture
def cloud(open_cloud):
    """A cloud that may be disrupted."""
    return open_cloud(allow_disruptive=True, hosts=["cmp-1", "cmp-2"])


@pytest.fixture
def levers(context, nova, monkeypatch):
    nova.is_for_us_alone("cmp-1", "cmp-2")
    levers = Levers()
    monkeypatch.setitem(context.cloud.__dict__, "control", levers)
    context.servers.ids["web"] = "web-id"
    return levers


def test_deleted_servers_are_kept_until_the_scenario_ends(context, levers):
    soft_delete.keep_deleted_servers(context)
    assert levers.options == {"reclaim_instance_interval": soft_delete.LONG}
    assert context.undoing.undo_all() == []
    assert levers.options == {"reclaim_instance_interval": 0}


def test_a_soft_deletion_ends_with_its_own_event_and_not_with_a_404(context, levers, nova):
    nova.accepts("DELETE", "/servers/web-id", "req-1", status=204)
    nova.looks("web", {"status": "ACTIVE", "task": "soft-deleting", "host": "cmp-1"}, KEPT)
    nova.records("web", "delete", "req-1", [], [("compute_soft_delete_instance", DONE)])
    soft_delete.soft_delete(context, "web")
    assert_that(context.servers.read("web"), has_properties(status="SOFT_DELETED"))


def test_a_restored_server_is_waited_for(context, levers, nova):
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.looks("web", {**KEPT, "task": "restoring"}, {"status": "ACTIVE", "host": "cmp-1"})
    nova.records("web", "restore", "req-1", [("compute_restore_instance", DONE)])
    soft_delete.restore(context, "web")
    assert nova.asked("POST .*")[0].body == {"restore": None}


def test_a_server_is_reclaimed_by_its_host_once_the_time_is_over(context, levers, nova):
    soft_delete.keep_deleted_servers(context)
    nova.looks("web", KEPT, KEPT, KEPT, nova.gone)
    soft_delete.reclaim(context, "web")
    assert levers.ran == [("cmp-1", soft_delete.RECLAIMING, soft_delete.SHORT)] * 3
    context.undoing.undo_all()
    assert levers.options == {"reclaim_instance_interval": 0}


def test_a_server_that_is_not_reclaimed_is_told(context, levers, nova):
    nova.looks("web", KEPT)
    with pytest.raises(TookTooLong, match='server "web" to be reclaimed'):
        soft_delete.reclaim(context, "web")


def test_a_soft_deleted_server_can_be_deleted_for_good(context, levers, nova):
    nova.moves("web", [])
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.looks("web", KEPT, KEPT, nova.gone)
    nova.records("web", "forceDelete", "req-1", [("compute_terminate_instance", DONE)])
    soft_delete.delete_for_good(context, "web")
    assert nova.asked("POST .*")[0].body == {"forceDelete": None}
