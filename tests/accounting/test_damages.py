"""Each damage is found, alone and among others, and nothing else is."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stocktake.support.accounting.audit import Finding, Rule, audit
from stocktake.support.accounting.findings import Certainty

from tests.accounting.clean_states import World
from tests.accounting.damages import DAMAGES, Expected, beyond_its_capacity
from tests.accounting.test_clean_states import many, populations


def check(finding: Finding, expected: Expected) -> None:
    assert (finding.rule, finding.consumer) == (expected.rule, expected.consumer), finding
    assert (finding.host, finding.provider) == (f"{expected.host}.node", f"rp-{expected.host}")
    assert finding.found == expected.found
    if expected.expected or expected.rule is not Rule.MISSING:
        assert finding.expected == expected.expected
    assert expected.words in finding.sentence
    assert finding.settled
    assert finding.doubt == expected.doubt
    assert (finding.certainty is Certainty.PROBABLE) == bool(expected.doubt)
    assert "\n" not in finding.sentence
    assert finding.command.startswith("openstack ")
    json.dumps(finding.as_json())


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_each_damage_alone_is_found(damage: Callable[[World], Expected]) -> None:
    world = World()
    expected = damage(world)
    (finding,) = audit(world.snapshot())
    check(finding, expected)


@many
@given(populations, st.sampled_from(DAMAGES))
def test_each_damage_is_found_among_others_and_nothing_else_is(
    population: list, damage: Callable[[World], Expected]
) -> None:
    world = World()
    for state, (host, other), flavor in population:
        state(world, host, flavor, other)
    expected = damage(world)
    (finding,) = audit(world.snapshot())
    if expected.rule is Rule.CAPACITY:
        assert finding.found["VCPU"] >= expected.found["VCPU"]
    else:
        check(finding, expected)


@many
@given(st.sets(st.sampled_from([damage for damage in DAMAGES if damage is not beyond_its_capacity])))
def test_damages_together_are_all_found(damages: set) -> None:
    world = World()
    expected = [damage(world) for damage in damages]
    found = audit(world.snapshot())
    assert sorted((one.rule, str(one.consumer)) for one in found) == sorted(
        (one.rule, str(one.consumer)) for one in expected
    )
    order = list(Rule)
    assert [order.index(one.rule) for one in found] == sorted(order.index(one.rule) for one in found)
