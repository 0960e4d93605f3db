"""Ports of a scenario: what is made for them, and when they cannot be made."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from stocktake.support.accounting.ports import EGRESS, INGRESS, PACKET_RATE
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.scenario.operations.network import bindings, ports
from stocktake.support.scenario.operations.network.bindings import Binding


class Neutron:
    """Remembers what it is asked to make."""

    def __init__(self):
        self.made = []
        self.lacking = None
        self.shown = SimpleNamespace(requests=Resources({EGRESS: 1, INGRESS: 2}), policy="former")

    def why_no_guarantees(self, _classes):
        return self.lacking

    def port(self, _identity):
        return self.shown

    def __getattr__(self, name):
        def call(*args, **options):
            self.made.append((name, *args[1:], *options.values()))
            return f"{name}-{len(self.made)}"

        return call


@pytest.fixture
def neutron():
    return Neutron()


@pytest.fixture
def scenario(neutron):
    """A scenario on one host, whose agent guarantees bandwidth and no packet rate."""

    @contextmanager
    def after(kind, name, **_details):
        yield SimpleNamespace(kind=kind.name, name=name)

    host = SimpleNamespace(service="cmp-1", provider="rp-1")
    child = SimpleNamespace(uuid="rp-1-nic")
    return SimpleNamespace(
        cloud=SimpleNamespace(networks=neutron, settings=SimpleNamespace(physical_network="physnet0")),
        names=SimpleNamespace(real=lambda name: f"real-{name}"),
        owned=SimpleNamespace(ports={}, networks={}),
        undoing=SimpleNamespace(after=after, identify=lambda *_: None, entries=()),
        trees=SimpleNamespace(all=lambda: {"rp-1": [child]}, inventories=lambda: {"rp-1-nic": {EGRESS: 1, INGRESS: 1}}),
        roles=SimpleNamespace(hosts=[host]),
        answers=SimpleNamespace(refusal=None),
    )


def test_each_port_has_a_policy_for_what_it_guarantees(scenario, neutron):
    ports.create(scenario, {"gold": Resources({EGRESS: 1000, INGRESS: 2000}), "plain": Resources()})
    assert [call[0] for call in neutron.made] == [
        *("create_network", "create_subnet", "create_policy", "guarantee", "guarantee", "create_port", "create_port")
    ]
    assert neutron.made[3:5] == [("guarantee", "egress", 1000), ("guarantee", "ingress", 2000)]
    assert [call[2] for call in neutron.made[5:]] == ["create_policy-3", None]
    assert ports.port_id(scenario, "gold") == "create_port-6"


def test_more_ports_join_the_network(scenario, neutron):
    for name in ("gold", "silver"):
        ports.create(scenario, {name: Resources()})
    assert [call[0] for call in neutron.made].count("create_network") == 1
    with pytest.raises(FeatureError, match='port "gold" already exists'):
        ports.create(scenario, {"gold": Resources()})


def test_what_the_cloud_lacks_is_said(scenario, neutron):
    neutron.lacking = ("no Neutron", "get one")
    with pytest.raises(Unverified, match="no Neutron; get one"):
        ports.create(scenario, {"gold": Resources()})
    assert neutron.made == []


def test_a_host_that_offers_nothing_of_a_class_is_named(scenario):
    with pytest.raises(Unverified, match=f'host "cmp-1" offers no {PACKET_RATE}; set resource_provider_bandwidths'):
        ports.create(scenario, {"gold": Resources({EGRESS: 1, PACKET_RATE: 1})})


def test_a_port_is_changed_by_another_policy(scenario, neutron):
    scenario.owned.ports["gold"] = "p-1"
    ports.change(scenario, "gold", EGRESS, 5)
    assert ("guarantee", "egress", 5) in neutron.made
    assert ("guarantee", "ingress", 2) in neutron.made
    assert neutron.made[-1] == ("set_policy", "create_policy-1")
    with pytest.raises(FeatureError, match="a port guarantees no VCPU"):
        ports.change(scenario, "gold", "VCPU", 1)


def test_an_unknown_port_is_reported_with_the_known_ones(scenario):
    scenario.owned.ports["gold"] = "p-1"
    with pytest.raises(FeatureError, match='port "silver" does not exist in this scenario: its ports are "gold"'):
        ports.port_id(scenario, "silver")


@pytest.mark.parametrize(
    ("binding", "said"),
    [
        (Binding(None, frozenset(), frozenset()), "not bound"),
        (
            Binding("alpha", frozenset({"alpha/br"}), frozenset()),
            'bound to host "alpha" and alpha/br, while its server holds no provider',
        ),
    ],
)
def test_a_binding_is_told_in_the_features_words(binding, said):
    assert str(binding) == said


@pytest.mark.parametrize(
    ("named", "held", "fits"),
    [
        ({"alpha/br"}, {"alpha/br", "alpha/agent"}, True),
        (set(), {"alpha/br"}, False),
        ({"beta/br"}, {"beta/br"}, False),
        ({"alpha/br"}, set(), False),
    ],
)
def test_a_port_is_bound_to_what_its_server_holds_on_its_host(monkeypatch, named, held, fits):
    seen = []
    monkeypatch.setattr(bindings, "check_names", lambda *_: None)
    monkeypatch.setattr(bindings, "_claim", lambda _context, _name, matcher: seen.append(matcher))
    bindings.is_bound(None, "gold", "alpha")
    assert seen[0].matches(Binding("alpha", frozenset(named), frozenset(held))) is fits
