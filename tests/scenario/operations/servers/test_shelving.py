"""Shelving: off the host in one request or two, whichever way the cloud is configured."""

import pytest
from stocktake.support.api.replies import ApiError
from stocktake.support.scenario.operations.servers import server_requests, shelving

DONE = "Success"
ACTIVE = {"status": "ACTIVE", "host": "cmp-1"}
SHELVED = {"status": "SHELVED", "host": "cmp-1"}
OFFLOADED = {"status": "SHELVED_OFFLOADED"}


@pytest.fixture(autouse=True)
def web(context):
    context.servers.ids["web"] = "web-id"


@pytest.fixture
def bodies(nova):
    """What was asked of the server."""
    return lambda: [request.body for request in nova.asked("POST /servers/web-id/action")]


def test_a_cloud_that_offloads_at_once_is_asked_once(context, nova, bodies):
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.looks("web", {"status": "ACTIVE", "task": "shelving", "host": "cmp-1"}, OFFLOADED)
    nova.records("web", "shelve", "req-1", [("compute_shelve_instance", DONE)])
    shelving.shelve_and_offload(context, "web")
    assert bodies() == [{"shelve": None}]


def test_a_cloud_that_waits_is_told_to_offload(context, nova, bodies):
    nova.accepts("POST", "/servers/web-id/action", "req-1", "req-2")
    nova.looks("web", ACTIVE, SHELVED, SHELVED, OFFLOADED)
    nova.records("web", "shelve", "req-1", [("compute_shelve_instance", DONE)])
    nova.records("web", "shelveOffload", "req-2", [("compute_shelve_offload_instance", DONE)])
    shelving.shelve_and_offload(context, "web")
    assert bodies() == [{"shelve": None}, {"shelveOffload": None}]


def test_a_server_that_is_shelved_is_only_offloaded(context, nova, bodies):
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.looks("web", SHELVED, OFFLOADED)
    nova.records("web", "shelveOffload", "req-1", [("compute_shelve_offload_instance", DONE)])
    shelving.shelve_and_offload(context, "web")
    assert bodies() == [{"shelveOffload": None}]


def test_a_refused_shelving_is_not_followed_by_an_offload(context, nova, bodies):
    nova.refuses("POST", "/servers/web-id/action")
    nova.looks("web", {"status": "ACTIVE", "host": "cmp-1"})
    shelving.shelve_and_offload(context, "web")
    assert (bodies(), context.answers.refusal.status) == ([{"shelve": None}], 409)


def test_a_failed_shelving_is_not_followed_by_an_offload(context, nova, bodies):
    """Nova would refuse that, and the refusal would hide the failure."""
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.looks("web", {"status": "ACTIVE", "host": "cmp-1"})
    nova.records("web", "shelve", "req-1", [("compute_shelve_instance", "Error")])
    shelving.shelve_and_offload(context, "web")
    assert (bodies(), context.answers.refusal) == ([{"shelve": None}], None)


def test_unshelving_to_a_host_names_it(context, nova, bodies, apis):
    apis.versions("compute", "2.1", "2.96")
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.looks("web", {"status": "ACTIVE", "host": "cmp-2"})
    nova.records("web", "unshelve", "req-1", [("compute_unshelve_instance", DONE)])
    shelving.unshelve(context, "web", server_requests.unshelving(context, "beta"))
    assert bodies() == [{"unshelve": {"host": "cmp-2"}}]


def test_an_unshelving_to_a_slow_host_is_begun_once_the_host_has_the_server(context, nova, bodies, apis):
    apis.versions("compute", "2.1", "2.96")
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    spawning = {"status": "SHELVED_OFFLOADED", "task": "spawning"}
    nova.looks("web", {**spawning, "task": "unshelving"}, {**spawning, "host": None}, {**spawning, "host": "cmp-2"})
    shelving.start_unshelving(context, "web", "beta")
    assert bodies() == [{"unshelve": {"host": "cmp-2"}}]
    assert len(nova.asked("GET /servers/web-id")) == 3


def test_an_unshelving_to_a_slow_host_that_is_refused_is_not_awaited(context, nova, apis):
    apis.versions("compute", "2.1", "2.96")
    nova.refuses("POST", "/servers/web-id/action")
    with pytest.raises(ApiError, match="409"):
        shelving.start_unshelving(context, "web", "beta")


def test_a_server_that_never_left_its_host_is_unshelved_when_it_has_started(context, nova):
    nova.accepts("POST", "/servers/web-id/action", "req-1")
    nova.looks("web", {"status": "ACTIVE", "host": "cmp-1"})
    conductor = ("conductor_unshelve_instance", DONE)
    nova.records("web", "unshelve", "req-1", [conductor], [conductor, ("compute_start_instance", DONE)])
    shelving.unshelve(context, "web", server_requests.unshelving(context))
    assert len(nova.asked("GET .*/req-1")) == 2
