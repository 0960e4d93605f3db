"""The Compute client: what it asks at which microversion, and that nothing is done twice.

Against doubles that answer in Nova's shapes; the features themselves prove it against Nova.
"""

import json

import pytest
from hamcrest import assert_that, contains_exactly, contains_string, has_entries, has_length, has_properties, not_
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.compute import Accepted, Compute, new_root_volume, root_volume
from stocktake.support.api.replies import ApiError, LostAnswer
from stocktake.support.api.values import Migration
from stocktake.support.errors import CloudError, Unverified

NOVA = "/compute/v2.1"
SERVER = f"{NOVA}/servers/web-id"
ACTIONS = f"{SERVER}/os-instance-actions"
UP = {"id": "s-1", "host": "alpha", "binary": "nova-compute", "state": "up", "status": "enabled"}
NODE = {"id": "n-1", "hypervisor_hostname": "alpha.example", "service": {"host": "alpha"}, "vcpus_used": 3}


@pytest.fixture
def compute(session):
    return Compute(session)


def asked_at(request):
    """The microversion of a request, None for the least."""
    return request.headers.get("OpenStack-API-Version", "compute ").removeprefix("compute ") or None


def server(name="web", **more):
    return {"id": f"{name}-id", "name": name, "status": "ACTIVE", **more}


def recorded(*actions):
    """A server's list of actions: ("resize", "req-1") …"""
    return {"instanceActions": [{"action": name, "request_id": request, "message": None} for name, request in actions]}


def request_id(text):
    return {"x-openstack-request-id": text}


class TestBooting:
    @pytest.fixture
    def boot(self, compute, apis):
        """Boots a server with these options and returns the request."""

        def booted(*args, **options):
            apis.answer("POST", f"{NOVA}/servers", apis.say(202, {"server": {"id": "web-id"}}, request_id("req-1")))
            assert compute.create_server("web", "a-flavor", *args, **options) == Accepted("web-id", "req-1")
            return apis.asked("POST .*/servers")[-1]

        return booted

    def test_asks_for_no_network_unless_told(self, boot):
        request = boot(image_id="an-image")
        wanted = {"name": "web", "flavorRef": "a-flavor", "imageRef": "an-image", "networks": "none"}
        assert (asked_at(request), request.body) == ("2.37", {"server": wanted})

    @pytest.mark.parametrize(("told", "sent"), [("auto", "auto"), ("a-network", [{"uuid": "a-network"}])])
    def test_names_a_network(self, boot, told, sent):
        assert boot(networks=told).body["server"]["networks"] == sent

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

    def test_carries_zone_metadata_and_further_fields(self, boot):
        body = boot(zone="az1", metadata={"a": "b"}, extra={"description": "x"}).body["server"]
        assert_that(body, has_entries(availability_zone="az1", metadata={"a": "b"}, description="x"))

    def test_from_a_volume(self, boot):
        request = boot(block_devices=[root_volume("a-volume")])
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

    def test_from_a_new_volume_of_a_type(self, boot):
        request = boot(block_devices=[new_root_volume("an-image", 3, volume_type="fast")])
        assert asked_at(request) == "2.67"
        (device,) = request.body["server"]["block_device_mapping_v2"]
        assert_that(device, has_entries(source_type="image", volume_size=3, volume_type="fast"))
        assert asked_at(boot(block_devices=[new_root_volume("an-image", 3)])) == "2.37"

    def test_needs_an_api_that_can_do_without_networks(self, compute, apis):
        apis.versions("compute", "2.1", "2.30")
        with pytest.raises(Unverified, match=r"without a network needs compute API 2\.37"):
            compute.create_server("web", "a-flavor")

    def test_is_refused_in_novas_words(self, compute, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(400, {"badRequest": {"message": "Can not find image"}}))
        with pytest.raises(ApiError, match="Can not find image"):
            compute.create_server("web", "a-flavor")

    def test_of_several_returns_their_reservation(self, compute, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(202, {"reservation_id": "r-1"}))
        assert compute.create_servers("web", "a-flavor", 3, image_id="i", metadata={"a": "b"}) == "r-1"
        (request,) = apis.asked("POST .*")
        wanted = {"min_count": 3, "max_count": 3, "return_reservation_id": True, "metadata": {"a": "b"}}
        assert_that(request.body["server"], has_entries(wanted))


class TestBootingWhenTheAnswerIsLost:
    def test_finds_the_server_by_its_name(self, compute, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(fault="reset"))
        listed = [server("other"), server("web")]  # should a database not know regular expressions
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": listed}))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("resize", "req-2"), ("create", "req-1"))))
        assert compute.create_server("web", "a-flavor") == Accepted("web-id", "req-1")
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_waits_for_a_server_that_is_late(self, compute, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(504))
        none_yet = apis.say(200, {"servers": []})
        apis.answer("GET", f"{NOVA}/servers/detail", none_yet, none_yet, apis.say(200, {"servers": [server()]}))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("create", "req-1"))))
        assert compute.create_server("web", "a-flavor").id == "web-id"
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_waits_for_its_creation_to_be_recorded(self, compute, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(502))
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": [server()]}))
        none_yet, then = apis.say(200, recorded()), apis.say(200, recorded(("create", "req-1")))
        apis.answer("GET", ACTIONS, none_yet, none_yet, then)
        assert compute.create_server("web", "a-flavor") == Accepted("web-id", "req-1")

    def test_does_without_a_record_that_never_comes(self, compute, apis, fake_clock):
        apis.answer("POST", f"{NOVA}/servers", apis.say(502))
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": [server()]}))
        apis.answer("GET", ACTIONS, apis.say(200, recorded()))
        assert compute.create_server("web", "a-flavor") == Accepted("web-id", None)
        assert fake_clock.waited < 20

    def test_asks_again_if_there_is_none(self, compute, apis):
        there = apis.say(202, {"server": {"id": "web-id"}}, request_id("req-2"))
        apis.answer("POST", f"{NOVA}/servers", apis.say(502), there)
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": []}))
        assert compute.create_server("web", "a-flavor") == Accepted("web-id", "req-2")

    def test_asks_for_the_name_as_it_is(self, compute, apis):
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": []}))
        assert compute.find_servers("we.b+") == []
        (request,) = apis.asked("GET .*detail.*")
        assert_that(request.path, contains_string("name=%5Ewe%5C.b%5C%2B%24"))

    def test_finds_the_reservation_of_several(self, compute, apis):
        apis.answer("POST", f"{NOVA}/servers", apis.say(fault="reset"))
        listed = [server("web-2", **{"OS-EXT-SRV-ATTR:reservation_id": "r-1"})]
        apis.answer("GET", f"{NOVA}/servers/detail", apis.say(200, {"servers": listed}))
        assert compute.create_servers("web", "a-flavor", 2) == "r-1"


class TestServers:
    def test_are_read_with_their_flavor(self, compute, apis):
        apis.answer("GET", SERVER, apis.say(200, {"server": server(status="SHUTOFF")}))
        assert_that(compute.get_server("web-id"), has_properties(id="web-id", status="SHUTOFF"))
        assert asked_at(apis.asked(f"GET {SERVER}")[0]) == "2.47"

    def test_that_are_gone_are_none(self, compute, apis):
        assert compute.find_server("web-id") is None
        with pytest.raises(ApiError):
            compute.get_server("web-id")
        apis.answer("GET", SERVER, apis.say(403, {"forbidden": {"message": "no"}}))
        with pytest.raises(ApiError, match="answered 403"):
            compute.find_server("web-id")

    def test_are_listed_to_the_last_page(self, compute, apis):
        more = [{"rel": "next", "href": "…"}]
        base = f"{NOVA}/servers/detail?host=alpha&all_tenants=1&deleted=true&limit=1000"
        apis.answer("GET", base, apis.say(200, {"servers": [server("a"), server("b")], "servers_links": more}))
        apis.answer("GET", f"{base}&marker=b-id", apis.say(200, {"servers": [server("c")]}))
        listed = compute.servers(host="alpha", all_projects=True, deleted=True)
        assert [one.name for one in listed] == ["a", "b", "c"]

    def test_are_deleted(self, compute, apis):
        apis.answer("DELETE", SERVER, apis.say(204, None, request_id("req-1")))
        assert compute.delete_server("web-id") == "req-1"
        apis.answer("DELETE", SERVER, apis.say(502), apis.say(404, {}))
        assert compute.delete_server("web-id") is None
        apis.answer("DELETE", SERVER, apis.say(404, {}))
        with pytest.raises(ApiError, match="404"):
            compute.delete_server("web-id")

    def test_are_not_taken_for_deleted_by_who_is_not_shown_them(self, compute, apis):
        apis.answer("DELETE", SERVER, apis.say(502), apis.say(404, {}))
        with pytest.raises(ApiError, match="404"):
            compute.delete_server("web-id", known=False)

    def test_are_deleted_once_where_the_answer_was_lost(self, compute, apis):
        """Nova never ends a soft deletion that another one meets halfway."""
        apis.answer("DELETE", SERVER, apis.say(fault="reset"))
        actions = [{"action": "delete", "request_id": "req-7", "start_time": "2026-01-01T00:00:00.000000"}]
        apis.answer("GET", f"{SERVER}/os-instance-actions", apis.say(200, {"instanceActions": actions}))
        assert compute.delete_server("web-id") == "req-7"
        assert_that(apis.asked("DELETE .*"), has_length(1))

    @pytest.mark.parametrize("status", [409, 500])
    def test_are_declared_broken_when_they_cannot_be_deleted_as_they_are(self, compute, apis, status):
        """A host may fail to confirm the undecided move that Nova ends before a deletion."""
        refused, done = apis.say(status, {}), apis.say(202, None, request_id("req-2"))
        apis.answer("POST", f"{SERVER}/action", refused, apis.say(202), done)
        assert compute.delete_whatever_it_takes("web-id") == "req-2"
        sent = [request.body for request in apis.asked("POST .*")]
        assert sent == [{"forceDelete": None}, {"os-resetState": {"state": "error"}}, {"forceDelete": None}]

    def test_metadata_may_be_sent_twice(self, compute, apis):
        apis.answer("POST", f"{SERVER}/metadata", apis.say(502), apis.say(200, {}))
        compute.update_metadata("web-id", {"a": "b"})
        assert_that(apis.asked("POST .*"), has_length(2))


class TestActions:
    @pytest.mark.parametrize(
        ("act", "body", "version"),
        [
            (lambda c: c.resize("web-id", "f"), {"resize": {"flavorRef": "f"}}, None),
            (lambda c: c.confirm_resize("web-id"), {"confirmResize": None}, None),
            (lambda c: c.revert_resize("web-id"), {"revertResize": None}, None),
            (lambda c: c.migrate("web-id"), {"migrate": None}, None),
            (lambda c: c.migrate("web-id", host="beta"), {"migrate": {"host": "beta"}}, "2.56"),
            (lambda c: c.live_migrate("web-id"), {"os-migrateLive": {"host": None, "block_migration": "auto"}}, "2.34"),
            (
                lambda c: c.live_migrate("web-id", host="beta", force=True),
                {"os-migrateLive": {"host": "beta", "block_migration": "auto", "force": True}},
                "2.34",
            ),
            (lambda c: c.evacuate("web-id"), {"evacuate": {}}, "2.29"),
            (lambda c: c.evacuate("web-id", host="beta"), {"evacuate": {"host": "beta"}}, "2.29"),
            (
                lambda c: c.evacuate("web-id", host="beta", force=True),
                {"evacuate": {"host": "beta", "force": True}},
                "2.29",
            ),
            (lambda c: c.evacuate("web-id", stopped=True), {"evacuate": {}}, "2.95"),
            (lambda c: c.shelve("web-id"), {"shelve": None}, None),
            (lambda c: c.shelve_offload("web-id"), {"shelveOffload": None}, None),
            (lambda c: c.unshelve("web-id"), {"unshelve": None}, None),
            (lambda c: c.unshelve("web-id", zone="az1"), {"unshelve": {"availability_zone": "az1"}}, "2.77"),
            (lambda c: c.unshelve("web-id", host="beta"), {"unshelve": {"host": "beta"}}, "2.91"),
            (lambda c: c.start("web-id"), {"os-start": None}, None),
            (lambda c: c.stop("web-id"), {"os-stop": None}, None),
            (lambda c: c.reboot("web-id"), {"reboot": {"type": "HARD"}}, None),
            (lambda c: c.pause("web-id"), {"pause": None}, None),
            (lambda c: c.suspend("web-id"), {"suspend": None}, None),
            (lambda c: c.rescue("web-id"), {"rescue": None}, None),
            (lambda c: c.rebuild("web-id", "i"), {"rebuild": {"imageRef": "i"}}, None),
            (lambda c: c.force_delete("web-id"), {"forceDelete": None}, None),
            (lambda c: c.restore("web-id"), {"restore": None}, None),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
    )
    def test_are_asked_for_at_the_least_microversion(self, compute, apis, act, body, version):
        apis.answer("POST", f"{SERVER}/action", apis.say(202, None, request_id("req-1")))
        assert act(compute) == "req-1"
        (request,) = apis.asked("POST .*")
        assert (request.body, asked_at(request)) == (body, version)

    @pytest.mark.parametrize(
        ("act", "needs"),
        [
            (lambda c: c.migrate("web-id", host="beta"), "2.56"),
            (lambda c: c.unshelve("web-id", zone="az1"), "2.77"),
            (lambda c: c.unshelve("web-id", host="beta"), "2.91"),
            (lambda c: c.evacuate("web-id", stopped=True), "2.95"),
        ],
    )
    def test_that_need_a_newer_nova_are_unverified(self, compute, apis, act, needs):
        apis.versions("compute", "2.1", "2.53")
        with pytest.raises(Unverified, match=f"needs compute API {needs}".replace(".", r"\.")):
            act(compute)
        assert apis.asked("POST .*") == []

    def test_that_are_the_same_done_twice_may_be(self, compute, apis):
        apis.answer("POST", f"{SERVER}/action", apis.say(503), apis.say(202))
        compute.reset_state("web-id", "error")
        assert_that(apis.asked("POST .*"), has_length(2))


class TestActionsWhoseAnswerIsLost:
    def test_are_found_in_the_servers_record(self, compute, apis):
        apis.answer("POST", f"{SERVER}/action", apis.say(202, None, request_id("req-1")), apis.say(fault="reset"))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("resize", "req-2"), ("resize", "req-1"))))
        assert compute.resize("web-id", "a") == "req-1"
        assert compute.resize("web-id", "b") == "req-2"
        assert_that(apis.asked("POST .*"), has_length(2))

    def test_are_sent_again_when_the_record_has_only_what_was_answered(self, compute, apis):
        lost, answered = apis.say(504), [apis.say(202, None, request_id(f"req-{n}")) for n in (1, 2)]
        apis.answer("POST", f"{SERVER}/action", answered[0], lost, answered[1])
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("create", "req-0"), ("resize", "req-1"))))
        assert [compute.resize("web-id", "a"), compute.resize("web-id", "b")] == ["req-1", "req-2"]

    def test_are_not_sent_again_when_only_the_body_was_lost(self, compute, apis):
        cut = apis.say(202, {"server": server()}, request_id("req-1"), fault="cut")
        apis.answer("POST", f"{SERVER}/action", cut)
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("rebuild", "req-1"))))
        assert compute.rebuild("web-id", "an-image") == "req-1"
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_are_known_under_the_name_nova_records_them(self, compute, apis):
        apis.answer("POST", f"{SERVER}/action", apis.say(502))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("live-migration", "req-1"), ("stop", "req-2"))))
        assert compute.live_migrate("web-id") == "req-1"
        assert compute.stop("web-id") == "req-2"

    def test_found_once_are_not_found_again(self, open_session, apis):
        compute = Compute(open_session(stocktake={"patience": {"api": 5}}))
        apis.answer("POST", f"{SERVER}/action", apis.say(502))
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("reboot", "req-1"))))
        assert compute.reboot("web-id") == "req-1"
        with pytest.raises(LostAnswer):
            compute.reboot("web-id")


class TestWhatWasDone:
    @pytest.mark.parametrize(("most", "version"), [("2.104", "2.84"), ("2.70", "2.62"), ("2.53", "2.51")])
    def test_is_told_as_fully_as_the_cloud_can(self, compute, apis, most, version):
        apis.versions("compute", "2.1", most)
        events = [{"event": "compute_confirm_resize", "start_time": "1", "finish_time": "2", "result": "Success"}]
        body = {"action": "confirmResize", "request_id": "req-1", "message": None, "events": events}
        apis.answer("GET", f"{ACTIONS}/req-1", apis.say(200, {"instanceAction": body}))
        action = compute.action("web-id", "req-1")
        assert_that(action.event("compute_confirm_resize"), has_properties(result="Success", finish="2"))
        assert asked_at(apis.asked("GET .*/req-1")[0]) == version

    def test_is_none_before_nova_has_recorded_it(self, compute):
        assert compute.find_action("web-id", "req-1") is None

    def test_is_known_of_a_deleted_server(self, compute, apis):
        apis.answer("GET", ACTIONS, apis.say(200, recorded(("delete", "req-1"))))
        assert [action.action for action in compute.actions("web-id")] == ["delete"]
        assert asked_at(apis.asked(f"GET {ACTIONS}")[0]) == "2.21"

    def test_migrations_are_listed_to_the_last_page(self, compute, apis):
        first = {"id": 2, "uuid": "m-2", "status": "finished", "instance_uuid": "web-id"}
        second = {"id": 1, "uuid": "m-1", "status": "confirmed", "instance_uuid": "web-id"}
        base = f"{NOVA}/os-migrations?instance_uuid=web-id&limit=1000"
        apis.answer("GET", base, apis.say(200, {"migrations": [first], "migrations_links": [{"rel": "next"}]}))
        apis.answer("GET", f"{base}&marker=m-2", apis.say(200, {"migrations": [second]}))
        found = compute.migrations(server_id="web-id")
        assert [migration.uuid for migration in found] == ["m-2", "m-1"]
        assert asked_at(apis.asked("GET .*/os-migrations.*")[0]) == "2.59"

    def test_migrations_of_an_older_cloud_have_no_uuid_and_are_put_in_order(self, compute, apis):
        apis.versions("compute", "2.1", "2.58")
        listed = [{"id": number, "status": "confirmed", "migration_type": "resize"} for number in (1, 3, 2)]
        apis.answer("GET", f"{NOVA}/os-migrations?host=alpha", apis.say(200, {"migrations": listed}))
        found = compute.migrations(host="alpha")
        assert [(migration.id, migration.uuid, migration.type) for migration in found] == [
            (3, None, "resize"),
            (2, None, "resize"),
            (1, None, "resize"),
        ]
        assert asked_at(apis.asked("GET .*/os-migrations.*")[0]) == "2.23"

    @pytest.mark.parametrize(("status", "explains"), [("running", False), ("finished", False), ("completed", True)])
    def test_migrations_of_an_older_cloud_explain_no_consumer(self, compute, apis, status, explains):
        apis.versions("compute", "2.1", "2.58")
        apis.answer("GET", f"{NOVA}/os-migrations", apis.say(200, {"migrations": [{"id": 1, "status": status}]}))
        if explains:
            assert_that(compute.migrations(as_consumers=True), has_length(1))
        else:
            with pytest.raises(Unverified, match=r"the uuid of a migration needs compute API 2\.59"):
                compute.migrations(as_consumers=True)

    def test_live_migrations_of_an_older_cloud_can_be_ended_too(self, compute, apis):
        apis.versions("compute", "2.1", "2.58")
        apis.answer("GET", f"{SERVER}/migrations", apis.say(200, {"migrations": [{"id": 7, "status": "running"}]}))
        apis.answer("DELETE", f"{SERVER}/migrations/7", apis.say(202))
        (migration,) = compute.live_migrations("web-id")
        compute.abort_live_migration("web-id", migration.id)
        assert [asked_at(request) for request in apis.asked(".*/migrations.*")] == ["2.23", "2.24"]

    def test_live_migrations_in_progress_can_be_ended(self, compute, apis):
        running = {"id": 7, "uuid": "m-7", "status": "running", "server_uuid": "web-id"}
        apis.answer("GET", f"{SERVER}/migrations", apis.say(200, {"migrations": [running]}))
        apis.answer("DELETE", f"{SERVER}/migrations/7", apis.say(202))
        apis.answer("POST", f"{SERVER}/migrations/7/action", apis.say(202))
        (migration,) = compute.live_migrations("web-id")
        assert isinstance(migration, Migration)
        compute.abort_live_migration("web-id", migration.id)
        compute.force_complete("web-id", migration.id)
        abort, force = apis.asked("(DELETE|POST) .*migrations/7.*")
        assert (asked_at(abort), asked_at(force)) == ("2.65", "2.22")
        assert force.body == {"force_complete": None}

    @pytest.mark.parametrize("status", [400, 404, 409])
    @pytest.mark.parametrize(("method", "path"), [("DELETE", "/7"), ("POST", "/7/action")])
    def test_that_have_ended_when_told_again_have_obeyed(self, compute, apis, method, path, status):
        apis.answer(method, f"{NOVA}/servers/web-id/migrations{path}", apis.say(504), apis.say(status))
        tell = compute.abort_live_migration if method == "DELETE" else compute.force_complete
        tell("web-id", 7)
        assert len(apis.asked(f"{method} .*migrations.*")) == 2

    @pytest.mark.parametrize(("method", "path"), [("DELETE", "/7"), ("POST", "/7/action")])
    def test_that_do_not_run_refuse(self, compute, apis, method, path):
        apis.answer(method, f"{NOVA}/servers/web-id/migrations{path}", apis.say(400))
        tell = compute.abort_live_migration if method == "DELETE" else compute.force_complete
        with pytest.raises(ApiError):
            tell("web-id", 7)


class TestFlavors:
    def test_are_created_with_an_id_of_our_own(self, compute, apis):
        apis.answer("POST", f"{NOVA}/flavors", apis.say(200, {"flavor": {}}))
        apis.answer("POST", f"{NOVA}/flavors/small-id/os-extra_specs", apis.say(503), apis.say(200))
        made = compute.create_flavor(Flavor("small", 1, 512, 1, 2, 64, {"hw:x": "y"}, id="small-id"))
        assert made == Flavor("small", 1, 512, 1, 2, 64, {"hw:x": "y"}, id="small-id")
        create, specs, _ = apis.asked("POST .*")
        assert create.body == {
            "flavor": {
                "id": "small-id",
                "name": "small",
                "vcpus": 1,
                "ram": 512,
                "disk": 1,
                "OS-FLV-EXT-DATA:ephemeral": 2,
                "swap": 64,
                "os-flavor-access:is_public": True,
            }
        }
        assert specs.body == {"extra_specs": {"hw:x": "y"}}

    def test_get_an_id_if_they_have_none(self, compute, apis):
        apis.answer("POST", f"{NOVA}/flavors", apis.say(200, {"flavor": {}}))
        made = [compute.create_flavor(Flavor("small", 1, 512, 1)).id for _ in range(2)]
        assert len(set(made)) == 2
        assert [request.body["flavor"]["id"] for request in apis.asked("POST .*")] == made

    def test_are_created_once(self, compute, apis):
        apis.answer("POST", f"{NOVA}/flavors", apis.say(fault="reset"))
        apis.answer("GET", f"{NOVA}/flavors/small-id", apis.say(200, {"flavor": {}}))
        compute.create_flavor(Flavor("small", 1, 512, 1, id="small-id"))
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_are_read_in_one_request_or_two(self, compute, apis):
        body = {"id": "s", "name": "small", "vcpus": 1, "ram": 512, "disk": 1, "swap": ""}
        specs = {"extra_specs": {"hw:x": "y"}}
        apis.answer(
            "GET", f"{NOVA}/flavors/s", apis.say(200, {"flavor": {**body, **specs}}), apis.say(200, {"flavor": body})
        )
        new = compute.get_flavor("s")
        compute.session._versions.clear()
        apis.versions("compute", "2.1", "2.60")
        apis.answer("GET", f"{NOVA}/flavors/s/os-extra_specs", apis.say(200, specs))
        old = compute.get_flavor("s")
        assert new == old == Flavor("small", 1, 512, 1, extra_specs={"hw:x": "y"}, id="s")
        assert asked_at(apis.asked("GET .*/flavors/s")[0]) == "2.61"

    def test_are_found_by_name_among_all(self, compute, apis):
        listed = [{"id": name, "name": name, "vcpus": 1, "ram": 1, "disk": 1} for name in ("a", "b")]
        apis.answer("GET", f"{NOVA}/flavors/detail?is_public=None&limit=1000", apis.say(200, {"flavors": listed}))
        assert compute.find_flavor("b").id == "b"
        assert compute.find_flavor("c") is None


class TestServices:
    def test_are_found_by_host(self, compute, apis):
        path = f"{NOVA}/os-services?host=alpha&binary=nova-compute"
        apis.answer("GET", path, apis.say(200, {"services": [UP]}))
        assert_that(compute.service("alpha"), has_properties(id="s-1", up=True, enabled=True, forced_down=False))
        assert asked_at(apis.asked("GET .*services.*")[0]) == "2.53"

    def test_of_a_host_that_has_none(self, compute, apis):
        apis.answer("GET", f"{NOVA}/os-services", apis.say(200, {"services": []}))
        with pytest.raises(CloudError, match='cloud "double" has no compute service on host "alpha"'):
            compute.service("alpha")

    @pytest.mark.parametrize(
        ("change", "body"),
        [
            (lambda c: c.enable_service("s-1"), {"status": "enabled"}),
            (lambda c: c.disable_service("s-1", reason="r"), {"status": "disabled", "disabled_reason": "r"}),
            (lambda c: c.force_down("s-1"), {"forced_down": True}),
            (lambda c: c.force_down("s-1", down=False), {"forced_down": False}),
        ],
    )
    def test_are_changed_by_uuid(self, compute, apis, change, body):
        apis.answer("PUT", f"{NOVA}/os-services/s-1", apis.say(200, {"service": UP}))
        assert change(compute).host == "alpha"
        assert apis.asked("PUT .*")[0].body == body

    def test_are_deleted(self, compute, apis):
        apis.answer("DELETE", f"{NOVA}/os-services/s-1", apis.say(204))
        compute.delete_service("s-1")
        assert asked_at(apis.asked("DELETE .*")[0]) == "2.53"


class TestHypervisors:
    def test_are_read_where_the_usage_figures_are(self, compute, apis):
        apis.answer("GET", f"{NOVA}/os-hypervisors/n-1", apis.say(200, {"hypervisor": NODE}))
        assert_that(compute.hypervisor("n-1"), has_properties(host="alpha", vcpus_used=3, memory_mb_used=None))
        assert asked_at(apis.asked("GET .*n-1")[0]) == "2.53"

    def test_of_a_host_are_found_by_their_name(self, compute, apis):
        path = f"{NOVA}/os-hypervisors/detail?hypervisor_hostname_pattern=alpha"
        other = {**NODE, "id": "n-2", "service": {"host": "alpha2"}}
        apis.answer("GET", path, apis.say(200, {"hypervisors": [NODE, other]}))
        assert_that(compute.hypervisors_of("alpha"), contains_exactly(has_properties(id="n-1")))
        assert_that(apis.asked("GET .*detail.*"), has_length(1))

    def test_of_a_host_may_be_named_otherwise(self, compute, apis):
        node = {**NODE, "hypervisor_hostname": "ironic-node"}
        apis.answer("GET", f"{NOVA}/os-hypervisors/detail?limit=1000", apis.say(200, {"hypervisors": [node]}))
        assert_that(compute.hypervisors_of("alpha"), contains_exactly(has_properties(id="n-1")))
        assert compute.hypervisors_of("beta") == []


class TestAggregatesZonesAndQuotas:
    def test_aggregates_are_created_once(self, compute, apis):
        body = {"id": 1, "uuid": "u", "name": "agg", "hosts": [], "metadata": {}}
        apis.answer("POST", f"{NOVA}/os-aggregates", apis.say(fault="reset"))
        apis.answer("GET", f"{NOVA}/os-aggregates", apis.say(200, {"aggregates": [body]}))
        assert_that(compute.create_aggregate("agg"), has_properties(id=1, uuid="u", hosts=()))
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_a_host_is_in_an_aggregate_once(self, compute, apis):
        path = f"{NOVA}/os-aggregates/1/action"
        apis.answer("POST", path, apis.say(502), apis.say(409, {"conflictingRequest": {"message": "is in it"}}))
        compute.add_to_aggregate(1, "alpha")
        with pytest.raises(ApiError, match="is in it"):
            compute.add_to_aggregate(1, "alpha")

    def test_zones_have_hosts(self, compute, apis):
        info = [{"zoneName": "nova", "zoneState": {"available": True}, "hosts": {"alpha": {}, "beta": {}}}]
        apis.answer("GET", f"{NOVA}/os-availability-zone/detail", apis.say(200, {"availabilityZoneInfo": info}))
        assert_that(
            compute.availability_zones(), contains_exactly(has_properties(name="nova", hosts=("alpha", "beta")))
        )

    def test_quotas_are_set(self, compute, apis):
        apis.answer("PUT", f"{NOVA}/os-quota-sets/p", apis.say(200, {}))
        compute.set_quotas("p", cores=-1)
        assert apis.asked("PUT .*")[0].body == {"quota_set": {"force": True, "cores": -1}}
        apis.answer("GET", f"{NOVA}/os-quota-sets/p", apis.say(200, {"quota_set": {"id": "p", "cores": -1}}))
        assert compute.quotas("p") == {"cores": -1}


def test_what_is_sent_is_plain_json(compute, apis):
    """Mappings that are no dictionaries (of frozen values) reach the API all the same."""
    apis.answer("POST", f"{NOVA}/flavors", apis.say(200, {"flavor": {}}))
    apis.answer("POST", f"{NOVA}/flavors/x/os-extra_specs", apis.say(200))
    compute.create_flavor(Flavor("small", 1, 512, 1, extra_specs={"hw:x": "y"}, id="x"))
    assert_that(json.dumps(apis.asked("POST .*specs")[0].body), not_(contains_string("proxy")))
