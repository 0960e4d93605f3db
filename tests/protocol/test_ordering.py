"""The order in which many scenarios can wait together."""

from types import SimpleNamespace

import pytest
from stocktake.support.protocol import ordering


@pytest.fixture
def ordered(monkeypatch):
    """Orders scenarios that are given by name, tags, needs and number of hosts; other tests by their name alone."""

    def order(*given):
        facts = {name: rest for name, *rest in given}
        items = [
            SimpleNamespace(name=name, iter_markers=lambda rest=rest: [SimpleNamespace(name=tag) for tag in rest[0]])
            for name, rest in facts.items()
        ]
        collecting = SimpleNamespace(
            runnable=lambda item: item.name if facts[item.name] else None,
            needs_of=lambda name: facts[name][1],
            roles_of=lambda name: "abc"[: facts[name][2]],
        )
        monkeypatch.setattr(ordering, "collecting", collecting)
        return [item.name for item in ordering.in_order_of_waiting(items)]

    return order


def quiet(name):
    return name, (), (), 2


def test_scenarios_that_end_waits_are_spread_among_the_others(ordered):
    changing = [("c1", {"disruptive"}, {"disruption"}, 2), ("c2", (), {"volumes"}, 1)]
    assert ordered(*changing, *map(quiet, ("q1", "q2", "q3", "q4"))) == ["q1", "c1", "q2", "q3", "c2", "q4"]


def test_scenarios_that_are_alone_come_last_and_small_ones_beside_large_ones(ordered):
    large = [(name, (), {"stop_host"}, 2) for name in ("l1", "l2")]
    small = [(name, (), {"stop_host"}, 1) for name in ("s1", "s2")]
    whole = ("w", {"whole-cloud"}, (), 1)
    assert ordered(whole, *large, *small, quiet("q")) == ["q", "l1", "s1", "l2", "s2", "w"]


def test_other_tests_keep_their_place(ordered):
    assert ordered(("test_a",), ("test_b",)) == ["test_a", "test_b"]
