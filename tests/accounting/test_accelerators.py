"""Accelerators: what device profiles entitle servers to, and what the audit says of Cyborg's requests."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from stocktake.support.accounting.accelerators import Row, read_requests, requests_equal
from stocktake.support.accounting.audit import Rule, audit, judge
from stocktake.support.accounting.findings import Reason
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.snapshot import Snapshot
from stocktake.support.api.accelerators import AcceleratorRequest
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.placement.values import Provider
from stocktake.support.errors import FeatureError

FAST = Flavor("fast", 1, 512, 1, extra_specs={"accel:device_profile": "card"})
HOST, CARD = Provider("p-1", "host1", 1, None, "p-1"), Provider("p-2", "host1_card", 1, "p-1", "p-1")
OTHER = Provider("p-3", "host2", 1, None, "p-3")
OWN = Resources(VCPU=1, MEMORY_MB=512, DISK_GB=1)


def server(**changes):
    known = {"id": "s-1", "name": "web", "status": "ACTIVE", "flavor": FAST, "image_id": "i"}
    return Server(**{**known, "host": "host1", "hypervisor_hostname": "host1", **changes})


def amounts(held, *, profiles, flavor=FAST):
    """The sentences of the audit about what a server holds on its host and the card there."""
    rows = {("s-1", "p-1"): OWN} | ({("s-1", "p-2"): held} if held else {})
    snapshot = Snapshot(
        providers=[HOST, CARD],
        inventories={"p-1": {"MEMORY_MB": SimpleNamespace(total=8192, reserved=0, allocation_ratio=1.0)}},
        allocations=Ledger(rows),
        servers=[server(flavor=flavor)],
        device_profiles=profiles,
    )
    return [one.sentence for one in audit(snapshot) if one.rule == Rule.AMOUNTS]


CARD_ASKS = {"card": Resources(FPGA=1)}


def test_a_server_is_entitled_to_what_its_device_profile_asks_for():
    assert amounts(Resources(FPGA=1), profiles=CARD_ASKS) == []


@pytest.mark.parametrize("held", [Resources(), Resources(FPGA=2)], ids=str)
def test_another_amount_is_found(held):
    [sentence] = amounts(held, profiles=CARD_ASKS)
    assert "FPGA 1" in sentence


def test_an_accelerator_without_a_device_profile_is_found():
    [sentence] = amounts(Resources(FPGA=1), profiles=CARD_ASKS, flavor=Flavor("plain", 1, 512, 1))
    assert "FPGA 1" in sentence


def test_a_device_profile_that_was_not_read_is_not_judged():
    assert amounts(Resources(FPGA=7), profiles={}) == []


def request(server="s-1", host="host1", state="Bound", provider=None):
    return AcceleratorRequest("r-1", state, "card", server, host, provider)


def found(request, *servers):
    snapshot = Snapshot(servers=servers, migrations=None, accelerator_requests=[request])
    return [one for one in audit(snapshot) if one.rule == Rule.ACCELERATOR]


def test_a_request_bound_on_the_servers_host_is_right():
    assert found(request(), server()) == []
    assert found(request(host="node1"), server(hypervisor_hostname="node1")) == []


@pytest.mark.parametrize(
    ("request_", "servers", "sentence"),
    [
        (request(), [], 'is Bound for server "s-1", which Nova does not have'),
        (request(server=None, host=None, state="Initial"), [], "is Initial for no server"),
        (request(), [server(status="SHELVED_OFFLOADED", host=None)], "which has no host"),
        (request(host="host2"), [server()], 'is Bound on host "host2" for server "web" on host "host1"'),
        (request(state="BindFailed"), [server()], "is BindFailed on host"),
    ],
    ids=str,
)
def test_other_requests_are_found(request_, servers, sentence):
    [finding] = found(request_, *servers)
    assert sentence in finding.sentence
    assert finding.settled


def test_a_request_for_a_server_that_is_being_built_is_not_judged():
    assert found(request(host=None), server(status="BUILD", host=None)) == []
    assert found(request(host="host2"), server(task_state="rebuilding")) == []


def test_a_request_on_another_hosts_provider_is_found():
    snapshot = Snapshot(
        providers=[HOST, CARD, OTHER],
        inventories={
            one.uuid: {"MEMORY_MB": SimpleNamespace(total=1, reserved=0, allocation_ratio=1.0)} for one in (HOST, OTHER)
        },
        servers=[server()],
        accelerator_requests=[request(provider="p-2"), replace(request(provider="p-3"), id="r-2")],
    )
    [finding] = [one for one in audit(snapshot) if one.rule == Rule.ACCELERATOR]
    assert finding.sentence == (
        'accelerator request r-2 is Bound on a provider of host "host2" for server "web" on host "host1"'
    )


class TestOfAWholeCloud:
    """What others use, and what cannot be seen, is no finding."""

    def judged(self, request, *servers, **more):
        findings, not_judged = judge(Snapshot(servers=servers, accelerator_requests=[request], **more))
        of_requests = [one.doubt is None for one in findings if one.rule == Rule.ACCELERATOR]
        return of_requests, [(one.reason, one.accelerator_requests) for one in not_judged]

    def test_a_server_that_nova_has_deleted_is_a_certain_finding(self):
        assert self.judged(request(), former={"s-1"}) == ([True], [])

    def test_a_server_that_nova_never_knew_is_doubted(self):
        assert self.judged(request()) == ([False], [])

    def test_what_a_cell_hides_is_not_judged(self):
        assert self.judged(request(), hidden={"s-1"}) == ([], [(Reason.CELL_DOWN, ("r-1",))])

    def test_what_others_use_is_not_judged(self):
        assert self.judged(request(), others={"s-1"}) == ([], [(Reason.OTHER_SERVICE, ("r-1",))])
        assert self.judged(request(server=None)) == ([], [(Reason.OTHER_SERVICE, ("r-1",))])


@pytest.mark.parametrize(("profiles", "found"), [({}, ["f-1"]), (CARD_ASKS, []), (None, [])])
def test_a_flavor_whose_device_profile_does_not_exist_is_found(profiles, found):
    flavors = [replace(FAST, id="f-1"), Flavor("plain", 1, 512, 1, id="f-2")]
    findings, _ = judge(Snapshot(flavors=flavors, device_profiles=profiles))
    assert [(one.rule, one.flavor) for one in findings] == [(Rule.DEVICE_PROFILE, flavor) for flavor in found]


def test_each_accelerator_is_a_row_of_its_own():
    bound = Row("web", "alpha", "Bound")
    assert requests_equal([bound, bound]).matches([bound, bound])
    assert not requests_equal([bound, bound]).matches([bound])


def test_a_row_without_a_state_is_refused():
    with pytest.raises(FeatureError, match='column "state" is empty; name the state, such as Bound'):
        read_requests([["server", "host", "state"], ["web", "alpha", ""]])
