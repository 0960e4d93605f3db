"""Moves: each awaited where it truly ends, which is another place for each."""

import pytest
from hamcrest import assert_that, contains_string, has_properties
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.compute.requests import ColdMigration, Evacuation, LiveMigration
from stocktake.support.errors import CloudError, FeatureError, Unverified
from stocktake.support.scenario.operations.servers import moves, server_requests
from stocktake.support.waiting import Hopeless, TookTooLong

DONE = "Success"


@pytest.fixture(autouse=True)
def web(context, nova):
    """A server that runs on alpha and has never moved, though some action was requested."""
    context.servers.ids["web"] = "web-id"
    context.cloud.session.acted_on.add("web-id")
    context.owned.flavors["large"] = Flavor("large", 2, 1024, 2, id="large-id")
    nova.looks("web", {"status": "ACTIVE", "host": "cmp-1"})
    nova.moves("web", [])
    nova.accepts("POST", "/servers/web-id/action", "req-1")


def bodies(nova):
    return [request.body for request in nova.asked("POST .*/action")]


def asked_at(request):
    return request.headers.get("OpenStack-API-Version", "").removeprefix("compute ")


class TestAskingFor:
    @pytest.mark.parametrize(
        ("move", "action", "last", "body"),
        [
            (
                lambda b: moves.resize(b, "web", "large"),
                "resize",
                "compute_finish_resize",
                {"resize": {"flavorRef": "large-id"}},
            ),
            (
                lambda b: moves.cold_migrate(b, "web", server_requests.cold_migration(b)),
                "migrate",
                "compute_finish_resize",
                {"migrate": None},
            ),
            (
                lambda b: moves.cold_migrate(b, "web", server_requests.cold_migration(b, "beta")),
                "migrate",
                "compute_finish_resize",
                {"migrate": {"host": "cmp-2"}},
            ),
            (lambda b: moves.confirm(b, "web"), "confirmResize", "compute_confirm_resize", {"confirmResize": None}),
            (lambda b: moves.revert(b, "web"), "revertResize", "compute_finish_revert_resize", {"revertResize": None}),
            (
                lambda b: moves.evacuate(b, "web", server_requests.evacuation(b)),
                "evacuate",
                "compute_rebuild_instance",
                {"evacuate": {}},
            ),
            (
                lambda b: moves.evacuate(b, "web", server_requests.evacuation(b, "beta")),
                "evacuate",
                "compute_rebuild_instance",
                {"evacuate": {"host": "cmp-2"}},
            ),
        ],
        ids=["resize", "migrate", "migrate to a host", "confirm", "revert", "evacuate", "evacuate to a host"],
    )
    def test_a_move_waits_for_its_last_event(self, context, nova, move, action, last, body):
        nova.records("web", action, "req-1", nova.gone, [("conductor", DONE)], [("conductor", DONE), (last, DONE)])
        move(context)
        assert bodies(nova) == [body]
        assert len(nova.asked("GET .*/req-1")) == 3

    @pytest.mark.parametrize(
        ("move", "asked"),
        [
            (moves.confirm, []),
            (moves.revert, []),
            (moves.cold_migrate, [ColdMigration()]),
            (moves.evacuate, [Evacuation()]),
            (moves.live_migrate, [LiveMigration()]),
        ],
    )
    def test_a_move_that_is_refused_is_kept_and_not_awaited(self, context, nova, move, asked):
        nova.refuses("POST", "/servers/web-id/action", 409, "not now")
        move(context, "web", *asked)
        assert_that(context.answers.refusal, has_properties(status=409, message="not now"))
        read_before = [1] if move is moves.cold_migrate else []  # which host the server is to leave
        assert len(nova.asked("GET /servers/web-id")) == len(read_before)

    def test_an_unknown_flavor_is_a_mistake(self, context, nova):
        with pytest.raises(FeatureError, match='flavor "huge" does not exist in this scenario'):
            moves.resize(context, "web", "huge")
        assert bodies(nova) == []

    @pytest.mark.parametrize("decide", [moves.confirm, moves.revert])
    def test_a_decision_remembers_the_migration_first(self, context, nova, decide):
        nova.moves("web", [{"uuid": "m-1", "status": "finished"}], [])
        nova.refuses("POST", "/servers/web-id/action", 409)
        decide(context, "web")
        assert context.servers.migrations == {"m-1": "web"}


class TestEvacuating:
    @pytest.fixture(autouse=True)
    def rebuilt(self, nova):
        nova.records("web", "evacuate", "req-1", [("compute_rebuild_instance", DONE)])

    def test_waits_for_the_migration_after_the_event(self, context, nova):
        under_way, done = ({"uuid": "m-1", "status": status} for status in ("accepted", "done"))
        nova.moves("web", [under_way], [under_way], [done])
        moves.evacuate(context, "web", server_requests.evacuation(context))
        assert len(nova.asked("GET /os-migrations.*")) == 3

    def test_by_force_says_so(self, context, nova):
        moves.evacuate(context, "web", server_requests.evacuation(context, "beta", force=True))
        assert bodies(nova) == [{"evacuate": {"host": "cmp-2", "force": True}}]

    def test_asks_at_another_microversion_if_told(self, context, nova):
        moves.evacuate(context, "web", server_requests.evacuation(context, microversion="2.68"))
        assert asked_at(nova.asked("POST .*/action")[0]) == "2.68"


class TestLiveMigrating:
    def test_ends_with_the_task_and_the_migration(self, context, nova):
        nova.looks("web", {"status": "MIGRATING", "task": "migrating"}, {"status": "ACTIVE", "host": "cmp-2"})
        nova.records("web", "live-migration", "req-1", [("compute_live_migration", DONE)])
        nova.moves("web", [{"uuid": "m-1", "status": "running"}], [{"uuid": "m-1", "status": "completed"}])
        moves.live_migrate(context, "web", server_requests.live_migration(context, "beta"))
        assert bodies(nova) == [{"os-migrateLive": {"host": "cmp-2", "block_migration": "auto"}}]
        assert len(nova.asked("GET /os-migrations.*")) == 2

    def test_by_force_says_so(self, context, nova):
        nova.records("web", "live-migration", "req-1", [("compute_live_migration", DONE)])
        moves.live_migrate(context, "web", server_requests.live_migration(context, "beta", force=True))
        assert bodies(nova)[0]["os-migrateLive"]["force"] is True

    def test_that_was_only_started_returns_once_it_runs(self, context, nova):
        states = [[{"uuid": "m-1", "status": status}] for status in ("accepted", "preparing", "running")]
        nova.moves("web", [], *states)
        moves.start_live_migration(context, "web", server_requests.live_migration(context))
        assert len(nova.asked("GET /os-migrations.*")) == 4

    def test_that_has_to_wait_returns_once_it_is_queued(self, context, nova):
        states = [[{"uuid": "m-1", "status": status}] for status in ("accepted", "queued")]
        nova.moves("web", [], *states)
        moves.queue_live_migration(context, "web", server_requests.live_migration(context, "beta"))
        assert bodies(nova) == [{"os-migrateLive": {"host": "cmp-2", "block_migration": "auto"}}]
        assert len(nova.asked("GET /os-migrations.*")) == 3

    @pytest.mark.parametrize("begin", [moves.start_live_migration, moves.queue_live_migration])
    @pytest.mark.parametrize("status", ["error", "completed"])
    def test_that_is_over_before_it_was_seen_is_not_waited_for(self, context, nova, passing_time, begin, status):
        earlier = {"id": 6, "uuid": "m-6", "status": "error"}
        latest = {"id": 7, "uuid": "m-7", "status": status}
        nova.moves("web", [earlier], [earlier], [earlier, latest])
        nova.accepts("GET", "/servers/web-id/os-instance-actions", body={"instanceActions": []}, status=200)
        with pytest.raises(Hopeless, match=f"it has already ended, {status}"):
            begin(context, "web", LiveMigration("cmp-2"))
        assert passing_time.waited < 1

    def test_is_not_queued_where_it_could_not_be_aborted(self, context, nova, apis):
        apis.versions("compute", "2.1", "2.64")
        with pytest.raises(Unverified, match=r"aborting a queued live migration needs compute API 2\.65"):
            moves.queue_live_migration(context, "web", server_requests.live_migration(context, "beta"))
        assert not nova.asked("POST .*/action")

    @pytest.mark.parametrize(
        ("end", "request_line"),
        [
            (moves.abort_live_migration, "DELETE /servers/web-id/migrations/7"),
            (moves.force_complete, "POST /servers/web-id/migrations/7/action"),
        ],
    )
    def test_that_runs_can_be_ended(self, context, nova, apis, end, request_line):
        running = {"id": 7, "uuid": "m-7", "status": "running"}
        apis.answer("GET", f"{nova.url}/servers/web-id/migrations", apis.say(body={"migrations": [running]}))
        nova.accepts(*request_line.split(" "))
        nova.moves("web", [running], [{**running, "status": "cancelled"}])
        nova.looks("web", {"status": "MIGRATING", "task": "migrating"}, {"status": "ACTIVE"})
        end(context, "web")
        assert len(nova.asked(request_line)) == 1
        assert context.servers.history[-1].status == "ACTIVE"
        assert len(nova.asked("GET /os-migrations.*")) == 2

    def test_that_has_ended_but_for_its_server_is_not_awaited_for_long(self, context, nova, apis, passing_time):
        running = {"id": 7, "uuid": "m-7", "status": "running"}
        apis.answer("GET", f"{nova.url}/servers/web-id/migrations", apis.say(body={"migrations": [running]}))
        nova.accepts("POST", "/servers/web-id/migrations/7/action")
        nova.moves("web", [running], [{**running, "status": "completed"}])
        nova.looks("web", {"status": "MIGRATING", "task": "migrating"})
        with pytest.raises(TookTooLong, match='for the live_migrate of server "web" to end'):
            moves.force_complete(context, "web")
        assert passing_time.waited < context.cloud.settings.patience_for("accounts") + 10

    def test_that_does_not_run_cannot_be_ended(self, context, nova, apis):
        apis.answer("GET", f"{nova.url}/servers/web-id/migrations", apis.say(body={"migrations": []}))
        over = {"migration_type": "live-migration", "status": "completed", "source_compute": "a", "dest_compute": "b"}
        nova.moves("web", [over])
        with pytest.raises(CloudError) as error:
            moves.abort_live_migration(context, "web")
        assert str(error.value) == ('server "web" has no live migration in progress: live-migration completed, a to b')


class TestMigrations:
    def test_the_latest_is_the_one_with_the_highest_id(self, context, nova):
        nova.moves("web", [{"id": 1, "uuid": "m-1"}, {"id": 3, "uuid": "m-3"}, {"id": 2, "uuid": "m-2"}])
        assert moves.latest_migration(context, "web").uuid == "m-3"
        assert set(context.servers.migrations) == {"m-1", "m-2", "m-3"}

    def test_of_a_server_that_never_moved_there_is_none(self, context):
        assert moves.latest_migration(context, "web") is None
        moves.await_migration_end(context, "web", "evacuate")

    def test_are_awaited_until_patience_ends(self, context, nova, passing_time):
        nova.moves("web", [{"uuid": "m-1", "status": "running", "migration_type": "live-migration"}])
        with pytest.raises(TookTooLong) as failure:
            moves.await_migration_end(context, "web", "live_migrate")
        assert passing_time.waited == pytest.approx(600, abs=3)
        assert_that(str(failure.value), contains_string('for the migration of server "web" to end'))
        assert_that(str(failure.value), contains_string("live-migration running"))
