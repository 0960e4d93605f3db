"""A real lab with Cinder and Cyborg."""

import os
from collections.abc import Iterator

import pytest
from hamcrest import equal_to
from stocktake.support import lab
from stocktake.support.lab.client import Lab
from stocktake.support.lab.shape import Shape
from stocktake.support.waiting import eventually

from tests.lab.lab_cloud import SECONDS, Cloud

pytestmark = pytest.mark.lab


@pytest.fixture(scope="session")
def served() -> Iterator[Lab]:
    a_lab = lab.start(hosts=2, owner=os.getpid(), shape=Shape(services=("cinder", "cyborg")))
    yield a_lab
    a_lab.stop()


@pytest.fixture(scope="session")
def cloud(served: Lab) -> Cloud:
    return Cloud(served)


@pytest.fixture(scope="session")
def flavors(cloud: Cloud) -> tuple[str]:
    flavor = {"name": "small", "vcpus": 1, "ram": 512, "disk": 1}
    return (str(cloud.compute("POST", "/flavors", {"flavor": flavor}).json()["flavor"]["id"]),)


def test_cinder_has_a_scheduler_and_a_volume_service(cloud: Cloud):
    services = cloud.volume("GET", "/os-services").json()["services"]

    assert {(one["binary"], one["state"]) for one in services} == {("cinder-scheduler", "up"), ("cinder-volume", "up")}
    backends = {one["host"].partition("@")[2] for one in services if one["binary"] == "cinder-volume"}
    assert backends == {"lab", "other"}


def test_a_volume_is_made_attached_and_detached(cloud: Cloud, boot):
    made = cloud.volume("POST", "/volumes", {"volume": {"name": "data", "size": 1}}).json()["volume"]["id"]
    await_volume(cloud, made, "available")
    server = boot()
    host = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]

    path = f"/servers/{server}/os-volume_attachments"
    cloud.compute("POST", path, {"volumeAttachment": {"volumeId": made}})
    await_volume(cloud, made, "in-use")
    (attachment,) = cloud.volume("GET", f"/volumes/{made}").json()["volume"]["attachments"]
    assert (attachment["server_id"], attachment["host_name"]) == (server, host)

    cloud.compute("DELETE", f"{path}/{made}")
    await_volume(cloud, made, "available")
    assert cloud.volume("DELETE", f"/volumes/{made}").status_code == 202


def test_every_host_has_accelerators_the_added_one_too(cloud: Cloud, add_host):
    added = add_host("LabDriver")
    listed = cloud.placement("/resource_providers")["resource_providers"]
    accelerators = {one["name"].removesuffix("_FakeDevice"): one["uuid"] for one in listed if "_Fake" in one["name"]}

    for host in ("host1", "host2", added):
        inventories = cloud.placement(f"/resource_providers/{accelerators[host]}/inventories")["inventories"]
        assert inventories["FPGA"]["total"] == 16


def test_a_fault_strikes_the_service_that_it_is_for(cloud: Cloud):
    cloud.told(
        "PUT", "/faults/cinder", {"method": "GET", "path_regex": "/types", "status": 503, "detail": "on purpose"}
    )

    struck = cloud.volume("GET", "/types")

    assert (struck.status_code, struck.json()["message"]) == (503, "on purpose")
    assert cloud.told("DELETE", "/faults/cinder")["seen"] == 1
    assert cloud.volume("GET", "/types").status_code == 200


def await_volume(cloud: Cloud, volume: str, status: str) -> None:
    eventually(
        lambda: cloud.volume("GET", f"/volumes/{volume}").json()["volume"]["status"],
        equal_to(status),
        within=SECONDS,
        what=f"the volume to be {status}",
    )
