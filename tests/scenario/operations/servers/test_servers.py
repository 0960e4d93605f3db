"""Servers of a scenario: asked for, awaited to their true end, and gone after it, whatever became of them."""

import pytest
from hamcrest import (
    assert_that,
    contains_exactly,
    contains_string,
    has_entries,
    has_key,
    has_properties,
    is_not,
)
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError, FeatureError, Unverified
from stocktake.support.scenario.operations.servers import server_requests, servers
from stocktake.support.waiting import TookTooLong

DONE = "Success"
BUILT = [("compute__do_build_and_run_instance", DONE)]

pytestmark = pytest.mark.usefixtures("small_flavor")


@pytest.fixture
def holds(apis):
    """Tells what a consumer holds at each reading: `holds("web-id", {"p": 1}, {})`, in VCPU."""

    def tell(consumer, *readings):
        bodies = [{"allocations": {p: {"resources": {"VCPU": n}} for p, n in each.items()}} for each in readings]
        apis.answer("GET", f"/placement/allocations/{consumer}", *(apis.say(body=body) for body in bodies))

    return tell


class TestBooting:
    @pytest.fixture
    def accepted(self, nova):
        nova.accepts("POST", "/servers", "req-1", body={"server": {"id": "web-id"}})
        nova.looks("web", {"status": "BUILD", "task": "spawning"}, {"status": "ACTIVE", "host": "cmp-1"})
        nova.records("web", "create", "req-1", BUILT)

    def asked(self, nova):
        (request,) = nova.asked("POST /servers")
        return request.body["server"]

    def test_asks_for_what_the_scenario_says_and_waits_for_the_end(self, context, nova, accepted):
        servers.boot(context, "web", server_requests.boot(context, "web", "small"))
        assert self.asked(nova) == {
            "name": context.names.real("web"),
            "flavorRef": "small-id",
            "imageRef": "an-image",
            "networks": "none",
            "metadata": {"stocktake": context.cloud.mark.run},
        }
        assert context.servers.history[-1].status == "ACTIVE"

    def test_does_not_end_before_nova_has_recorded_its_end(self, context, nova, accepted):
        nova.looks("web", {"status": "ACTIVE"})
        nova.records("web", "create", "req-1", nova.gone, [("compute__do_build_and_run_instance", None)], BUILT)
        servers.boot(context, "web", server_requests.boot(context, "web", "small"))
        assert len(nova.asked("GET .*/req-1")) == 3

    def test_on_a_host_asks_for_that_host(self, context, nova, accepted):
        servers.boot(context, "web", server_requests.boot(context, "web", "small", host="beta"))
        assert_that(self.asked(nova), has_entries(host="cmp-2"))

    def test_with_a_hint_tells_the_scheduler(self, context, nova, accepted):
        request = server_requests.boot(context, "web", "small", host="alpha", hints={"query": "some"})
        servers.boot(context, "web", request)
        assert nova.asked("POST /servers")[0].body["os:scheduler_hints"] == {"query": "some"}

    def test_in_the_zone_of_a_host_asks_by_zone(self, context, nova, accepted):
        nova.host("cmp-2", zone="az-2")
        servers.boot(context, "web", server_requests.boot(context, "web", "small", host="beta", by_zone=True))
        assert_that(self.asked(nova), has_entries(availability_zone="az-2:cmp-2"))
        assert_that(self.asked(nova), is_not(has_key("host")))

    def test_in_a_zone_asks_for_that_zone(self, context, nova, accepted):
        servers.boot(context, "web", server_requests.boot(context, "web", "small", zone="az-1"))
        assert_that(self.asked(nova), has_entries(availability_zone="az-1"))

    def test_from_something_else_asks_for_no_image_of_the_run(self, context, nova, accepted):
        servers.boot(context, "web", server_requests.boot(context, "web", "small", volume_id="a-volume"))
        assert_that(self.asked(nova), is_not(has_key("imageRef")))
        assert [device["uuid"] for device in self.asked(nova)["block_device_mapping_v2"]] == ["a-volume"]

    def test_that_ends_in_error_is_left_to_the_claims(self, context, nova, accepted):
        nova.looks("web", {"status": "ERROR", "fault": "No valid host was found."})
        nova.records("web", "create", "req-1", [("conductor_schedule", "Error")])
        servers.boot(context, "web", server_requests.boot(context, "web", "small"))
        assert context.servers.read("web").status == "ERROR"

    def test_that_is_refused_is_kept_and_not_awaited(self, context, nova):
        nova.refuses("POST", "/servers", 403, "quota exceeded")
        servers.boot(context, "web", server_requests.boot(context, "web", "small"))
        assert_that(context.answers.refusal, has_properties(status=403, message="quota exceeded"))
        assert context.servers.ids == {}

    def test_of_an_unknown_flavor_is_a_mistake_before_anything_is_asked(self, context, apis):
        with pytest.raises(FeatureError, match='flavor "smal" does not exist in this scenario'):
            servers.boot(context, "web", server_requests.boot(context, "web", "smal"))
        assert apis.asked("POST .*") == []

    def test_of_a_name_that_is_taken_is_a_mistake(self, context, nova, accepted):
        servers.boot(context, "web", server_requests.boot(context, "web", "small"))
        with pytest.raises(FeatureError) as error:
            servers.boot(context, "web", server_requests.boot(context, "web", "small"))
        assert str(error.value) == 'server "web" already exists in this scenario: give each server its own name'
        assert len(nova.asked("POST /servers")) == 1

    def test_is_in_the_journal_before_and_by_id_after(self, context, nova, apis):
        seen = []

        def look(_request):
            seen.extend((entry.kind, entry.name, entry.id) for entry in context.cloud.journal.entries)

        answer = apis.say(202, {"server": {"id": "web-id"}}, {"x-openstack-request-id": "req-1"}, then=look)
        apis.answer("POST", f"{nova.url}/servers", answer)
        servers.request_boot(context, "web", server_requests.boot(context, "web", "small"))
        assert seen == [("server", context.names.real("web"), None)]
        assert_that(context.cloud.journal.entries, contains_exactly(has_properties(id="web-id")))

    def test_is_over_for_a_slow_host_once_it_builds(self, context, nova, accepted):
        spawning = {"status": "BUILD", "task": "spawning", "host": "cmp-1"}
        nova.looks("web", {"status": "BUILD", "task": "scheduling"}, {**spawning, "host": None}, spawning)
        servers.start_build(context, "web", "small", "alpha")
        assert len(nova.asked("GET /servers/web-id")) == 3


class TestBootingTogether:
    def named(self, apis, context, name, id):
        path = f"/compute/v2.1/servers/detail?name=%5E{context.names.real(name).replace('-', '%5C-')}%24&limit=200"
        apis.answer("GET", path, apis.say(body={"servers": [{"id": id, "name": context.names.real(name)}]}))

    @pytest.fixture
    def pair(self, context, nova, apis):
        nova.accepts("POST", "/servers", "req-1", body={"reservation_id": "r-1"})
        for number in (1, 2):
            self.named(apis, context, f"web-{number}", f"web-{number}-id")
            nova.looks(f"web-{number}", {"status": "BUILD", "task": "scheduling"}, {"status": "ACTIVE"})
            listed = {"instanceActions": [{"action": "create", "request_id": "req-1", "message": None}]}
            apis.answer("GET", f"{nova.url}/servers/web-{number}-id/os-instance-actions", apis.say(body=listed))
            nova.records(f"web-{number}", "create", "req-1", BUILT)

    def test_makes_numbered_servers(self, context, nova, pair):
        assert servers.boot_together(context, "web", "small", 2) == ["web-1", "web-2"]
        assert context.servers.ids == {"web-1": "web-1-id", "web-2": "web-2-id"}
        (request,) = nova.asked("POST /servers")
        assert_that(request.body["server"], has_entries(min_count=2, max_count=2, name=context.names.real("web")))

    def test_that_is_refused_makes_none(self, context, nova):
        nova.refuses("POST", "/servers", 403)
        assert servers.boot_together(context, "web", "small", 2) == []
        assert context.answers.refusal.status == 403


class TestActing:
    @pytest.mark.parametrize(
        ("act", "action", "body"),
        [
            (servers.stop, "stop", {"os-stop": None}),
            (servers.start, "start", {"os-start": None}),
            (servers.rebuild, "rebuild", {"rebuild": {"imageRef": "an-image"}}),
        ],
    )
    def test_waits_for_the_last_event(self, context, nova, web, act, action, body):
        last = {
            "stop": "compute_stop_instance",
            "start": "compute_start_instance",
            "rebuild": "compute_rebuild_instance",
        }
        nova.accepts("POST", "/servers/web-id/action", "req-5")
        nova.records("web", action, "req-5", [], [(last[action], None)], [(last[action], DONE)])
        act(context, "web")
        assert [request.body for request in nova.asked("POST .*")] == [body]
        assert len(nova.asked("GET .*/req-5")) == 3

    def test_does_not_wait_for_what_was_refused(self, context, nova, web):
        nova.refuses("POST", "/servers/web-id/action", 409, "cannot while it is in task_state")
        servers.stop(context, "web")
        assert context.answers.refusal.status == 409
        assert nova.asked("GET .*") == []

    def test_needs_a_server(self, context):
        with pytest.raises(FeatureError, match='server "db" does not exist at this step: the scenario has booted none'):
            servers.stop(context, "db")

    def test_an_administrator_declares_a_server_broken(self, context, nova, web):
        nova.accepts("POST", "/servers/web-id/action")
        nova.looks("web", {"status": "ERROR"})
        servers.declare_broken(context, "web")
        assert nova.asked("POST .*")[0].body == {"os-resetState": {"state": "error"}}


class TestDeleting:
    @pytest.fixture(autouse=True)
    def accepted(self, nova, web):
        nova.accepts("DELETE", "/servers/web-id", "req-9", status=204)

    def test_waits_until_nova_knows_it_no_longer_and_nothing_runs(self, context, nova):
        nova.looks("web", {"status": "ACTIVE", "task": "deleting"}, nova.gone)
        nova.records(
            "web", "delete", "req-9", [("compute_terminate_instance", None)], [("compute_terminate_instance", DONE)]
        )
        servers.delete(context, "web")
        assert len(nova.asked("GET .*/req-9")) == 3

    def test_knows_the_migrations_that_nova_will_forget(self, context, nova):
        nova.moves("web", [{"uuid": "m-1"}])
        nova.looks("web", nova.gone)
        servers.delete(context, "web")
        assert context.servers.migrations == {"m-1": "web"}

    def test_of_a_server_that_stays_ends_with_patience(self, context, passing_time):
        with pytest.raises(TookTooLong, match='for server "web" to be gone'):
            servers.delete(context, "web")
        assert passing_time.waited == pytest.approx(120, abs=3)

    def test_where_nova_keeps_the_server_is_unverified(self, context, nova, passing_time):
        """A server that cannot go for good until it is reclaimed says nothing about the accounts."""
        nova.looks("web", {"status": "ACTIVE", "task": "soft-deleting"}, {"status": "SOFT_DELETED"})
        with pytest.raises(Unverified, match="reclaim_instance_interval"):
            servers.delete(context, "web")
        assert passing_time.waited < 10

    def test_that_is_refused_is_not_awaited(self, context, nova, passing_time):
        nova.refuses("DELETE", "/servers/web-id", 409)
        servers.delete(context, "web")
        assert (context.answers.refusal.status, passing_time.waited) == (409, 0)


class TestUndoing:
    """A boot is undone by the kind of servers, with what the scenario has seen of the server."""

    @pytest.fixture
    def booted(self, context, nova):
        nova.accepts("POST", "/servers", "req-1", body={"server": {"id": "web-id"}})
        servers.request_boot(context, "web", server_requests.boot(context, "web", "small"))
        nova.moves("web", [])
        nova.accepts("POST", "/servers/web-id/action", "req-9")

    @pytest.fixture
    def ours(self, context):
        return {"name": context.names.real("web"), "metadata": context.cloud.mark.metadata}

    def test_deletes_by_force_and_waits_for_the_allocations(self, context, nova, booted, ours, holds):
        context.servers.migrations["m-1"] = "web"
        nova.looks("web", {"status": "VERIFY_RESIZE", **ours}, nova.gone)
        holds("web-id", {"p": 1}, {})
        holds("m-1", {"p": 1}, {"p": 1}, {})
        assert context.undoing.undo_all() == []
        assert [request.body for request in nova.asked("POST .*/action")] == [{"forceDelete": None}]

    def test_tells_what_nova_does_not_free_and_frees_it(self, context, nova, apis, booted, holds, passing_time):
        context.servers.migrations["m-1"] = "web"
        nova.looks("web", nova.gone)
        holds("web-id", {})
        holds("m-1", {"p": 1})
        apis.answer("DELETE", "/placement/allocations/m-1", apis.say(204))
        (problem,) = context.undoing.undo_all()
        assert_that(problem, contains_string("did not free the allocations of migration of web (m-1)"))
        assert passing_time.waited == pytest.approx(context.cloud.settings.patience_for("accounts"), abs=2.5)
        assert len(apis.asked("DELETE /placement/allocations/m-1")) == 1
        assert context.cloud.journal.entries == []

    def test_finds_a_server_whose_answer_was_lost_in_any_project(self, context, nova, apis, ours, holds):
        nova.refuses("POST", "/servers", 409)
        servers.request_boot(context, "web", server_requests.boot(context, "web", "small"))
        name = ours["name"].replace("-", "%5C-")
        path = f"{nova.url}/servers/detail?name=%5E{name}&all_tenants=1&limit=200"
        apis.answer("GET", path, apis.say(body={"servers": [{"id": "web-id", "status": "ACTIVE", **ours}]}))
        nova.looks("web", nova.gone)
        nova.moves("web", [])
        nova.accepts("POST", "/servers/web-id/action", "req-9")
        holds("web-id", {})
        assert context.undoing.undo_all() == []
        assert len(nova.asked("POST .*/action")) == 1

    def test_ends_a_live_migration_first(self, context, nova, apis, booted, ours, holds):
        migrating = {"status": "MIGRATING", "task": "migrating"}
        nova.looks("web", {**migrating, **ours}, migrating, {"status": "ACTIVE"}, nova.gone)
        running = {"migrations": [{"id": 7, "uuid": "m-7", "status": "running"}]}
        apis.answer("GET", f"{nova.url}/servers/web-id/migrations", apis.say(body=running))
        listed = f"{nova.url}/os-migrations?instance_uuid=web-id&migration_type=live-migration&limit=200"
        apis.answer("GET", listed, apis.say(body=running))
        nova.accepts("DELETE", "/servers/web-id/migrations/7")
        holds("web-id", {})
        assert context.undoing.undo_all() == []
        assert [request.line for request in nova.asked("(DELETE|POST) .*(7|action)")] == [
            f"DELETE {nova.url}/servers/web-id/migrations/7",
            f"POST {nova.url}/servers/web-id/action",
        ]

    def test_tells_why_it_was_refused(self, context, nova, booted, ours):
        nova.looks("web", {"status": "ACTIVE", **ours})
        nova.refuses("POST", "/servers/web-id/action", 409, "it is locked")
        (problem,) = context.undoing.undo_all()
        assert_that(problem, contains_string("it is locked"))
        assert_that(context.cloud.journal.entries, contains_exactly(has_properties(kind="server", id="web-id")))

    def test_of_a_server_the_scenario_has_deleted_leaves_no_entry(self, context, nova, booted, holds):
        nova.looks("web", nova.gone)
        holds("web-id", {})
        assert context.undoing.undo_all() == []
        assert context.cloud.journal.entries == []


class TestTakingForGranted:
    def test_returns_the_server_that_is_as_wanted(self, context, web):
        assert servers.require(context, "web", "ACTIVE", "alpha").host == "cmp-1"

    def test_any_status_but_error_will_do(self, context, nova, web):
        nova.looks("web", {"status": "SHUTOFF", "host": "cmp-1"}, {"status": "ERROR", "host": "cmp-1", "fault": "why"})
        servers.require(context, "web", None)
        context.forget_readings()
        with pytest.raises(CloudError) as error:
            servers.require(context, "web", None)
        assert str(error.value) == 'server "web" should be running, but is ERROR on host "alpha": why'

    def test_uses_the_reading_that_showed_the_end_of_an_operation(self, context, nova, web):
        nova.looks("web", {"status": "ERROR", "host": "cmp-1", "fault": "why"})
        context.servers.has_ended("web", Server(id="web-id", name="web", status="ACTIVE", host="cmp-1"))
        servers.require(context, "web", "ACTIVE", "alpha")

    def test_reads_again_what_was_in_the_middle_of_an_operation(self, context, nova, web):
        running = {"status": "ACTIVE", "host": "cmp-1"}
        nova.looks("web", {**running, "task": "resize_prep"}, running)
        assert context.servers.last("web").task_state == "resize_prep"
        assert servers.require(context, "web", "ACTIVE", "alpha").task_state is None

    def test_tells_another_status_with_novas_reason(self, context, nova, web):
        nova.looks("web", {"status": "ERROR", "fault": "No valid host was found."})
        with pytest.raises(CloudError) as error:
            servers.require(context, "web", "ACTIVE", "alpha")
        assert str(error.value) == (
            'server "web" should be ACTIVE on host "alpha", but is ERROR without a host: No valid host was found.'
        )

    def test_tells_another_host_by_its_role(self, context, web):
        with pytest.raises(CloudError) as error:
            servers.require(context, "web", "ACTIVE", "beta")
        assert str(error.value) == 'server "web" should be ACTIVE on host "beta", but is ACTIVE on host "alpha"'

    def test_lets_the_role_name_the_host_it_went_to(self, context, nova):
        context.roles.drop("beta")
        nova.looks("web", {"status": "VERIFY_RESIZE", "host": "cmp-1"})
        context.servers.ids["web"] = "web-id"
        servers.require(context, "web", "VERIFY_RESIZE", "alpha", chosen=True)
        assert context.roles.played["alpha"].service == "cmp-1"

    def test_refuses_a_new_role_for_the_host_that_it_should_have_left(self, context, nova):
        context.servers.ids["web"] = "web-id"
        nova.looks("web", {"status": "VERIFY_RESIZE", "host": "cmp-1"})
        context.servers.read("web")
        context.servers.begins_move("web")
        with pytest.raises(CloudError, match='server "web" should have left host "alpha"'):
            servers.require(context, "web", "VERIFY_RESIZE", "beta", chosen=True)

    def test_lets_it_stay_where_the_role_is_that_of_its_own_host(self, context, nova):
        context.servers.ids["web"] = "web-id"
        nova.looks("web", {"status": "VERIFY_RESIZE", "host": "cmp-1"})
        context.servers.read("web")
        context.servers.begins_move("web")
        assert servers.require(context, "web", "VERIFY_RESIZE", "alpha", chosen=True).host == "cmp-1"

    def test_tells_a_server_that_is_gone(self, context, nova, web):
        nova.looks("web", nova.gone)
        with pytest.raises(CloudError, match='server "web" should be ACTIVE, but Nova does not know it'):
            servers.require(context, "web", "ACTIVE")

    @pytest.mark.parametrize(
        "require", [lambda context: servers.require(context, "web", "ACTIVE"), lambda b: servers.require_gone(b, "web")]
    )
    def test_raises_the_refusal_of_the_request_before(self, context, nova, web, require):
        nova.refuses("POST", "/servers/web-id/action", 409, "no")
        servers.stop(context, "web")
        with pytest.raises(ApiError, match="answered 409"):
            require(context)
        assert context.answers.refusal is None

    def test_that_a_server_is_gone(self, context, nova, web):
        with pytest.raises(CloudError, match='server "web" should be gone, but is ACTIVE on cmp-1'):
            servers.require_gone(context, "web")
        nova.looks("web", nova.gone)
        context.forget_readings()
        servers.require_gone(context, "web")
