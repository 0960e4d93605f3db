"""A real lab, found through openstacksdk, which knows nothing of Stocktake."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import yaml
from hamcrest import is_not, not_none
from stocktake.support.lab.client import Lab

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what its dependencies deprecate is not this test's business
    from keystoneauth1.exceptions import Unauthorized
from tests.lab.lab_cloud import SECONDS, Cloud


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
