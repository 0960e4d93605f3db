"""What ports ask for, and how the audit judges what servers hold for them."""

import pytest
from stocktake.support.accounting.audit import Rule, audit
from stocktake.support.accounting.ports import EGRESS, requested, short_name
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.tables import read_ports
from stocktake.support.errors import FeatureError

from tests.accounting.clean_states import LARGE, SMALL, World, resize_undecided

OUT = Resources({EGRESS: 1000})


@pytest.mark.parametrize("nothing", [None, {}, {"request_groups": []}])
def test_a_port_without_a_request_asks_for_nothing(nothing):
    assert not requested(nothing)


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("cmp-1.example:NIC Switch agent:ens5f0", "ens5f0"),
        ("cmp-1:NIC Switch agent", "nic-switch-agent"),
        ("host1_0000:81:00.0", None),
        ("host1", None),
    ],
)
def test_neutrons_providers_have_short_names(provider, name):
    assert short_name(provider) == name


def test_a_table_of_ports_says_what_each_guarantees():
    assert read_ports([["port", EGRESS], ["gold", "1000"], ["plain", "0"]]) == {"gold": OUT, "plain": Resources()}


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ([["port", "VCPU"], ["gold", "1"]], 'has an unknown column "VCPU"'),
        ([["port", EGRESS], ["gold", "1"], ["gold", "2"]], 'port "gold" is listed a second time'),
        ([["port"], ["gold"]], "names no resource class"),
    ],
)
def test_a_table_that_is_none_is_refused(table, sentence):
    with pytest.raises(FeatureError, match=sentence):
        read_ports(table)


def server_with_port(held: Resources) -> tuple[World, str]:
    world = World()
    server = world.boot("ACTIVE", SMALL, "alpha")
    world.hold(server, "alpha", SMALL.resources())
    world.hold(server, "alpha/nic", held)
    return world, server


def test_a_server_holds_what_its_ports_ask_for():
    world, server = server_with_port(OUT)
    assert audit(world.snapshot(ports={server: OUT})) == []


@pytest.mark.parametrize(("held", "asked"), [(OUT, Resources()), (Resources(), OUT), (OUT, OUT * 2)])
def test_a_server_that_holds_something_else_for_its_ports_is_found(held, asked):
    world, server = server_with_port(held)
    (finding,) = audit(world.snapshot(ports={server: asked} if asked else {}))
    assert (finding.rule, finding.found, finding.expected) == (
        Rule.AMOUNTS,
        SMALL.resources() + held,
        SMALL.resources() + asked,
    )
    assert ('its flavor "small" with its ports is' in finding.sentence) == bool(asked)


def test_nothing_is_judged_where_ports_were_not_read():
    world, _ = server_with_port(OUT)
    assert audit(world.snapshot()) == []


def test_a_server_in_error_may_have_given_up_its_ports():
    for held in (OUT, Resources()):
        world, server = server_with_port(held)
        shown = world.servers[server]
        world.servers[server] = type(shown)(**{**vars(shown), "status": "ERROR"})
        assert audit(world.snapshot(ports={server: OUT})) == []


def test_a_migration_may_hold_what_ports_asked_for_before_it_began():
    world = World()
    resize_undecided(world, "alpha", LARGE, "beta")
    (move,) = world.migrations
    world.hold(str(move.uuid), "alpha/nic", OUT)
    assert audit(world.snapshot(ports={})) == []
