"""A lab with Neutron: what its hosts have of the network, whatever is done to them, and a server with a port."""

import os
from collections.abc import Callable, Iterator

import pytest
from hamcrest import equal_to
from stocktake.support import lab
from stocktake.support.lab.client import Lab
from stocktake.support.lab.shape import Shape
from stocktake.support.waiting import eventually

from tests.lab.lab_cloud import SECONDS, Cloud, Json

RATE, OUT, IN = "NET_PACKET_RATE_KILOPACKET_PER_SEC", "NET_BW_EGR_KILOBIT_PER_SEC", "NET_BW_IGR_KILOBIT_PER_SEC"
AGENT = ":Open vSwitch agent"


@pytest.fixture(scope="module")
def real_lab() -> Iterator[Lab]:
    """A real lab with Neutron and two hosts, in place of the usual one."""
    a_lab = lab.start(hosts=2, owner=os.getpid(), shape=Shape(services=("neutron",)))
    yield a_lab
    a_lab.stop()


@pytest.fixture(scope="module")
def cloud(real_lab: Lab) -> Cloud:
    return Cloud(real_lab)


@pytest.fixture(scope="module")
def flavors(cloud: Cloud) -> tuple[str]:
    flavor = {"name": "small", "vcpus": 1, "ram": 512, "disk": 1}
    return (str(cloud.compute("POST", "/flavors", {"flavor": flavor}).json()["flavor"]["id"]),)


@pytest.fixture
def network(cloud: Cloud) -> Callable[..., Json]:
    """Asks Neutron, and returns what its answer has in it."""

    def ask(method: str, path: str, body: Json | None = None) -> Json:
        answer = cloud.session.request(
            f"/v2.0{path}", method, json=body, endpoint_filter={"service_type": "network"}, raise_exc=False
        )
        assert answer.status_code < 300, answer.text
        return next(iter(answer.json().values()))

    return ask


def budget(cloud: Cloud, host: str) -> dict[str, dict[str, int]]:
    """What the providers of Neutron below a host have, by their names without the host's."""
    tree = cloud.placement(f"/resource_providers?in_tree={cloud.provider_of(host)}")["resource_providers"]
    found = {}
    for provider in tree:
        if AGENT in provider["name"]:
            inventories = cloud.placement(f"/resource_providers/{provider['uuid']}/inventories")["inventories"]
            found[provider["name"].removeprefix(host)] = {name: each["total"] for name, each in inventories.items()}
    return found


def of(kbits: int, rate: int) -> dict[str, dict[str, int]]:
    both = {OUT: kbits, IN: kbits}
    return {AGENT: {RATE: rate}, f"{AGENT}:br-physnet0": both, f"{AGENT}:rp_tunnelled": both}


USUAL = of(10_000_000, 1_000)


def test_every_host_has_bandwidth_and_a_packet_rate_and_so_has_one_that_is_added(cloud: Cloud, add_host):
    assert budget(cloud, "host1") == USUAL
    assert budget(cloud, add_host("LabDriver")) == USUAL


def test_a_host_that_is_registered_anew_reports_anew(cloud: Cloud):
    cloud.told("POST", "/hosts/host2/stop")
    assert cloud.compute("DELETE", f"/os-services/{cloud.services()['host2']['id']}").status_code == 204
    cloud.told("POST", "/hosts/host2/return")

    assert budget(cloud, "host2") == USUAL


def test_an_agent_that_goes_on_running_meanwhile_is_not_heard_again(cloud: Cloud):
    cloud.told("POST", "/hosts/host2/stop")
    assert cloud.compute("DELETE", f"/os-services/{cloud.services()['host2']['id']}").status_code == 204
    cloud.told("POST", "/hosts/host2/return", {"network_agent": "running"})
    assert budget(cloud, "host2") == {}

    assert cloud.told("PUT", "/hosts/host2/network-agent") == {"resources_synced": True}
    assert budget(cloud, "host2") == USUAL


def test_an_agent_may_report_another_budget_and_go_down(cloud: Cloud, network: Callable[..., Json]):
    def alive() -> bool:
        return bool(network("GET", "/agents?host=host1")[0]["alive"])

    assert cloud.told("PUT", "/hosts/host1/network-agent", {"kbits": 5, "packet_rate": 6}) == {"resources_synced": True}
    assert budget(cloud, "host1") == of(5, 6)
    cloud.told("POST", "/hosts/host1/network-agent/stop")
    assert not alive()
    cloud.told("PUT", "/hosts/host1/network-agent")
    assert alive()
    assert budget(cloud, "host1") == USUAL


def test_a_port_with_guaranteed_bandwidth_is_charged_and_comes_up(
    cloud: Cloud, network: Callable[..., Json], boot: Callable[..., str]
):
    policy = network("POST", "/qos/policies", {"policy": {"name": "gold"}})["id"]
    rule = {"minimum_bandwidth_rule": {"min_kbps": 1000, "direction": "egress"}}
    network("POST", f"/qos/policies/{policy}/minimum_bandwidth_rules", rule)
    plugged = {"provider:network_type": "vlan", "provider:physical_network": "physnet0"}
    net = network("POST", "/networks", {"network": {"name": "net", **plugged}})["id"]
    subnet = {"network_id": net, "ip_version": 4, "cidr": "192.0.2.0/24", "enable_dhcp": False}
    network("POST", "/subnets", {"subnet": subnet})
    port = network("POST", "/ports", {"port": {"network_id": net, "qos_policy_id": policy}})["id"]
    server = boot(networks=[{"port": port}])
    host = cloud.await_server(server, status="ACTIVE")["OS-EXT-SRV-ATTR:host"]

    assert cloud.books(server)[f"{host}{AGENT}:br-physnet0"] == {OUT: 1000}
    cloud.told("POST", f"/hosts/{host}/ports/{port}/up")
    eventually(
        lambda: network("GET", f"/ports/{port}")["status"], equal_to("ACTIVE"), within=SECONDS, what="the port to be up"
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("PUT", "/hosts/nowhere/network-agent", {}, 404, "there is no host 'nowhere'"),
        ("PUT", "/hosts/host1/network-agent", {"kbits": 0}, 400, "both are positive integers"),
        ("POST", "/hosts/host1/return", {"network_agent": "gone"}, 400, 'neither "started" nor "running"'),
        ("POST", "/hosts/host1/ports/none/up", None, 400, "there is no port 'none'"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    cloud: Cloud, method: str, path: str, body: Json | None, status: int, sentence: str
):
    answer = cloud.control(method, path, body)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]
