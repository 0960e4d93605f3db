"""Histories for tests: written as lists of operations, or made up by hypothesis from the model."""

from hypothesis import strategies as st
from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.history import History, Step
from stocktake.support.exploring.operations import OPERATIONS


def history(*steps: str, hosts: tuple[str, ...] = ("alpha", "beta"), circumstance: str = "plain") -> History:
    """A history from the names of its operations, each optionally with arguments: `boot flavor=large host=beta`.

    Of all possible arguments the first ones that agree with those given are taken.
    """
    made = History(hosts, circumstance=circumstance)
    for written in steps:
        words = [word for word in written.split() if "=" not in word]
        given = dict(word.split("=") for word in written.split() if "=" in word)
        operation = OPERATIONS[" ".join(words)]
        told = next(each for each in operation.possible(made.worlds[-1]) if given.items() <= each.items())
        made = made.then(Step.of(operation.name, told))
    return made


@st.composite
def histories(draw: st.DrawFn, longest: int = 10) -> History:
    """Any history that the model allows."""
    special = draw(st.sampled_from(list(CIRCUMSTANCES.values())))
    made = History(draw(st.sampled_from(special.hosts)), circumstance=special.name)
    for _ in range(draw(st.integers(1, longest))):
        world = made.worlds[-1]
        possible = [(name, told) for name, each in OPERATIONS.items() for told in each.possible(world)]
        name, told = draw(st.sampled_from(possible))
        made = made.then(Step.of(name, told))
    return made
