"""Hosts with Nova's libvirt driver, in the same process as others: their hardware, their guests, their moves."""

from collections.abc import Callable

import pytest
from hamcrest import equal_to, is_not
from stocktake.support.waiting import eventually

from tests.lab.lab_cloud import SECONDS, Cloud, Json


@pytest.fixture
def totals(cloud: Cloud) -> Callable[[str], dict[str, dict[str, int]]]:
    """Tells what the providers of a host's tree have, by their names without the host's."""

    def tell(host: str) -> dict[str, dict[str, int]]:
        tree = cloud.placement(f"/resource_providers?in_tree={cloud.provider_of(host)}")["resource_providers"]
        found = {}
        for provider in tree:
            inventories = cloud.placement(f"/resource_providers/{provider['uuid']}/inventories")["inventories"]
            name = provider["name"].removeprefix(host)
            found[name] = {resource: inventory["total"] for resource, inventory in inventories.items()}
        return found

    return tell


@pytest.fixture
def flavor(cloud: Cloud) -> Callable[..., str]:
    """Makes a flavor of 2 CPUs and 512 MB with extra specs; returns its id."""

    def make(**specs: str) -> str:
        name = f"flavor-{'-'.join(specs.values())}"
        made = cloud.compute("POST", "/flavors", {"flavor": {"name": name, "vcpus": 2, "ram": 512, "disk": 1}})
        assert made.status_code == 200, made.text
        identity = str(made.json()["flavor"]["id"])
        written = {key.replace("__", ":"): value for key, value in specs.items()}
        cloud.compute("POST", f"/flavors/{identity}/os-extra_specs", {"extra_specs": written})
        return identity

    return make


def test_a_host_has_what_its_profile_says(add_host: Callable[[str], str], totals: Callable[[str], Json]):
    everything = add_host("libvirt:everything")

    assert totals(everything) == {
        "": {
            "VCPU": 16,
            "PCPU": 16,
            "MEMORY_MB": 65536,
            "DISK_GB": 2000,
            "CUSTOM_PMEM_NAMESPACE_SMALL": 2,
            "CUSTOM_PMEM_NAMESPACE_LARGE": 1,
            "CUSTOM_LICENCE": 5,
        },
        "_0000:81:00.0": {"CUSTOM_PCI_8086_1533": 1},
        "_0000:81:01.0": {"CUSTOM_PCI_8086_1533": 1},
        "_0000:81:02.0": {"CUSTOM_PCI_8086_1515": 4},
        "_pci_0000_81_03_0": {"VGPU": 16},
        "_amd_sev": {"MEM_ENCRYPTION_CONTEXT": 8},
    }


def test_hosts_of_different_profiles_do_not_disturb_each_other(
    cloud: Cloud, add_host: Callable[[str], str], totals: Callable[[str], Json]
):
    plain, pinned = add_host("libvirt"), add_host("libvirt:dedicated-cpus-without-threads")
    before = totals(plain), totals(pinned), totals("host1")

    cloud.told("POST", "/periodic")

    assert (totals(plain), totals(pinned), totals("host1")) == before
    assert before[0] == before[2] == {"": {"VCPU": 32, "MEMORY_MB": 65536, "DISK_GB": 2000}}
    assert before[1] == {"": {"VCPU": 16, "PCPU": 16, "MEMORY_MB": 65536, "DISK_GB": 2000}}


@pytest.mark.parametrize("guests", ["kept", "lost"])
def test_a_host_stops_and_comes_back(
    cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str], guests: str
):
    host = add_host("libvirt")
    server = boot(host=host)
    cloud.await_server(server, status="ACTIVE", host=host)

    cloud.told("POST", f"/hosts/{host}/stop")
    cloud.told("POST", f"/hosts/{host}/return", {"guests": guests})
    cloud.act(server, {"pause": None})  # which needs a guest

    assert cloud.services()[host]["state"] == "up"
    cloud.await_server(server, status={"kept": "PAUSED", "lost": "ACTIVE"}[guests], host=host)
    cloud.await_books(server, host)


def test_a_server_is_live_migrated(cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]):
    source, target = add_host("libvirt"), add_host("libvirt")
    server = boot(host=source)
    cloud.await_server(server, status="ACTIVE")

    cloud.act(server, {"os-migrateLive": {"host": target, "block_migration": "auto"}})

    cloud.await_server(server, status="ACTIVE", host=target)
    cloud.await_books(server, target)


def test_a_suspended_server_can_be_deleted(cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]):
    server = boot(host=add_host("libvirt"))
    cloud.await_server(server, status="ACTIVE")
    cloud.act(server, {"suspend": None})
    cloud.await_server(server, status="SUSPENDED")

    cloud.compute("DELETE", f"/servers/{server}")

    eventually(
        lambda: cloud.compute("GET", f"/servers/{server}").status_code,
        equal_to(404),
        within=SECONDS,
        what="the server's end",
    )


def test_a_created_vgpu_is_one_of_those_there_were(
    cloud: Cloud,
    boot: Callable[..., str],
    add_host: Callable[[str], str],
    totals: Callable[[str], Json],
    flavor: Callable[..., str],
):
    host = add_host("libvirt:vgpus")
    before = totals(host)
    server = boot(host=host, flavorRef=flavor(resources__VGPU="1"))
    cloud.await_server(server, status="ACTIVE")

    cloud.told("POST", f"/hosts/{host}/periodic")

    assert totals(host) == before
    assert cloud.books(server)[f"{host}_pci_0000_81_00_0"] == {"VGPU": 1}


def test_servers_are_cold_migrated_between_fake_and_libvirt_hosts(
    cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]
):
    libvirt = add_host("libvirt")
    server = boot(host="host1")
    cloud.await_server(server, status="ACTIVE")
    for target in (libvirt, "host1"):
        cloud.act(server, {"migrate": {"host": target}})
        cloud.await_server(server, status="VERIFY_RESIZE", host=target)
        cloud.act(server, {"confirmResize": None})
        cloud.await_server(server, status="ACTIVE", host=target)
        cloud.await_books(server, target)


def test_a_server_is_evacuated_to_a_fake_host_and_its_own_comes_back(
    cloud: Cloud, boot: Callable[..., str], add_host: Callable[[str], str]
):
    source = add_host("libvirt")
    server = boot(host=source)
    cloud.await_server(server, status="ACTIVE")

    cloud.told("POST", f"/hosts/{source}/stop")
    cloud.act(server, {"evacuate": {}})
    refuge = cloud.await_server(server, host=is_not(source))["OS-EXT-SRV-ATTR:host"]
    cloud.told("POST", f"/hosts/{source}/return")

    cloud.await_books(server, refuge)


def test_an_unknown_profile_is_told_in_a_sentence(cloud: Cloud):
    answer = cloud.control("POST", "/hosts", {"driver": "libvirt:gold"})

    assert (answer.status_code, answer.json()["error"].partition(";")[0]) == (
        400,
        "there is no profile 'gold' of libvirt hosts",
    )


def test_a_host_returns_with_the_devices_of_another_profile(
    cloud: Cloud, add_host: Callable[[str], str], totals: Callable[[str], Json]
):
    host = add_host("libvirt:pci-devices")
    cloud.told("POST", f"/hosts/{host}/stop")

    cloud.told("POST", f"/hosts/{host}/return", {"driver": "libvirt:vgpus"})

    children = {name: found for name, found in totals(host).items() if name}
    assert children == {"_pci_0000_81_00_0": {"VGPU": 4}}


@pytest.mark.parametrize(
    ("driver", "why"),
    [
        ("LabDriver", "a libvirt host cannot have driver 'LabDriver' instead; name a profile, libvirt:PROFILE"),
        ("libvirt:gold", "there is no profile 'gold' of libvirt hosts; choose one of plain, "),
    ],
)
def test_a_libvirt_host_has_no_other_driver(cloud: Cloud, add_host: Callable[[str], str], driver: str, why: str):
    host = add_host("libvirt")
    cloud.told("POST", f"/hosts/{host}/stop")

    answer = cloud.control("POST", f"/hosts/{host}/return", {"driver": driver})

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(why)
    cloud.told("POST", f"/hosts/{host}/return")
