"""What only a lab can do, over its control endpoint: hosts, drivers, options, faults, logs, volumes."""

import re
from collections.abc import Callable

import pytest
from hamcrest import equal_to, is_not
from stocktake.support.waiting import eventually

from tests.lab.lab_cloud import Cloud, Json


@pytest.mark.parametrize("guests", ["kept", "lost"])
def test_a_host_stops_and_comes_back(cloud: Cloud, boot: Callable[..., str], guests: str):
    server = boot()
    source = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]

    cloud.told("POST", f"/hosts/{source}/stop")
    assert cloud.services()[source]["state"] == "down"  # at once
    assert {"host": source, "state": "stopped", "driver": "LabDriver"} in cloud.told("GET", "/hosts")["hosts"]

    cloud.act(server, {"evacuate": {}})
    refuge = cloud.await_server(server, host=is_not(source))["OS-EXT-SRV-ATTR:host"]
    assert set(cloud.books(server)) == {source, refuge}

    cloud.told("POST", f"/hosts/{source}/return", {"guests": guests})
    assert cloud.services()[source]["state"] == "up"
    cloud.await_books(server, refuge)


def test_a_guest_that_a_host_has_lost_can_be_switched_off_and_on(cloud: Cloud, boot: Callable[..., str]):
    server = boot()
    host = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]
    cloud.told("POST", f"/hosts/{host}/stop")
    cloud.told("POST", f"/hosts/{host}/return", {"guests": "lost"})

    cloud.act(server, {"os-stop": None})
    cloud.await_server(server, status="SHUTOFF")
    cloud.act(server, {"os-start": None})
    cloud.await_server(server, status="ACTIVE")


def test_what_a_stopped_host_was_told_meanwhile_it_does_when_it_is_back(cloud: Cloud, boot: Callable[..., str]):
    server = boot()
    host = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]
    cloud.told("POST", f"/hosts/{host}/stop")
    cloud.act(server, {"os-stop": None})

    cloud.told("POST", f"/hosts/{host}/return")

    cloud.await_server(server, status="SHUTOFF")


@pytest.mark.parametrize(("messages", "outcome"), [("kept", "ACTIVE"), ("lost", "ERROR")])
def test_a_host_that_fails_counts_as_up_and_its_messages_wait(
    cloud: Cloud, boot: Callable[..., str], messages: str, outcome: str
):
    cloud.told("POST", "/hosts/host1/fail")
    assert cloud.services()["host1"]["state"] == "up"
    assert {"host": "host1", "state": "failed", "driver": "LabDriver"} in cloud.told("GET", "/hosts")["hosts"]
    server = boot(host="host1")
    cloud.await_books(server, "host1")
    assert cloud.server(server)["status"] == "BUILD"

    if messages == "lost":
        eventually(
            lambda: cloud.told("DELETE", "/hosts/host1/messages")["dropped"],
            equal_to(1),
            within=20,
            what="a message to wait",
        )
    cloud.told("POST", "/hosts/host1/return")

    cloud.await_server(server, status=outcome)


def test_a_host_that_has_failed_may_be_noticed(cloud: Cloud):
    cloud.told("POST", "/hosts/host1/fail")
    twice = cloud.control("POST", "/hosts/host1/fail")
    periodic = cloud.control("POST", "/hosts/host1/periodic")
    cloud.told("POST", "/hosts/host1/stop")
    noticed = cloud.services()["host1"]["state"]
    cloud.told("POST", "/hosts/host1/return")

    assert (twice.status_code, twice.json()["error"]) == (400, "host 'host1' is already failed")
    assert periodic.json()["error"] == "host 'host1' is failed; its periodic task cannot run"
    assert noticed == "down"
    assert cloud.services()["host1"]["state"] == "up"
    running = cloud.control("DELETE", "/hosts/host1/messages")
    assert (running.status_code, running.json()["error"]) == (
        400,
        "host 'host1' is up and takes its messages at once; stop it first",
    )


def test_a_build_ends_without_a_trace_when_its_host_fails(
    cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]
):
    host = add_host("SlowBuildDriver")
    server = boot(host=host)
    task = "OS-EXT-STS:task_state"
    eventually(lambda: cloud.server(server)[task], equal_to("spawning"), within=60, what="the build to begin")

    cloud.told("POST", f"/hosts/{host}/fail")
    cloud.told("POST", f"/hosts/{host}/return", {"guests": "lost"})

    cloud.await_server(server, status="ERROR", host=host)
    cloud.await_books(server, host)


def test_servers_wait_while_the_scheduler_is_held(cloud: Cloud, boot: Callable[..., str]):
    cloud.told("POST", "/topics/scheduler/hold")
    server = boot()
    eventually(
        lambda: cloud.told("GET", "/topics/scheduler")["pending"], equal_to(1), within=20, what="a message to wait"
    )
    cloud.await_books(server)

    cloud.told("POST", "/topics/scheduler/release")

    cloud.await_server(server, status="ACTIVE")
    eventually(
        lambda: cloud.told("GET", "/topics/scheduler")["pending"],
        equal_to(0),
        within=20,
        what="no message to be pending",
    )


def test_a_host_cannot_be_stopped_twice_nor_return_unless_stopped(cloud: Cloud):
    again = cloud.control("POST", "/hosts/host1/return")
    assert (again.status_code, again.json()["error"]) == (400, "host 'host1' is up; stop it first")

    cloud.told("POST", "/hosts/host1/stop")
    twice = cloud.control("POST", "/hosts/host1/stop")
    periodic = cloud.control("POST", "/hosts/host1/periodic")
    cloud.told("POST", "/hosts/host1/return")

    assert (twice.status_code, twice.json()["error"]) == (400, "host 'host1' is already stopped")
    assert periodic.status_code == 400
    assert periodic.json()["error"] == "host 'host1' is stopped; its periodic task cannot run"


def test_an_added_host_behaves_as_its_driver_does(
    cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]
):
    host = add_host("FakeBuildAbortDriver")
    assert cloud.services()[host]["state"] == "up"

    server = boot(host=host)

    fault = cloud.await_server(server, status="ERROR")["fault"]["message"]
    assert "FakeBuildAbortDriver" in fault
    cloud.await_books(server)


def test_a_host_may_refuse_claims(cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]):
    server = boot(host=add_host("BuildRefusedDriver"))

    cloud.await_server(server, status="ERROR")
    cloud.await_books(server)


def test_a_live_migration_may_last_until_it_is_aborted(
    cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]
):
    host = add_host("SlowLiveMigrationDriver")
    server = boot(host=host)
    cloud.await_server(server, status="ACTIVE")
    cloud.act(server, {"os-migrateLive": {"host": None, "block_migration": "auto"}})
    migration = cloud.await_live_migration(server, "running")

    answer = cloud.compute("DELETE", f"/servers/{server}/migrations/{migration}")

    assert answer.status_code == 202
    cloud.await_server(server, status="ACTIVE", host=host)
    cloud.await_books(server, host)


def test_live_migrations_from_a_host_that_takes_its_time_wait_for_each_other(
    cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]
):
    host = add_host("SlowLiveMigrationDriver")
    servers = [boot(host=host), boot(host=host)]
    migrations = {}
    for server, status in zip(servers, ("running", "queued"), strict=True):
        cloud.await_server(server, status="ACTIVE")
        cloud.act(server, {"os-migrateLive": {"host": None, "block_migration": "auto"}})
        migrations[server] = cloud.await_live_migration(server, status)

    for server in reversed(servers):
        answer = cloud.compute("DELETE", f"/servers/{server}/migrations/{migrations[server]}")
        assert answer.status_code == 202
        cloud.await_server(server, status="ACTIVE", host=host)

    cloud.await_books(servers[0], host)


def test_a_host_may_have_nested_resources_and_lose_capabilities(cloud: Cloud, add_host: Callable[[str], str]):
    host = add_host("NestedDriver")
    assert cloud.provider_of(f"{host}-child")
    provider = cloud.provider_of(host)
    traits = f"/resource_providers/{provider}/traits"
    assert "COMPUTE_VOLUME_MULTI_ATTACH" in cloud.placement(traits)["traits"]

    was = cloud.told("PUT", f"/hosts/{host}/capabilities", {"supports_multiattach": False})
    cloud.told("POST", f"/hosts/{host}/periodic")

    assert was == {"was": {"supports_multiattach": True}}
    assert "COMPUTE_VOLUME_MULTI_ATTACH" not in cloud.placement(traits)["traits"]


def test_a_removed_host_is_gone_and_its_name_not_used_again(cloud: Cloud, add_host: Callable[[str], str]):
    host = cloud.told("POST", "/hosts")["host"]
    cloud.told("DELETE", f"/hosts/{host}")
    cloud.compute("DELETE", f"/os-services/{cloud.services()[host]['id']}")

    assert host not in [each["host"] for each in cloud.told("GET", "/hosts")["hosts"]]
    assert cloud.control("POST", f"/hosts/{host}/return").status_code == 404
    assert add_host("LabDriver") != host


def test_the_periodic_updates_what_it_should(cloud: Cloud):
    assert cloud.told("POST", "/periodic") == {"hosts": [each["host"] for each in cloud.told("GET", "/hosts")["hosts"]]}
    assert cloud.told("POST", "/periodic", {"hosts": ["host3", "host1"]}) == {"hosts": ["host3", "host1"]}

    inventory = f"/resource_providers/{cloud.provider_of('host1')}/inventories/MEMORY_MB"
    was = cloud.told("PUT", "/options", {"name": "reserved_host_memory_mb", "value": 1024})["was"]
    cloud.told("POST", "/hosts/host1/periodic")
    assert cloud.told("GET", "/options?name=reserved_host_memory_mb") == {"value": 1024}
    assert cloud.placement(inventory)["reserved"] == 1024
    cloud.told("PUT", "/options", {"name": "reserved_host_memory_mb", "value": was})
    cloud.told("POST", "/hosts/host1/periodic")
    assert cloud.placement(inventory)["reserved"] == was


def test_options_take_effect_and_tell_what_they_were(cloud: Cloud):
    option = {"group": "DEFAULT", "name": "allow_resize_to_same_host"}

    assert cloud.told("PUT", "/options", {**option, "value": True}) == {"was": False}
    assert cloud.told("PUT", "/options", {**option, "value": False}) == {"was": True}


def test_the_logs_of_a_request_are_found_in_every_service(cloud: Cloud, boot: Callable[..., str]):
    server = boot()
    cloud.await_server(server, status="ACTIVE")
    request_id = cloud.act(server, {"os-stop": None})
    cloud.await_server(server, status="SHUTOFF")
    lines = cloud.told("GET", f"/logs?request_id={request_id}")["lines"]

    assert any("/action" in line for line in lines)
    assert all(request_id in line for line in lines)
    boots = cloud.told("GET", "/logs")["lines"]
    assert any(line.startswith("placement: ") and "PUT /allocations" in line for line in boots)
    assert cloud.told("GET", f"/logs?request_id={request_id}&level=CRITICAL") == {"lines": []}


def test_a_fault_at_placement_strikes_nova(cloud: Cloud, boot: Callable[..., str]):
    cloud.told("PUT", "/faults/placement", {"method": "PUT", "path_regex": "^/allocations/", "status": 409})

    server = boot()
    cloud.await_server(server, status="ACTIVE")  # Nova tries again

    assert cloud.told("DELETE", "/faults/placement")["seen"] == 1


def test_nova_manage_works_on_the_lab(cloud: Cloud):
    cells = cloud.told("POST", "/nova-manage", {"args": ["cell_v2", "list_hosts"]})
    nonsense = cloud.told("POST", "/nova-manage", {"args": ["make", "tea"]})

    assert cells["status"] == 0
    assert "host1" in cells["output"]
    assert nonsense["status"] == 2
    assert "invalid choice: 'make'" in nonsense["errors"]


def test_a_volume_can_be_made_of_the_image_and_goes_with_the_server(cloud: Cloud, boot: Callable[..., str]):
    (image,) = cloud.images(name=cloud.settings["image"])
    device = {
        "uuid": image["id"],
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": 1,
        "boot_index": 0,
        "delete_on_termination": True,
    }
    server = boot(imageRef="", block_device_mapping_v2=[device])
    cloud.await_server(server, status="ACTIVE")

    deletion = cloud.compute("DELETE", f"/servers/{server}").headers["x-openstack-request-id"]

    cloud.await_books(server)
    assert cloud.told("GET", f"/logs?request_id={deletion}&level=WARNING") == {"lines": []}


def test_a_volume_can_be_booted_from(cloud: Cloud, boot: Callable[..., str]):
    device = {
        "uuid": cloud.settings["volume"],
        "source_type": "volume",
        "destination_type": "volume",
        "boot_index": 0,
        "delete_on_termination": True,
    }
    server = boot(imageRef="", block_device_mapping_v2=[device])
    host = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]

    assert cloud.books(server) == {host: {"VCPU": 1, "MEMORY_MB": 512}}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("POST", "/hosts", {"driver": "Teapot"}, 400, "no driver 'Teapot'; choose one of .*LabDriver"),
        ("POST", "/hosts", {"host": "host1"}, 400, "host 'host1' already exists"),
        ("POST", "/hosts/nohost/stop", None, 404, "no host 'nohost'; there are host1, host2"),
        ("POST", "/hosts/host1/return", {"guests": "eaten"}, 400, "neither \"kept\" nor \"lost\""),
        ("POST", "/hosts/host1/periodic", {"task": "tea"}, 400, "no periodic task 'tea'; choose one of .*update_avail"),
        ("PUT", "/hosts/host1/capabilities", {"supports_tea": True}, 400, "'supports_tea': True is not a capability"),
        ("PUT", "/options", {"name": "tea", "value": 1}, 400, r"no option 'tea' in \[DEFAULT\]"),
        ("PUT", "/options", {"group": "tea", "name": "tea", "value": 1}, 400, r"no option 'tea' in \[tea\]"),
        ("PUT", "/options", {"name": "report_interval", "value": "tea"}, 400, r"\[DEFAULT\] report_interval: "),
        ("PUT", "/options", {"name": "report_interval"}, 400, "the body lacks value"),
        ("GET", "/logs?level=TEA", None, 400, "level: 'TEA' is not one of DEBUG"),
        ("POST", "/nova-manage", {"args": "placement audit"}, 400, "a list of words is needed"),
        ("PUT", "/faults/placement", {"method": "PUT"}, 400, "the body lacks path_regex, status"),
        ("PUT", "/faults/placement", {"method": "PUT", "path_regex": "(", "status": 409}, 400, "cannot be used"),
        ("PUT", "/faults/glance", {"method": "GET", "path_regex": "", "status": 409}, 400, "choose one of placement$"),
        ("POST", "/cells/9/lose", None, 400, "the lab has no cell 9"),
        ("GET", "/tea", None, 404, "there is nothing at /tea"),
        ("DELETE", "/hosts", None, 405, "/hosts takes GET, POST"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_in_a_sentence(
    cloud: Cloud, method: str, path: str, body: Json | None, status: int, sentence: str
):
    answer = cloud.control(method, path, body)

    assert answer.status_code == status
    assert re.search(sentence, answer.json()["error"])


def test_only_who_knows_the_token_controls(cloud: Cloud):
    assert cloud.control("GET", "/hosts", token="guess").status_code == 401
    assert cloud.control("POST", "/hosts/host1/stop", token="").status_code == 401
    assert cloud.services()["host1"]["state"] == "up"
