"""Groups of hosts that can exchange servers: what keeps hosts apart, and how it is said."""

import pytest
from stocktake.support.hosts.groups import HostFacts, exchange_of, grouped


def names(*hosts, exchange="live", declared=()):
    return [group.hosts for group in grouped(hosts, exchange, declared).groups]


def a_and(**different):
    common = {"type": "QEMU", "arch": "x86_64", "version": 8, "cpu": "one"}
    return HostFacts("a", **common), HostFacts("b", **(common | different))


@pytest.mark.parametrize(
    ("different", "apart"),
    [
        ({}, ()),
        ({"zone": "east"}, ("cold", "live")),
        ({"traits": frozenset({"CUSTOM_GOLD"})}, ("none", "cold", "live")),
        ({"type": "VMware vCenter Server"}, ("cold", "live")),
        ({"arch": "aarch64"}, ("cold", "live")),
        ({"version": 9}, ("live",)),
        ({"cpu": "another"}, ("live",)),
    ],
)
def test_hosts_are_kept_apart_by_what_keeps_nova_from_moving_servers_between_them(different, apart):
    for exchange in ("none", "cold", "live"):
        together = len(names(*a_and(**different), exchange=exchange)) == 1
        assert together is (exchange not in apart), exchange


def test_hosts_that_are_declared_together_are_one_group_whatever_they_differ_in():
    hosts = [*a_and(zone="east", version=9), HostFacts("c"), HostFacts("d")]
    assert names(*hosts, declared=[["a", "b"]]) == [("a", "b"), ("c", "d")]


def test_a_declared_host_shares_no_group_with_others_like_it():
    assert names(*a_and(), declared=[["a"]]) == [("a",), ("b",)]


def test_hosts_outside_any_zone_and_isolated_aggregate_come_first():
    """They need nothing that a scenario would have to ask for, and may be put in zones of its own."""
    zoned, isolated = HostFacts("a", zone="east"), HostFacts("b", traits=frozenset({"CUSTOM_GOLD"}))
    assert names(zoned, isolated, HostFacts("c")) == [("c",), ("b",), ("a",)]


def test_what_a_group_needs_is_what_its_hosts_agree_in():
    gold = frozenset({"CUSTOM_GOLD"})
    (group,) = grouped([HostFacts("a", "east", gold), HostFacts("b", "east", gold)], "cold").groups
    assert (group.zone, group.traits) == ("east", gold)
    (group,) = grouped([HostFacts("a", "east"), HostFacts("b", "west")], "cold", [["a", "b"]]).groups
    assert group.zone is None


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({"zone": "east"}, 'a; b (zone "east")'),
        ({"traits": frozenset({"CUSTOM_GOLD"})}, "a; b (requires CUSTOM_GOLD)"),
        ({"type": "KVM"}, "a (hypervisor QEMU); b (hypervisor KVM)"),
        ({"version": 9}, "a (version 8); b (version 9)"),
    ],
)
def test_groups_are_told_apart_by_what_they_differ_in(different, said):
    too_small = grouped(a_and(**different), "live").too_small(2)
    assert too_small.reason == (
        f"the scenario needs 2 hosts that can exchange servers, and the groups of such hosts are {said}"
    )
    assert '"host_groups:"' in too_small.remedy


def test_hosts_that_cannot_be_used_are_named_with_the_reason():
    grouping = grouped([HostFacts("a"), HostFacts("b", unusable="bare metal")], "cold").without({"c": "down"})
    assert str(grouping) == "a; not usable: b (bare metal), c (down)"
    too_small = grouping.too_small(2)
    assert too_small.reason == "the scenario needs 2 hosts and may use 1 (a); not usable: b (bare metal), c (down)"
    assert '"hosts:"' in too_small.remedy


@pytest.mark.parametrize("exchange", ["cold", "none"])
def test_a_host_may_be_unfit_for_a_need_of_the_scenario(exchange):
    grouping = grouped([HostFacts("a"), HostFacts("b", unfit={"own_zones": 'in zone "east"'})], exchange)
    assert str(grouping.fit_for({"own_zones", "moves"})) == 'a; not usable: b (in zone "east")'
    assert str(grouping.fit_for({"moves"})) == "a, b"


def test_without_a_host_its_group_is_smaller_or_gone():
    grouping = grouped([HostFacts("a"), HostFacts("b"), HostFacts("c", zone="east")], "cold")
    assert [group.hosts for group in grouping.without({"a": "down", "c": "down"}).groups] == [("b",)]
    assert (grouping.largest, grouping.without({"a": "down"}).largest) == (2, 1)


def test_what_steps_need_says_how_servers_move():
    assert exchange_of({"moves", "live_moves"}) == "live"
    assert exchange_of({"moves", "lab"}) == "cold"
    assert exchange_of({"lab"}) == "none"
