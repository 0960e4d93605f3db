"""The Networks client."""

from types import SimpleNamespace

import pytest
from hamcrest import assert_that, has_length
from stocktake.support.accounting.ports import EGRESS, PACKET_RATE
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.networks import Networks, Port

API = "/network/v2.0"
REQUEST = {"request_groups": [{"resources": {EGRESS: 1000}}, {"resources": {PACKET_RATE: 10}}]}
PORT = {
    "id": "p-1",
    "name": "gold",
    "device_id": "s-1",
    "fixed_ips": [{"ip_address": "192.0.2.7"}],
    "qos_policy_id": "q-1",
    "binding:host_id": "cmp-1",
    "binding:profile": {"allocation": {"group-1": "rp-1", "group-2": "rp-2"}},
    "resource_request": REQUEST,
}


@pytest.fixture
def networks(apis, session):
    apis.catalog["network"] = "/network"
    apis.service_ids["network"] = "id-of-network"
    return Networks(session)


@pytest.fixture
def extensions(apis):
    """Says which extensions Neutron has."""

    def have(*aliases):
        listed = {"extensions": [{"alias": alias} for alias in aliases]}
        apis.answer("GET", f"{API}/extensions", apis.say(200, listed))

    return have


def test_a_port_shows_what_it_asks_for_and_where_it_has_it():
    port = Port.from_json(PORT)
    assert (port.server, port.host, port.policy, port.addresses) == ("s-1", "cmp-1", "q-1", {"192.0.2.7"})
    assert port.requests == Resources({EGRESS: 1000, PACKET_RATE: 10})
    assert set(port.providers.values()) == {"rp-1", "rp-2"}


def test_an_older_port_has_one_group_on_one_provider():
    older = {"resource_request": {"resources": {EGRESS: 5}}, "binding:profile": {"allocation": "rp-1"}}
    port = Port.from_json({**PORT, **older})
    assert (port.requests, port.providers) == (Resources({EGRESS: 5}), {"": "rp-1"})


def test_a_port_that_is_nobodys_has_nothing():
    port = Port.from_json({"id": "p-1", "device_id": "", "binding:host_id": "", "resource_request": None})
    assert (port.server, port.host, port.providers) == ("", "", {})
    assert not port.requests


def test_a_network_is_created_once(networks, apis):
    apis.answer("POST", f"{API}/networks", apis.say(504))
    named = f"{API}/networks?name=link&fields=id&fields=name&limit=1000&sort_key=id&sort_dir=asc"
    apis.answer("GET", named, apis.say(200, {"networks": [{"id": "n-1", "name": "link"}]}))
    assert networks.create_network("link", "physnet0") == "n-1"
    (asked,) = apis.asked("POST .*")
    assert asked.body["network"]["provider:physical_network"] == "physnet0"


@pytest.mark.parametrize(
    ("guarantee", "path", "rule"),
    [
        ({"kbits": 5}, "bandwidth", {"direction": "egress", "min_kbps": 5}),
        ({"packet_rate": 7}, "packet_rate", {"direction": "egress", "min_kpps": 7}),
    ],
)
def test_a_policy_guarantees_each_amount_once(networks, apis, guarantee, path, rule):
    url = f"{API}/qos/policies/q-1/minimum_{path}_rules"
    apis.answer("POST", url, apis.say(504))
    rules = [{"direction": "ingress"}], [rule]
    apis.answer("GET", url, *(apis.say(200, {f"minimum_{path}_rules": found}) for found in rules))
    networks.guarantee("q-1", "egress", **guarantee)
    (asked,) = apis.asked("POST .*")
    assert asked.body == {f"minimum_{path}_rule": rule}


def test_ports_of_servers_are_listed_page_by_page(networks, apis):
    more = {"ports": [{**PORT, "id": "p-1"}], "ports_links": [{"rel": "next"}]}
    last = {"ports": [{**PORT, "id": "p-2"}, {**PORT, "device_id": ""}], "ports_links": [{"rel": "previous"}]}
    apis.answer("GET", rest_of(""), apis.say(200, more))
    apis.answer("GET", rest_of("&marker=p-1"), apis.say(200, last))
    assert [port.id for port in networks.ports(["s-1"])] == ["p-1", "p-2"]


def rest_of(marker):
    names = ("id", "name", "device_id", "fixed_ips", "qos_policy_id", "binding%3Ahost_id", "binding%3Aprofile")
    fields = "&".join(f"fields={name}" for name in (*names, "resource_request"))
    return f"{API}/ports?device_id=s-1&{fields}&limit=1000&sort_key=id&sort_dir=asc{marker}"


def test_what_neutron_made_for_a_project_is_deleted(networks, apis):
    listed = {"security_groups": [{"id": "g-1"}]}
    apis.answer("GET", f"{API}/security-groups?project_id=own&fields=id", apis.say(200, listed))
    apis.answer("DELETE", f"{API}/security-groups/g-1", apis.say(204))
    networks.delete_security_groups("own")
    assert_that(apis.asked("DELETE .*"), has_length(1))


class TestWhyNothingIsGuaranteed:
    """Each reason with what to do."""

    def test_is_that_there_is_no_neutron(self, apis, open_session):
        reason, remedy = Networks(open_session()).why_no_guarantees()
        assert reason.endswith("has no networking service")
        assert "--lab-with=neutron" in remedy

    def test_is_what_neutron_lacks(self, networks, extensions):
        extensions("qos-bw-limit-direction", "agent-resources-synced")
        reason, _ = networks.why_no_guarantees([EGRESS, PACKET_RATE])
        assert reason == "Neutron lacks the extension qos-pps-minimum"

    def test_is_that_no_physical_network_is_named(self, networks, extensions):
        extensions("qos-bw-limit-direction", "agent-resources-synced")
        reason, remedy = networks.why_no_guarantees([EGRESS])
        assert "no physical network is known" in reason
        assert '"physical_network" under "stocktake:"' in remedy

    def test_is_nothing(self):
        target = SimpleNamespace(name="staging", settings=SimpleNamespace(physical_network="physnet0"))
        extensions = {"extensions": [{"alias": "agent-resources-synced"}]}
        session = SimpleNamespace(target=target, offers_service=lambda _: True, get=lambda *_: extensions)
        assert Networks(session).why_no_guarantees() is None
