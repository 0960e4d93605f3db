"""A real lab, found through openstacksdk, which knows nothing of Stocktake."""

import json
import re
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from hamcrest import contains_exactly, equal_to, has_entries, is_not, not_none
from stocktake.support.lab.client import Lab
from stocktake.support.waiting import eventually

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what its dependencies deprecate is not this test's business
    from keystoneauth1.exceptions import Unauthorized
    from openstack.config import OpenStackConfig

SECONDS = 120  # for one operation, on a busy machine

Json = dict[str, Any]


class Cloud:
    """The lab's APIs as its administrator, and its control endpoint."""

    def __init__(self, lab: Lab, name: str = "lab"):
        clouds = yaml.safe_load(lab.clouds_yaml.read_text())["clouds"]
        self.settings = clouds["lab"]["stocktake"]
        config = OpenStackConfig(config_files=[str(lab.clouds_yaml)], load_envvars=False)
        self.session = config.get_one(name).get_session()
        self._control = self.settings["control"]

    def url(self, service: str) -> str:
        return str(self.session.get_endpoint(service_type=service))

    def compute(self, method: str, path: str, body: object = None) -> requests.Response:
        return self._request("compute", "2.95", method, path, body)

    def placement(self, path: str) -> Json:
        return self._request("placement", "1.28", "GET", path, None).json()

    def images(self, **filters: str) -> list[Json]:
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return self._request("image", "2.0", "GET", f"/v2/images?{query}", None).json()["images"]

    def _request(self, service: str, version: str, method: str, path: str, body: object) -> requests.Response:
        return self.session.request(
            path,
            method,
            json=body,
            endpoint_filter={"service_type": service},
            headers={"OpenStack-API-Version": f"{service} {version}"},
            raise_exc=False,
        )

    def control(self, method: str, path: str, body: Json | None = None, token: str | None = None) -> requests.Response:
        headers = {"X-Control-Token": self._control["token"] if token is None else token}
        return requests.request(method, self._control["url"] + path, json=body, headers=headers, timeout=SECONDS)

    def told(self, method: str, path: str, body: Json | None = None) -> Json:
        """The control endpoint's answer, which must be a success."""
        answer = self.control(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def server(self, server: str) -> Json:
        return self.compute("GET", f"/servers/{server}").json()["server"]

    def act(self, server: str, action: Json) -> str:
        answer = self.compute("POST", f"/servers/{server}/action", action)
        assert answer.status_code < 300, answer.text
        return answer.headers["x-openstack-request-id"]

    def await_server(self, server: str, **wanted: Any) -> Json:
        """The server, once it has these attributes and nothing is being done with it."""
        names = {"host": "OS-EXT-SRV-ATTR:host"}
        expected = {names.get(name, name): value for name, value in wanted.items()} | {"OS-EXT-STS:task_state": None}
        return eventually(
            lambda: self.server(server),
            has_entries(expected),
            within=SECONDS,
            what=f"the server with {wanted}",
            describe=lambda reading: json.dumps({name: reading[name] for name in expected}),
        )

    def await_live_migration(self, server: str, status: str) -> int:
        """The id of the server's live migration, once it has this status."""
        migrations = eventually(
            lambda: self.compute("GET", f"/servers/{server}/migrations").json()["migrations"],
            contains_exactly(has_entries(status=status)),
            within=SECONDS,
            what=f"a live migration that is {status}",
        )
        return int(migrations[0]["id"])

    def books(self, server: str) -> dict[str, dict[str, int]]:
        """Who of the hosts holds what for the server."""
        allocations = self.placement(f"/allocations/{server}")["allocations"]
        return {self.host_of(provider): held["resources"] for provider, held in allocations.items()}

    def await_books(self, server: str, *hosts: str) -> None:
        eventually(
            lambda: set(self.books(server)), equal_to(set(hosts)), within=SECONDS, what=f"allocations on {hosts}"
        )

    def host_of(self, provider: str) -> str:
        return str(self.placement(f"/resource_providers/{provider}")["name"])

    def provider_of(self, host: str) -> str:
        (provider,) = self.placement(f"/resource_providers?name={host}")["resource_providers"]
        return str(provider["uuid"])

    def services(self) -> dict[str, Json]:
        answer = self.compute("GET", "/os-services?binary=nova-compute").json()
        return {service["host"]: service for service in answer["services"]}


@pytest.fixture(scope="module")
def cloud(real_lab: Lab) -> Cloud:
    return Cloud(real_lab)


@pytest.fixture(scope="module")
def flavors(cloud: Cloud) -> tuple[str, str]:
    def create(name: str, vcpus: int, ram: int, disk: int) -> str:
        flavor = {"name": f"{name}-{uuid.uuid4()}", "vcpus": vcpus, "ram": ram, "disk": disk}
        return str(cloud.compute("POST", "/flavors", {"flavor": flavor}).json()["flavor"]["id"])

    return create("small", 1, 512, 1), create("large", 2, 1024, 2)


@pytest.fixture
def boot(cloud: Cloud, flavors: tuple[str, str]) -> Iterator[Callable[..., str]]:
    made: list[str] = []

    def make(**options: object) -> str:
        (image,) = cloud.images(name=cloud.settings["image"])
        wanted = {"name": "web", "imageRef": image["id"], "flavorRef": flavors[0], "networks": "none", **options}
        answer = cloud.compute("POST", "/servers", {"server": wanted})
        assert answer.status_code == 202, answer.text
        made.append(answer.json()["server"]["id"])
        return made[-1]

    yield make
    for server in made:
        cloud.compute("DELETE", f"/servers/{server}")
        eventually(
            lambda server=server: cloud.compute("GET", f"/servers/{server}").status_code,
            equal_to(404),
            within=SECONDS,
            what="the server's end",
        )
        cloud.await_books(server)


@pytest.fixture
def add_host(cloud: Cloud) -> Iterator[Callable[[str], str]]:
    made: list[str] = []

    def add(driver: str) -> str:
        made.append(cloud.told("POST", "/hosts", {"driver": driver})["host"])
        return made[-1]

    yield add
    for host in made:
        cloud.told("DELETE", f"/hosts/{host}")
        cloud.compute("DELETE", f"/os-services/{cloud.services()[host]['id']}")


def test_a_new_lab_has_its_hosts_and_one_image(cloud: Cloud):
    hypervisors = cloud.compute("GET", "/os-hypervisors").json()["hypervisors"]
    providers = cloud.placement("/resource_providers")["resource_providers"]

    assert {hypervisor["hypervisor_hostname"] for hypervisor in hypervisors} >= {"host1", "host2", "host3"}
    assert {provider["name"] for provider in providers} >= {"host1", "host2", "host3"}
    assert [(image["name"], image["status"]) for image in cloud.images()] == [("stocktake-image", "active")]


def test_the_ordinary_user_is_no_administrator(real_lab: Lab, cloud: Cloud):
    user = Cloud(real_lab, "lab-user")

    assert user.compute("GET", "/servers").status_code == 200
    assert user.compute("GET", "/os-hypervisors").status_code == 403
    assert user.session.get_project_id() != cloud.session.get_project_id()


def test_a_password_or_a_token_is_needed(real_lab: Lab, cloud: Cloud, tmp_path: Path):
    file = tmp_path / "clouds.yaml"
    password = yaml.safe_load(real_lab.clouds_yaml.read_text())["clouds"]["lab"]["auth"]["password"]
    file.write_text(real_lab.clouds_yaml.read_text().replace(password, "guess"))

    with pytest.raises(Unauthorized):
        Cloud(Lab(tmp_path, file, 0)).compute("GET", "/servers")
    assert requests.get(cloud.url("compute") + "/servers", timeout=SECONDS).status_code == 401


def test_resize_revert_resize_confirm(cloud: Cloud, boot: Callable[..., str], flavors: tuple[str, str]):
    server = boot()
    source = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]
    assert cloud.books(server) == {source: {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}}

    cloud.act(server, {"resize": {"flavorRef": flavors[1]}})
    destination = cloud.await_server(server, status="VERIFY_RESIZE")["OS-EXT-SRV-ATTR:host"]
    assert destination != source
    assert cloud.books(server) == {destination: {"VCPU": 2, "MEMORY_MB": 1024, "DISK_GB": 2}}

    cloud.act(server, {"revertResize": None})
    cloud.await_server(server, status="ACTIVE", host=source)
    cloud.await_books(server, source)

    cloud.act(server, {"resize": {"flavorRef": flavors[1]}})
    destination = cloud.await_server(server, status="VERIFY_RESIZE")["OS-EXT-SRV-ATTR:host"]
    cloud.act(server, {"confirmResize": None})
    cloud.await_server(server, status="ACTIVE", host=destination)
    cloud.await_books(server, destination)


def test_live_migration_and_shelving(cloud: Cloud, boot: Callable[..., str]):
    server = boot()
    source = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]

    cloud.act(server, {"os-migrateLive": {"host": None, "block_migration": "auto"}})
    moved = cloud.await_server(server, status="ACTIVE", host=is_not(source))["OS-EXT-SRV-ATTR:host"]
    cloud.await_books(server, moved)

    cloud.act(server, {"shelve": None})
    cloud.await_server(server, status="SHELVED_OFFLOADED")
    cloud.await_books(server)
    assert {image["status"] for image in cloud.images()} == {"active"}

    cloud.act(server, {"unshelve": None})
    cloud.await_server(server, status="ACTIVE", host=not_none())


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


def test_what_a_stopped_host_was_told_meanwhile_it_does_when_it_is_back(cloud: Cloud, boot: Callable[..., str]):
    server = boot()
    host = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]
    cloud.told("POST", f"/hosts/{host}/stop")
    cloud.act(server, {"os-stop": None})

    cloud.told("POST", f"/hosts/{host}/return")

    cloud.await_server(server, status="SHUTOFF")


def test_a_host_cannot_be_stopped_twice_nor_return_unless_stopped(cloud: Cloud):
    again = cloud.control("POST", "/hosts/host1/return")
    assert (again.status_code, again.json()["error"]) == (400, "host 'host1' is up; stop it first")

    cloud.told("POST", "/hosts/host1/stop")
    twice = cloud.control("POST", "/hosts/host1/stop")
    periodic = cloud.control("POST", "/hosts/host1/periodic")
    cloud.told("POST", "/hosts/host1/return")

    assert (twice.status_code, twice.json()["error"]) == (400, "host 'host1' is stopped already")
    assert (periodic.status_code, periodic.json()["error"]) == (400, "host 'host1' is stopped; its periodic cannot run")


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
    cloud.told("PUT", "/placement-fault", {"method": "PUT", "path_regex": "^/allocations/", "status": 409})

    server = boot()
    cloud.await_server(server, status="ACTIVE")  # Nova tries again

    assert cloud.told("DELETE", "/placement-fault")["seen"] == 1


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
        ("POST", "/hosts", {"host": "host1"}, 400, "there is a host 'host1' already"),
        ("POST", "/hosts/nohost/stop", None, 404, "no host 'nohost'; there are host1, host2"),
        ("POST", "/hosts/host1/return", {"guests": "eaten"}, 400, "neither \"kept\" nor \"lost\""),
        ("POST", "/hosts/host1/periodic", {"task": "tea"}, 400, "no periodic task 'tea'; choose one of .*update_avail"),
        ("PUT", "/hosts/host1/capabilities", {"supports_tea": True}, 400, "'supports_tea': True is no capability"),
        ("PUT", "/options", {"name": "tea", "value": 1}, 400, r"no option 'tea' in \[DEFAULT\]"),
        ("PUT", "/options", {"group": "tea", "name": "tea", "value": 1}, 400, r"no option 'tea' in \[tea\]"),
        ("PUT", "/options", {"name": "report_interval", "value": "tea"}, 400, r"\[DEFAULT\] report_interval: "),
        ("PUT", "/options", {"name": "report_interval"}, 400, "the body lacks value"),
        ("GET", "/logs?level=TEA", None, 400, "level: 'TEA' is none of DEBUG"),
        ("POST", "/nova-manage", {"args": "placement audit"}, 400, "a list of words is needed"),
        ("PUT", "/placement-fault", {"method": "PUT"}, 400, "the body lacks path_regex, status"),
        ("PUT", "/placement-fault", {"method": "PUT", "path_regex": "(", "status": 409}, 400, "cannot be used"),
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


def test_polling_is_cheap(cloud: Cloud, boot: Callable[..., str]):
    """Tokens are validated once, not at every request."""
    server = boot()
    cloud.await_server(server, status="ACTIVE")
    validations = len(_keystone_requests(cloud))

    for _turn in range(20):
        cloud.server(server)

    assert len(_keystone_requests(cloud)) <= validations + 1


def _keystone_requests(cloud: Cloud) -> list[str]:
    return [
        line for line in cloud.told("GET", "/logs")["lines"] if line.startswith("keystone: ") and "/auth/tokens" in line
    ]
