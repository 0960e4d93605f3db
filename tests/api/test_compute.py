"""The Compute client: what it asks at which microversion, and that nothing is done twice.

Against doubles that answer in Nova's shapes; the features themselves prove it against Nova.
"""

import json
from datetime import UTC, datetime

import pytest
from hamcrest import assert_that, contains_string, has_entries, has_length, has_properties, not_
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.requests import BootRequest, ColdMigration, Evacuation, LiveMigration, Unshelving
from stocktake.support.api.compute.servers import Accepted
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import Unverified

from tests.api.nova_answers import ACTIONS, NOVA, SERVER, WEB, asked_at, recorded, request_id, server


@pytest.fixture
def clients(session):
    return Clients(session)


class TestBooting:
    @pytest.fixture
    def boot(self, clients, apis):
        """Boots a server with these options and returns the request."""

        def booted(**options):
            apis.answer("POST", f"{NOVA}/servers", apis.say(202, {"server": {"id": "web-id"}}, request_id("req-1")))
            assert clients.servers.create(BootRequest("web", "a-flavor", **options)) == Accepted("web-id", "req-1")
            return apis.asked("POST .*/servers")[-1]

        return booted

    def test_asks_for_no_network_unless_told(self, boot):
        request = boot(image_id="an-image")
        wanted = {"name": "web", "flavorRef": "a-flavor", "imageRef": "an-image", "networks": "none"}
        assert (asked_at(request), request.body) == ("2.37", {"server": wanted})

    @pytest.mark.parametrize(("told", "sent"), [("auto", "auto"), ("a-network", [{"uuid": "a-network"}])])
    def test_names_a_network(self, boot, told, sent):
        assert boot(networks=told).body["server"]["networks"] == sent

    def test_brings_a_port(self, boot):
        request = boot(port_id="p-1")
        assert (asked_at(request), request.body["server"]["networks"]) == ("2.72", [{"port": "p-1"}])

    def test_names_a_host(self, boot):
        request = boot(host="alpha")
        assert asked_at(request) == "2.74"
        assert_that(request.body["server"], has_entries(host="alpha"))
        assert "availability_zone" not in request.body["server"]

    def test_names_a_host_by_its_zone_on_an_older_cloud(self, boot, apis):
        apis.versions("compute", "2.1", "2.73")
        service = {"id": "s", "host": "alpha", "binary": "nova-compute", "zone": "az1"}
        apis.answer("GET", f"{NOVA}/os-services", apis.say(200, {"services": [service]}))
        request = boot(host="alpha")
        assert asked_at(request) == "2.37"
        assert_that(request.body["server"], has_entries(availability_zone="az1:alpha"))
        assert "host" not in request.body["server"]

    def test_names_a_server_group_beside_the_server(self, boot):
        body = boot(hints={"group": "a-group"}).body
        assert body["os:scheduler_hints"] == {"group": "a-group"}
        assert "group" not in body["server"]

    def test_carries_zone_and_metadata(self, boot):
        body = boot(zone="az1", metadata={"a": "b"}).body["server"]
        assert_that(body, has_entries(availability_zone="az1", metadata={"a": "b"}))

    def test_from_a_volume(self, boot):
        request = boot(volume_id="a-volume")
        assert "imageRef" not in request.body["server"]
        assert request.body["server"]["block_device_mapping_v2"] == [
            {
                "boot_index": 0,
                "uuid": "a-volume",
                "source_type": "volume",
                "destination_type": "volume",
                "delete_on_termination": False,
            }
        ]

    def test_needs_an_api_that_can_do_without_networks(self, clients, apis):
        apis.versions("compute", "2.1", "2.30")
        with pytest.raises(Unverified, match=r"without a network needs compute API 2\.37"):
            clients.servers.create(WEB)

    def test_is_refused_in_novas_words(self, clients, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(400, {"badRequest": {"message": "Can not find image"}}))
        with pytest.raises(ApiError, match="Can not find image"):
            clients.servers.create(WEB)

    def test_of_several_returns_their_reservation(self, clients, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(202, {"reservation_id": "r-1"}))
        assert clients.servers.create_together(BootRequest("web", "a-flavor", "i", metadata={"a": "b"}), 3) == "r-1"
        (request,) = apis.asked("POST .*")
        wanted = {"min_count": 3, "max_count": 3, "return_reservation_id": True, "metadata": {"a": "b"}}
        assert_that(request.body["server"], has_entries(wanted))


class TestServers:
    def test_are_read_with_their_flavor(self, clients, apis):
        apis.answer("GET", SERVER, apis.say(200, {"server": server(status="SHUTOFF")}))
        assert_that(clients.servers.get("web-id"), has_properties(id="web-id", status="SHUTOFF"))
        assert asked_at(apis.asked(f"GET {SERVER}")[0]) == "2.47"

    def test_that_are_gone_are_none(self, clients, apis):
        assert clients.servers.find("web-id") is None
        with pytest.raises(ApiError):
            clients.servers.get("web-id")
        apis.answer("GET", SERVER, apis.say(403, {"forbidden": {"message": "no"}}))
        with pytest.raises(ApiError, match="answered 403"):
            clients.servers.find("web-id")

    def test_are_listed_to_the_last_page(self, clients, apis):
        more = [{"rel": "next", "href": "…"}]
        base = f"{NOVA}/servers/detail?host=alpha&all_tenants=1&deleted=true&limit=200"
        apis.answer("GET", base, apis.say(200, {"servers": [server("a"), server("b")], "servers_links": more}))
        second = base.replace("200", "400")
        apis.answer("GET", f"{second}&marker=b-id", apis.say(200, {"servers": [server("c")]}))
        listed = clients.servers.all(host="alpha", all_projects=True, deleted=True)
        assert [one.name for one in listed] == ["a", "b", "c"]

    @pytest.mark.parametrize(("seconds", "then"), [(3.9, 400), (6, 200), (12.1, 100)])
    def test_are_listed_on_pages_that_the_cloud_can_give_quickly(self, clients, apis, fake_clock, seconds, then):
        def take_its_time(_request):
            fake_clock.time += seconds

        more = [{"rel": "next", "href": "…"}]
        first = apis.say(200, {"servers": [server("a")], "servers_links": more}, then=take_its_time)
        apis.answer("GET", f"{NOVA}/servers/detail?limit=200", first)
        apis.answer("GET", f"{NOVA}/servers/detail?limit={then}&marker=a-id", apis.say(200, {"servers": [server("b")]}))
        assert [one.name for one in clients.servers.all()] == ["a", "b"]

    def test_that_wait_to_be_reclaimed_are_listed_by_their_status(self, clients, apis):
        path = f"{NOVA}/servers/detail?all_tenants=1&deleted=true&status=SOFT_DELETED&limit=200"
        apis.answer("GET", path, apis.say(200, {"servers": [server(status="SOFT_DELETED")]}))
        assert [one.status for one in clients.servers.soft_deleted()] == ["SOFT_DELETED"]

    def test_of_a_cell_that_does_not_answer_have_neither_name_nor_host(self, clients, apis):
        apis.answer("GET", SERVER, apis.say(200, {"server": {"id": "web-id", "status": "UNKNOWN"}}))
        assert_that(clients.servers.find_in_any_cell("web-id"), has_properties(status="UNKNOWN", host=None, name=""))
        assert asked_at(apis.asked("GET .*servers.*")[0]) == "2.69"

    def test_of_no_cell_are_not_found(self, clients, apis):
        apis.versions("compute", "2.1", "2.68")
        apis.answer("GET", SERVER, apis.say(404, {"itemNotFound": {"message": "no"}}))
        assert clients.servers.find_in_any_cell("web-id") is None
        assert asked_at(apis.asked("GET .*servers.*")[0]) == "2.47"

    def test_are_deleted(self, clients, apis):
        apis.answer("DELETE", SERVER, apis.say(204, None, request_id("req-1")))
        assert clients.servers.delete("web-id") == "req-1"
        apis.answer("DELETE", SERVER, apis.say(502), apis.say(404, {}))
        assert clients.servers.delete("web-id") is None
        apis.answer("DELETE", SERVER, apis.say(404, {}))
        with pytest.raises(ApiError, match="404"):
            clients.servers.delete("web-id")

    def test_are_not_taken_for_deleted_by_who_is_not_shown_them(self, clients, apis):
        apis.answer("DELETE", SERVER, apis.say(502), apis.say(404, {}))
        with pytest.raises(ApiError, match="404"):
            clients.servers.delete("web-id", known=False)

    def test_are_deleted_once_where_the_answer_was_lost(self, clients, apis):
        """Nova never ends a soft deletion that another one meets halfway."""
        apis.answer("DELETE", SERVER, apis.say(fault="reset"))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("delete", "req-7"))))
        assert clients.servers.delete("web-id") == "req-7"
        assert_that(apis.asked("DELETE .*"), has_length(1))

    @pytest.mark.parametrize("status", [409, 500])
    def test_are_declared_broken_when_they_cannot_be_deleted_as_they_are(self, clients, apis, status):
        """A host may fail to confirm the unconfirmed move that Nova ends before a deletion."""
        refused, done = apis.say(status, {}), apis.say(202, None, request_id("req-2"))
        apis.answer("POST", f"{SERVER}/action", refused, apis.say(202), done)
        assert clients.servers.delete_whatever_it_takes("web-id") == "req-2"
        sent = [request.body for request in apis.asked("POST .*")]
        assert sent == [{"forceDelete": None}, {"os-resetState": {"state": "error"}}, {"forceDelete": None}]


class TestActions:
    @pytest.mark.parametrize(
        ("act", "body", "version"),
        [
            (lambda c: c.server_actions.resize("web-id", "f"), {"resize": {"flavorRef": "f"}}, None),
            (lambda c: c.server_actions.confirm_resize("web-id"), {"confirmResize": None}, None),
            (lambda c: c.server_actions.revert_resize("web-id"), {"revertResize": None}, None),
            (lambda c: c.server_actions.migrate("web-id", ColdMigration()), {"migrate": None}, None),
            (
                lambda c: c.server_actions.migrate("web-id", ColdMigration(host="beta")),
                {"migrate": {"host": "beta"}},
                "2.56",
            ),
            (
                lambda c: c.server_actions.live_migrate("web-id", LiveMigration()),
                {"os-migrateLive": {"host": None, "block_migration": "auto"}},
                "2.34",
            ),
            (
                lambda c: c.server_actions.live_migrate("web-id", LiveMigration(host="beta", force=True)),
                {"os-migrateLive": {"host": "beta", "block_migration": "auto", "force": True}},
                "2.34",
            ),
            (lambda c: c.server_actions.evacuate("web-id", Evacuation()), {"evacuate": {}}, "2.29"),
            (
                lambda c: c.server_actions.evacuate("web-id", Evacuation(host="beta")),
                {"evacuate": {"host": "beta"}},
                "2.29",
            ),
            (
                lambda c: c.server_actions.evacuate("web-id", Evacuation(host="beta", force=True)),
                {"evacuate": {"host": "beta", "force": True}},
                "2.29",
            ),
            (lambda c: c.server_actions.evacuate("web-id", Evacuation(microversion="2.95")), {"evacuate": {}}, "2.95"),
            (lambda c: c.server_actions.shelve("web-id"), {"shelve": None}, None),
            (lambda c: c.server_actions.shelve_offload("web-id"), {"shelveOffload": None}, None),
            (lambda c: c.server_actions.unshelve("web-id", Unshelving()), {"unshelve": None}, None),
            (
                lambda c: c.server_actions.unshelve("web-id", Unshelving(host="beta")),
                {"unshelve": {"host": "beta"}},
                "2.91",
            ),
            (lambda c: c.server_actions.start("web-id"), {"os-start": None}, None),
            (lambda c: c.server_actions.stop("web-id"), {"os-stop": None}, None),
            (lambda c: c.server_actions.reboot("web-id"), {"reboot": {"type": "HARD"}}, None),
            (lambda c: c.server_actions.pause("web-id"), {"pause": None}, None),
            (lambda c: c.server_actions.suspend("web-id"), {"suspend": None}, None),
            (lambda c: c.server_actions.rescue("web-id"), {"rescue": None}, None),
            (lambda c: c.server_actions.rebuild("web-id", "i"), {"rebuild": {"imageRef": "i"}}, None),
            (lambda c: c.server_actions.force_delete("web-id"), {"forceDelete": None}, None),
            (lambda c: c.server_actions.restore("web-id"), {"restore": None}, None),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
    )
    def test_are_asked_for_at_the_least_microversion(self, clients, apis, act, body, version):
        apis.answer("POST", f"{SERVER}/action", apis.say(202, None, request_id("req-1")))
        assert act(clients) == "req-1"
        (request,) = apis.asked("POST .*")
        assert (request.body, asked_at(request)) == (body, version)

    @pytest.mark.parametrize(
        ("act", "needs"),
        [
            (lambda c: c.server_actions.migrate("web-id", ColdMigration(host="beta")), "2.56"),
            (lambda c: c.server_actions.unshelve("web-id", Unshelving(host="beta")), "2.91"),
            (lambda c: c.server_actions.evacuate("web-id", Evacuation(microversion="2.95")), "2.95"),
        ],
    )
    def test_that_need_a_newer_nova_are_unverified(self, clients, apis, act, needs):
        apis.versions("compute", "2.1", "2.53")
        with pytest.raises(Unverified, match=f"needs compute API {needs}".replace(".", r"\.")):
            act(clients)
        assert apis.asked("POST .*") == []

    def test_that_are_the_same_done_twice_may_be(self, clients, apis):
        apis.answer("POST", f"{SERVER}/action", apis.say(503), apis.say(202))
        clients.server_actions.reset_state("web-id", "error")
        assert_that(apis.asked("POST .*"), has_length(2))


class TestWhatWasDone:
    @pytest.mark.parametrize(("most", "version"), [("2.104", "2.84"), ("2.70", "2.62"), ("2.53", "2.51")])
    def test_is_told_as_fully_as_the_cloud_can(self, clients, apis, most, version):
        apis.versions("compute", "2.1", most)
        events = [{"event": "compute_confirm_resize", "start_time": "1", "finish_time": "2", "result": "Success"}]
        body = {"action": "confirmResize", "request_id": "req-1", "message": None, "events": events}
        apis.answer("GET", f"{ACTIONS}/req-1", apis.say(200, {"instanceAction": body}))
        action = clients.instance_actions.get("web-id", "req-1")
        assert_that(action.event("compute_confirm_resize"), has_properties(result="Success", finish="2"))
        assert asked_at(apis.asked("GET .*/req-1")[0]) == version

    def test_is_none_before_nova_has_recorded_it(self, clients):
        assert clients.instance_actions.find("web-id", "req-1") is None

    def test_is_known_of_a_deleted_server(self, clients, apis):
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("delete", "req-1"))))
        assert [action.action for action in clients.instance_actions.all("web-id")] == ["delete"]
        assert asked_at(apis.asked(f"GET {ACTIONS}")[0]) == "2.21"

    def test_nova_remembers_servers_that_it_has_deleted(self, clients, apis):
        assert clients.instance_actions.remembers("web-id") is False
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("delete", "req-1"))))
        assert clients.instance_actions.remembers("web-id") is True

    def test_migrations_that_have_changed_lately_are_listed(self, clients, apis):
        apis.answer("GET", f"{NOVA}/os-migrations", apis.say(200, {"migrations": []}))
        clients.migrations.all(changed_since=datetime(2026, 11, 29, tzinfo=UTC))
        (request,) = apis.asked("GET .*/os-migrations.*")
        assert "changes-since=2026-11-29T00%3A00%3A00%2B00%3A00" in request.path

    def test_migrations_are_listed_to_the_last_page(self, clients, apis):
        first = {"id": 2, "uuid": "m-2", "status": "finished", "instance_uuid": "web-id"}
        second = {"id": 1, "uuid": "m-1", "status": "confirmed", "instance_uuid": "web-id"}
        base = f"{NOVA}/os-migrations?instance_uuid=web-id&limit=200"
        apis.answer("GET", base, apis.say(200, {"migrations": [first], "migrations_links": [{"rel": "next"}]}))
        apis.answer("GET", f"{base.replace('200', '400')}&marker=m-2", apis.say(200, {"migrations": [second]}))
        found = clients.migrations.all(server_id="web-id")
        assert [migration.uuid for migration in found] == ["m-2", "m-1"]
        assert asked_at(apis.asked("GET .*/os-migrations.*")[0]) == "2.59"

    def test_migrations_of_an_older_cloud_have_no_uuid_and_are_put_in_order(self, clients, apis):
        apis.versions("compute", "2.1", "2.58")
        listed = [{"id": number, "status": "confirmed", "migration_type": "resize"} for number in (1, 3, 2)]
        apis.answer("GET", f"{NOVA}/os-migrations?host=alpha", apis.say(200, {"migrations": listed}))
        found = clients.migrations.all(host="alpha")
        assert [(migration.id, migration.uuid, migration.type) for migration in found] == [
            (3, None, "resize"),
            (2, None, "resize"),
            (1, None, "resize"),
        ]
        assert asked_at(apis.asked("GET .*/os-migrations.*")[0]) == "2.23"

    @pytest.mark.parametrize(("status", "explains"), [("running", False), ("finished", False), ("completed", True)])
    def test_migrations_of_an_older_cloud_explain_no_consumer(self, clients, apis, status, explains):
        apis.versions("compute", "2.1", "2.58")
        apis.answer("GET", f"{NOVA}/os-migrations", apis.say(200, {"migrations": [{"id": 1, "status": status}]}))
        if explains:
            assert_that(clients.migrations.all(as_consumers=True), has_length(1))
        else:
            with pytest.raises(Unverified, match=r"the uuid of a migration needs compute API 2\.59"):
                clients.migrations.all(as_consumers=True)

    def test_live_migrations_of_an_older_cloud_can_be_ended_too(self, clients, apis):
        apis.versions("compute", "2.1", "2.58")
        apis.answer("GET", f"{SERVER}/migrations", apis.say(200, {"migrations": [{"id": 7, "status": "running"}]}))
        apis.answer("DELETE", f"{SERVER}/migrations/7", apis.say(202))
        (migration,) = clients.migrations.live("web-id")
        clients.migrations.abort("web-id", migration.id)
        assert [asked_at(request) for request in apis.asked(".*/migrations.*")] == ["2.23", "2.24"]

    def test_live_migrations_in_progress_can_be_ended(self, clients, apis):
        running = {"id": 7, "uuid": "m-7", "status": "running", "server_uuid": "web-id"}
        apis.answer("GET", f"{SERVER}/migrations", apis.say(200, {"migrations": [running]}))
        apis.answer("DELETE", f"{SERVER}/migrations/7", apis.say(202))
        apis.answer("POST", f"{SERVER}/migrations/7/action", apis.say(202))
        (migration,) = clients.migrations.live("web-id")
        assert isinstance(migration, Migration)
        clients.migrations.abort("web-id", migration.id)
        clients.migrations.force_complete("web-id", migration.id)
        abort, force = apis.asked("(DELETE|POST) .*migrations/7.*")
        assert (asked_at(abort), asked_at(force)) == ("2.65", "2.22")
        assert force.body == {"force_complete": None}

    @pytest.mark.parametrize("status", [400, 404, 409])
    @pytest.mark.parametrize(("method", "path"), [("DELETE", "/7"), ("POST", "/7/action")])
    def test_that_have_ended_when_told_again_have_obeyed(self, clients, apis, method, path, status):
        apis.answer(method, f"{NOVA}/servers/web-id/migrations{path}", apis.say(504), apis.say(status))
        tell = clients.migrations.abort if method == "DELETE" else clients.migrations.force_complete
        tell("web-id", 7)
        assert len(apis.asked(f"{method} .*migrations.*")) == 2

    @pytest.mark.parametrize(("method", "path"), [("DELETE", "/7"), ("POST", "/7/action")])
    def test_that_do_not_run_refuse(self, clients, apis, method, path):
        apis.answer(method, f"{NOVA}/servers/web-id/migrations{path}", apis.say(400))
        tell = clients.migrations.abort if method == "DELETE" else clients.migrations.force_complete
        with pytest.raises(ApiError):
            tell("web-id", 7)


def test_what_is_sent_is_plain_json(clients, apis):
    """Mappings that are no dictionaries (of frozen values) reach the API all the same."""
    apis.answer("POST", f"{NOVA}/flavors", apis.say(200, {"flavor": {}}))
    apis.answer("POST", f"{NOVA}/flavors/x/os-extra_specs", apis.say(200))
    clients.flavors.create(Flavor("small", 1, 512, 1, extra_specs={"hw:x": "y"}, id="x"))
    assert_that(json.dumps(apis.asked("POST .*specs")[0].body), not_(contains_string("proxy")))
