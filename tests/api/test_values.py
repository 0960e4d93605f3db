"""Values from answers old and new: a field a version does not have is None, never an error."""

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.flavors import flavor_from_json
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.compute.instance_actions import Action, Event
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.images import Image
from stocktake.support.api.microversions import Microversion, VersionRange
from stocktake.support.api.placement.values import Inventory, ProviderInventories
from stocktake.support.api.volumes import Volume

OLD_SERVER = {
    "id": "web-id",
    "name": "web",
    "status": "ACTIVE",
    "flavor": {"id": "f-1", "links": []},
    "image": {"id": "i-1", "links": []},
    "OS-EXT-STS:task_state": None,
    "OS-EXT-STS:vm_state": "active",
    "OS-EXT-AZ:availability_zone": "",
    "OS-EXT-SRV-ATTR:host": None,
    "os-extended-volumes:volumes_attached": [{"id": "v-1"}],
    "metadata": {"a": "b"},
}
NEW_SERVER = {
    **OLD_SERVER,
    "status": "ERROR",
    "image": "",
    "locked": False,
    "description": "d",
    "OS-EXT-SRV-ATTR:host": "alpha",
    "flavor": {
        "original_name": "small",
        "vcpus": 1,
        "ram": 512,
        "disk": 1,
        "ephemeral": 2,
        "swap": 64,
        "extra_specs": {"hw:x": "y"},
    },
    "fault": {"code": 500, "created": "2026", "message": "No valid host", "details": "Traceback …"},
}


class TestServer:
    def test_of_an_old_api_knows_its_flavor_by_id_only(self):
        server = Server.from_json(OLD_SERVER)
        assert (server.flavor, server.flavor_id, server.image_id) == (None, "f-1", "i-1")
        assert (server.host, server.availability_zone, server.locked, server.fault) == (None, None, None, None)
        assert server.volumes == ("v-1",)
        assert not server.volume_backed

    def test_of_a_new_api_carries_its_flavor(self):
        server = Server.from_json(NEW_SERVER)
        assert server.flavor == Flavor("small", 1, 512, 1, ephemeral=2, swap=64, extra_specs={"hw:x": "y"})
        assert server.volume_backed
        assert (server.host, server.locked, server.description) == ("alpha", False, "d")

    def test_says_what_it_is_in_one_line(self):
        assert str(Server.from_json(NEW_SERVER)) == "ERROR on alpha: No valid host"
        assert str(Server("1", "web", "RESIZE", task_state="resize_prep", host="a")) == "RESIZE, resize_prep on a"
        assert "Traceback" not in repr(Server.from_json(NEW_SERVER))

    def test_of_the_least_fields(self):
        assert Server.from_json({"id": "1"}).status == "UNKNOWN"


class TestFlavor:
    def test_of_the_flavors_api(self):
        body = {"id": "1", "name": "n", "vcpus": 1, "ram": 2, "disk": 3, "OS-FLV-EXT-DATA:ephemeral": 4, "swap": ""}
        assert flavor_from_json(body) == Flavor("n", 1, 2, 3, ephemeral=4, swap=0, id="1")
        assert flavor_from_json({**body, "swap": 5}).swap == 5


EVENTS = [
    {"event": "conductor", "start_time": "1", "finish_time": "3", "result": "Success", "traceback": None},
    {"event": "compute", "start_time": "2", "finish_time": None, "result": None},
    {"event": "compute", "start_time": "4", "finish_time": "5", "result": "Error", "host": "b", "details": "full"},
]


class TestAction:
    def test_finds_its_latest_event(self):
        action = Action.from_json({"action": "resize", "request_id": "r", "events": EVENTS})
        assert action.event("compute") == Event("compute", "4", "5", "Error", details="full", host="b")
        assert action.event("other") is None
        assert str(action) == "resize: conductor Success; compute running; compute on b Error: full"

    def test_failed_if_nova_or_an_event_says_so(self):
        base = {"action": "resize", "request_id": "r"}
        assert not Action.from_json(base).failed
        assert Action.from_json({**base, "message": "Error"}).failed
        assert Action.from_json({**base, "events": EVENTS}).failed
        assert str(Action.from_json({**base, "message": "Error"})) == "resize (Error): no events"


def test_migration_of_either_list():
    listed = Migration.from_json(
        {"id": 1, "uuid": "m", "status": "done", "instance_uuid": "w", "migration_type": "evacuation"}
    )
    running = Migration.from_json(
        {"id": 1, "status": None, "server_uuid": "w", "source_compute": "a", "dest_compute": "b"}
    )
    assert (listed.server, listed.type, listed.uuid) == ("w", "evacuation", "m")
    assert (running.server, running.uuid, str(running)) == ("w", None, "migration unknown, a to b")


def test_service_in_a_sentence():
    body = {"id": 3, "host": "a", "binary": "nova-compute", "state": "down", "status": "disabled"}
    service = ComputeService.from_json({**body, "forced_down": True, "disabled_reason": "why"})
    assert (service.id, service.up, service.enabled) == ("3", False, False)
    assert str(service) == "nova-compute on a: down, disabled, forced down (why)"


def test_hypervisor_without_figures():
    node = Hypervisor.from_json({"id": "n", "hypervisor_hostname": "a", "servers": [{"uuid": "s", "name": "x"}]})
    assert (node.host, node.vcpus_used, node.servers) == (None, None, ("s",))


def test_image_properties_are_what_glance_does_not_define():
    image = Image.from_json(
        {
            "id": "i",
            "name": None,
            "status": "active",
            "tags": ["t"],
            "owner": "p",
            "file": "/v2",
            "trait:CUSTOM_X": "required",
            "os_hash_value": "h",
            "hw_numa_nodes": "2",
        }
    )
    assert image.properties == {"trait:CUSTOM_X": "required", "hw_numa_nodes": "2"}
    assert (image.name, image.tags, image.min_disk) == ("", ("t",), 0)


def test_volume():
    assert Volume.from_json({"id": "v", "name": None, "status": "available", "size": 1, "bootable": "true"}).bootable


def test_inventory_capacity_is_in_whole_units():
    assert Inventory(total=10, reserved=1, allocation_ratio=1.5).capacity == 13
    assert Inventory.from_json({"total": 4, "resource_provider_generation": 1}) == Inventory(4)
    assert Inventory(4).as_json() == {
        "total": 4,
        "reserved": 0,
        "min_unit": 1,
        "max_unit": 2147483647,
        "step_size": 1,
        "allocation_ratio": 1.0,
    }


def test_microversions_compare_as_numbers():
    offered = VersionRange(Microversion.parse("2.1"), Microversion.parse("2.10"))
    assert Microversion(2, 9) in offered
    assert Microversion(2, 11) not in offered
    assert "2.9" not in offered
    assert str(offered) == "2.1 to 2.10"


def test_resources_are_what_capacity_is_told_in():
    assert ProviderInventories(1, {"VCPU": Inventory(2, allocation_ratio=4)}).capacity == Resources(VCPU=8)
