"""Nothing is found where nothing is wrong: in no state, no mixture of states, no part of a cloud."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stocktake.support.accounting.audit import audit
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger, Usages

from tests.accounting.clean_states import GOLDEN, LARGE, PINNED, SMALL, STATES, State, World


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_clean_state_has_no_findings(state: State) -> None:
    world = World()
    state(world, "alpha", SMALL, "beta")
    assert audit(world.snapshot()) == []


pairs_of_hosts = st.sampled_from([("alpha", "beta"), ("beta", "alpha")])
populations = st.lists(
    st.tuples(st.sampled_from(STATES), pairs_of_hosts, st.sampled_from([SMALL, LARGE, GOLDEN, PINNED])), max_size=12
)


def populated(population: list[tuple[State, tuple[str, str], Flavor]]) -> World:
    world = World()
    for state, (host, other), flavor in population:
        state(world, host, flavor, other)
    return world


many = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


@many
@given(populations)
def test_any_mixture_of_clean_states_has_no_findings(population: list) -> None:
    assert audit(populated(population).snapshot()) == []


@many
@given(populations)
def test_any_part_of_a_clean_cloud_has_no_findings(population: list) -> None:
    """A scenario reads only the trees it holds."""
    whole = populated(population).snapshot()
    for held in ({"rp-alpha"}, {"rp-beta", "rp-gamma"}):
        trees = [provider for provider in whole.providers if provider.root in held]
        uuids = {provider.uuid for provider in trees}
        part = replace(
            whole,
            providers=trees,
            inventories={uuid: stock for uuid, stock in whole.inventories.items() if uuid in uuids},
            usages=Usages({uuid: whole.usages[uuid] for uuid in uuids}),
            allocations=Ledger(
                {key: held for key, held in whole.allocations.items() if key[1] in {*uuids, "rp-storage"}}
            ),
            hypervisors=[node for node in whole.hypervisors or () if node.id in uuids],
            traits={uuid: traits for uuid, traits in whole.traits.items() if uuid in uuids},
        )
        assert audit(part) == []
