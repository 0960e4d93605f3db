"""Servers of a scenario: asked for, awaited to their true end, and gone after it, whatever became of them."""

import pytest
from hamcrest import (
    assert_that,
    contains_exactly,
    has_entries,
    has_key,
    has_properties,
    is_not,
)

from support.accounting.flavors import Flavor
from support.cloud.answers import ApiError
from support.cloud.operations import servers
from support.errors import CloudError, FeatureError
from support.waiting import TookTooLong

DONE = "Success"
BUILT = [("compute__do_build_and_run_instance", DONE)]


@pytest.fixture(autouse=True)
def small(books):
    books.flavors["small"] = Flavor("small", 1, 512, 1, id="small-id")


@pytest.fixture
def web(books, nova):
    """A server that is there already."""
    books.servers["web"] = "web-id"
    nova.looks("web", {"status": "ACTIVE", "host": "cmp-1"})
    nova.moves("web", [])


@pytest.fixture
def holds(apis):
    """Tells what a consumer holds at each reading: `holds("web-id", {"p": 1}, {})`, in VCPU."""

    def tell(consumer, *readings):
        bodies = [{"allocations": {p: {"resources": {"VCPU": n}} for p, n in each.items()}} for each in readings]
        apis.answer("GET", f"/placement/allocations/{consumer}", *(apis.say(body=body) for body in bodies))

    return tell


def names_nobody(apis, books, name="web"):
    """Tell that Nova has no server of that name."""
    path = f"/compute/v2.1/servers/detail?name=%5E{books.real_name(name).replace('-', '%5C-')}%24&limit=1000"
    apis.answer("GET", path, apis.say(body={"servers": []}))


class TestBooting:
    @pytest.fixture
    def accepted(self, nova):
        nova.accepts("POST", "/servers", "req-1", body={"server": {"id": "web-id"}})
        nova.looks("web", {"status": "BUILD", "task": "spawning"}, {"status": "ACTIVE", "host": "cmp-1"})
        nova.records("web", "create", "req-1", BUILT)

    def asked(self, nova):
        (request,) = nova.asked("POST /servers")
        return request.body["server"]

    def test_asks_for_what_the_scenario_says_and_waits_for_the_end(self, books, nova, accepted):
        servers.boot(books, "web", "small")
        assert self.asked(nova) == {
            "name": books.real_name("web"),
            "flavorRef": "small-id",
            "imageRef": "an-image",
            "networks": "none",
            "metadata": {"stocktake": books.cloud.mark.run},
        }
        assert books.history[-1].status == "ACTIVE"

    def test_does_not_end_before_nova_has_recorded_its_end(self, books, nova, accepted):
        nova.looks("web", {"status": "ACTIVE"})
        nova.records("web", "create", "req-1", nova.gone, [("compute__do_build_and_run_instance", None)], BUILT)
        servers.boot(books, "web", "small")
        assert len(nova.asked("GET .*/req-1")) == 3

    def test_on_a_host_asks_for_that_host(self, books, nova, accepted):
        servers.boot(books, "web", "small", host="beta")
        assert_that(self.asked(nova), has_entries(host="cmp-2"))

    def test_in_the_zone_of_a_host_asks_by_zone(self, books, nova, accepted):
        nova.host("cmp-2", zone="az-2")
        servers.boot(books, "web", "small", host="beta", by_zone=True)
        assert_that(self.asked(nova), has_entries(availability_zone="az-2:cmp-2"))
        assert_that(self.asked(nova), is_not(has_key("host")))

    def test_in_a_zone_asks_for_that_zone(self, books, nova, accepted):
        servers.boot(books, "web", "small", zone="az-1")
        assert_that(self.asked(nova), has_entries(availability_zone="az-1"))

    def test_from_something_else_asks_for_no_image_of_the_run(self, books, nova, accepted):
        servers.boot(books, "web", "small", block_devices=[{"uuid": "a-volume"}])
        assert_that(self.asked(nova), is_not(has_key("imageRef")))
        assert self.asked(nova)["block_device_mapping_v2"] == [{"uuid": "a-volume"}]

    def test_that_ends_in_error_is_left_to_the_claims(self, books, nova, accepted):
        nova.looks("web", {"status": "ERROR", "fault": "No valid host was found."})
        nova.records("web", "create", "req-1", [("conductor_schedule", "Error")])
        servers.boot(books, "web", "small")
        assert books.server("web").status == "ERROR"

    def test_that_is_refused_is_kept_and_not_awaited(self, books, nova):
        nova.refuses("POST", "/servers", 403, "quota exceeded")
        servers.boot(books, "web", "small")
        assert_that(books.refusal, has_properties(status=403, message="quota exceeded"))
        assert books.servers == {}

    def test_of_an_unknown_flavor_is_a_mistake_before_anything_is_asked(self, books, apis):
        with pytest.raises(FeatureError, match='flavor "smal" does not exist in this scenario'):
            servers.boot(books, "web", "smal")
        assert apis.asked("POST .*") == []

    def test_of_a_name_that_is_taken_is_a_mistake(self, books, nova, accepted):
        servers.boot(books, "web", "small")
        with pytest.raises(FeatureError) as error:
            servers.boot(books, "web", "small")
        assert str(error.value) == 'server "web" exists in this scenario already: give each server its own name'
        assert len(nova.asked("POST /servers")) == 1

    def test_is_in_the_journal_before_and_by_id_after(self, books, nova, apis):
        seen = []

        def look(_request):
            seen.extend((entry.kind, entry.name, entry.id) for entry in books.cloud.journal.entries)

        answer = apis.say(202, {"server": {"id": "web-id"}}, {"x-openstack-request-id": "req-1"}, then=look)
        apis.answer("POST", f"{nova.url}/servers", answer)
        servers.request_boot(books, "web", "small")
        assert seen == [("server", books.real_name("web"), None)]
        assert_that(books.cloud.journal.entries, contains_exactly(has_properties(id="web-id")))

    def test_is_over_for_a_slow_host_once_it_builds(self, books, nova, accepted):
        spawning = {"status": "BUILD", "task": "spawning", "host": "cmp-1"}
        nova.looks("web", {"status": "BUILD", "task": "scheduling"}, {**spawning, "host": None}, spawning)
        servers.start_build(books, "web", "small", "alpha")
        assert len(nova.asked("GET /servers/web-id")) == 3


class TestBootingTogether:
    def named(self, apis, books, name, id):
        path = f"/compute/v2.1/servers/detail?name=%5E{books.real_name(name).replace('-', '%5C-')}%24&limit=1000"
        apis.answer("GET", path, apis.say(body={"servers": [{"id": id, "name": books.real_name(name)}]}))

    @pytest.fixture
    def pair(self, books, nova, apis):
        nova.accepts("POST", "/servers", "req-1", body={"reservation_id": "r-1"})
        for number in (1, 2):
            self.named(apis, books, f"web-{number}", f"web-{number}-id")
            nova.looks(f"web-{number}", {"status": "BUILD", "task": "scheduling"}, {"status": "ACTIVE"})
            listed = {"instanceActions": [{"action": "create", "request_id": "req-1", "message": None}]}
            apis.answer("GET", f"{nova.url}/servers/web-{number}-id/os-instance-actions", apis.say(body=listed))
            nova.records(f"web-{number}", "create", "req-1", BUILT)

    def test_makes_numbered_servers(self, books, nova, pair):
        assert servers.boot_together(books, "web", "small", 2) == ["web-1", "web-2"]
        assert books.servers == {"web-1": "web-1-id", "web-2": "web-2-id"}
        (request,) = nova.asked("POST /servers")
        assert_that(request.body["server"], has_entries(min_count=2, max_count=2, name=books.real_name("web")))

    def test_that_is_refused_makes_none(self, books, nova):
        nova.refuses("POST", "/servers", 403)
        assert servers.boot_together(books, "web", "small", 2) == []
        assert books.refusal.status == 403


class TestActing:
    @pytest.mark.parametrize(
        ("act", "action", "body"),
        [
            (servers.stop, "stop", {"os-stop": None}),
            (servers.start, "start", {"os-start": None}),
            (servers.rebuild, "rebuild", {"rebuild": {"imageRef": "an-image"}}),
        ],
    )
    def test_waits_for_the_last_event(self, books, nova, web, act, action, body):
        last = {
            "stop": "compute_stop_instance",
            "start": "compute_start_instance",
            "rebuild": "compute_rebuild_instance",
        }
        nova.accepts("POST", "/servers/web-id/action", "req-5")
        nova.records("web", action, "req-5", [], [(last[action], None)], [(last[action], DONE)])
        act(books, "web")
        assert [request.body for request in nova.asked("POST .*")] == [body]
        assert len(nova.asked("GET .*/req-5")) == 3

    def test_does_not_wait_for_what_was_refused(self, books, nova, web):
        nova.refuses("POST", "/servers/web-id/action", 409, "cannot while it is in task_state")
        servers.stop(books, "web")
        assert books.refusal.status == 409
        assert nova.asked("GET .*") == []

    def test_needs_a_server(self, books):
        with pytest.raises(FeatureError, match='server "db" does not exist at this step: the scenario has booted none'):
            servers.stop(books, "db")

    def test_an_administrator_declares_a_server_broken(self, books, nova, web):
        nova.accepts("POST", "/servers/web-id/action")
        nova.looks("web", {"status": "ERROR"})
        servers.declare_broken(books, "web")
        assert nova.asked("POST .*")[0].body == {"os-resetState": {"state": "error"}}


class TestDeleting:
    @pytest.fixture(autouse=True)
    def accepted(self, nova, web):
        nova.accepts("DELETE", "/servers/web-id", "req-9", status=204)

    def test_waits_until_nova_knows_it_no_longer_and_nothing_runs(self, books, nova):
        nova.looks("web", {"status": "ACTIVE", "task": "deleting"}, nova.gone)
        nova.records(
            "web", "delete", "req-9", [("compute_terminate_instance", None)], [("compute_terminate_instance", DONE)]
        )
        servers.delete(books, "web")
        assert len(nova.asked("GET .*/req-9")) == 2

    def test_knows_the_migrations_that_nova_will_forget(self, books, nova):
        nova.moves("web", [{"uuid": "m-1"}])
        nova.looks("web", nova.gone)
        servers.delete(books, "web")
        assert books.migrations == {"m-1": "web"}

    def test_of_a_server_that_stays_ends_with_patience(self, books, passing_time):
        with pytest.raises(TookTooLong, match='for server "web" to be gone'):
            servers.delete(books, "web")
        assert passing_time.waited == pytest.approx(120, abs=3)

    def test_that_is_refused_is_not_awaited(self, books, nova, passing_time):
        nova.refuses("DELETE", "/servers/web-id", 409)
        servers.delete(books, "web")
        assert (books.refusal.status, passing_time.waited) == (409, 0)


class TestRemoving:
    def test_deletes_by_force_and_waits_for_the_allocations(self, books, nova, web, holds):
        books.migrations["m-1"] = "web"
        nova.accepts("POST", "/servers/web-id/action", "req-9")
        nova.looks("web", {"status": "VERIFY_RESIZE"}, nova.gone)
        holds("web-id", {"p": 1}, {})
        holds("m-1", {"p": 1}, {"p": 1}, {})
        servers.remove(books, "web")
        assert [request.body for request in nova.asked("POST .*")] == [{"forceDelete": None}]

    def test_fails_when_something_stays_charged(self, books, nova, web, holds, passing_time):
        nova.looks("web", nova.gone)
        holds("web-id", {"p": 1})
        with pytest.raises(TookTooLong, match='for the allocations of server "web" to be gone'):
            servers.remove(books, "web")
        assert passing_time.waited == pytest.approx(60, abs=2.5)

    def test_of_what_was_never_made_does_nothing(self, books, nova, apis):
        names_nobody(apis, books)
        servers.remove(books, "web")
        assert nova.asked("(POST|DELETE) .*") == []

    def test_finds_a_server_whose_answer_was_lost(self, books, nova, apis, holds):
        path = f"/compute/v2.1/servers/detail?name=%5E{books.real_name('web').replace('-', '%5C-')}%24&limit=1000"
        apis.answer("GET", path, apis.say(body={"servers": [{"id": "web-id", "name": books.real_name("web")}]}))
        nova.looks("web", {"status": "ACTIVE"}, nova.gone)
        nova.moves("web", [])
        nova.accepts("POST", "/servers/web-id/action", "req-9")
        holds("web-id", {})
        servers.remove(books, "web")
        assert len(nova.asked("POST .*/action")) == 1

    def test_ends_a_live_migration_first(self, books, nova, apis, web, holds):
        nova.looks("web", {"status": "MIGRATING", "task": "migrating"}, {"status": "ACTIVE"}, nova.gone)
        running = {"migrations": [{"id": 7, "uuid": "m-7", "status": "running"}]}
        apis.answer("GET", f"{nova.url}/servers/web-id/migrations", apis.say(body=running))
        nova.accepts("DELETE", "/servers/web-id/migrations/7")
        nova.accepts("POST", "/servers/web-id/action", "req-9")
        holds("web-id", {})
        servers.remove(books, "web")
        assert [request.line for request in nova.asked("(DELETE|POST) .*")] == [
            f"DELETE {nova.url}/servers/web-id/migrations/7",
            f"POST {nova.url}/servers/web-id/action",
        ]

    def test_tells_why_it_was_refused(self, books, nova, web):
        nova.refuses("POST", "/servers/web-id/action", 409, "it is locked")
        with pytest.raises(ApiError, match="it is locked"):
            servers.remove(books, "web")

    def test_is_what_undoes_a_boot(self, books, nova, apis, holds):
        nova.accepts("POST", "/servers", "req-1", body={"server": {"id": "web-id"}})
        servers.request_boot(books, "web", "small")
        nova.looks("web", nova.gone)
        holds("web-id", {})
        assert books.undoing.undo_all() == []
        assert books.cloud.journal.entries == []


class TestTakingForGranted:
    def test_returns_the_server_that_is_as_wanted(self, books, web):
        assert servers.require(books, "web", "ACTIVE", "alpha").host == "cmp-1"

    def test_any_status_but_error_will_do(self, books, nova, web):
        nova.looks("web", {"status": "SHUTOFF", "host": "cmp-1"}, {"status": "ERROR", "host": "cmp-1", "fault": "why"})
        servers.require(books, "web", None)
        with pytest.raises(CloudError) as error:
            servers.require(books, "web", None)
        assert str(error.value) == 'server "web" should be running, but is ERROR on host "alpha": why'

    def test_tells_another_status_with_novas_reason(self, books, nova, web):
        nova.looks("web", {"status": "ERROR", "fault": "No valid host was found."})
        with pytest.raises(CloudError) as error:
            servers.require(books, "web", "ACTIVE", "alpha")
        assert str(error.value) == (
            'server "web" should be ACTIVE on host "alpha", but is ERROR on no host: No valid host was found.'
        )

    def test_tells_another_host_by_its_role(self, books, web):
        with pytest.raises(CloudError) as error:
            servers.require(books, "web", "ACTIVE", "beta")
        assert str(error.value) == 'server "web" should be ACTIVE on host "beta", but is ACTIVE on host "alpha"'

    def test_lets_the_role_name_the_host_it_went_to(self, books, nova):
        books.roles.drop("beta")
        nova.looks("web", {"status": "VERIFY_RESIZE", "host": "cmp-1"})
        books.servers["web"] = "web-id"
        servers.require(books, "web", "VERIFY_RESIZE", "alpha", chosen=True)
        assert books.roles.played["alpha"].service == "cmp-1"

    def test_tells_a_server_that_is_gone(self, books, nova, web):
        nova.looks("web", nova.gone)
        with pytest.raises(CloudError, match='server "web" should be ACTIVE, but Nova does not know it'):
            servers.require(books, "web", "ACTIVE")

    @pytest.mark.parametrize(
        "require", [lambda books: servers.require(books, "web", "ACTIVE"), lambda b: servers.require_gone(b, "web")]
    )
    def test_raises_the_refusal_of_the_request_before(self, books, nova, web, require):
        nova.refuses("POST", "/servers/web-id/action", 409, "no")
        servers.stop(books, "web")
        with pytest.raises(ApiError, match="answered 409"):
            require(books)
        assert books.refusal is None

    def test_that_a_server_is_gone(self, books, nova, web):
        with pytest.raises(CloudError, match='server "web" should be gone, but is ACTIVE on cmp-1'):
            servers.require_gone(books, "web")
        nova.looks("web", nova.gone)
        servers.require_gone(books, "web")
