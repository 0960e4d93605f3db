"""What may come next in a history that is made up."""

import pytest
from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.graph import graph_of
from stocktake.support.exploring.guide import LATE, Guide
from stocktake.support.exploring.history import History
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.running import Verdict
from stocktake.support.exploring.world import World

from tests.exploring.histories import history

BOOT, LENGTH = "boot flavor=small host=alpha", 16
ALL = {(one, other) for one in OPERATIONS for other in OPERATIONS}
KNOWN = "delete during move"


def guide_that_has_seen(pairs: set[tuple[str, str]]) -> Guide:
    made = Guide(LENGTH)
    made.look_round(pairs, ())
    return made


def next_in(made: History, choosing: Guide) -> dict[str, list[str]]:
    """The operations that may follow, with the hosts to which they may lead."""
    after = choosing.next(made, made.worlds[-1])
    return {name: sorted({told.get("host", "") for told in each}) for name, each in after.items()}


def test_operations_that_have_never_come_after_the_last_one_are_preferred() -> None:
    made = history(BOOT, "stop")
    choosing = guide_that_has_seen(ALL - {("stop", "start"), ("stop", "rebuild"), ("start", "reboot")})
    assert set(next_in(made, choosing)) == {"start", "rebuild"}


def test_any_may_be_next_at_every_third_place() -> None:
    made = history(BOOT, "stop", "start")
    choosing = guide_that_has_seen(ALL - {("start", "reboot")})
    assert {"reboot", "shelve", "delete"} <= set(next_in(made, choosing))


def test_what_came_in_this_history_is_not_new_either() -> None:
    made = history(BOOT, "stop", "start", "stop")
    choosing = guide_that_has_seen(ALL - {("stop", "start"), ("stop", "rebuild")})
    assert set(next_in(made, choosing)) == {"rebuild"}


def test_the_shortest_way_to_a_new_pair_is_taken_with_what_it_takes() -> None:
    choosing = guide_that_has_seen(ALL - {("evacuate", "host back")})
    assert next_in(history(BOOT, "stop"), choosing) == {"host down": ["alpha"]}  # and not beta
    assert set(next_in(history(BOOT, "delete"), choosing)) == {"boot"}
    assert next_in(history("boot flavor=small host=beta", "stop"), choosing) == {"host down": ["beta"]}


def test_where_nothing_is_new_any_may_be_next() -> None:
    made = history(BOOT, "stop")
    assert set(next_in(made, guide_that_has_seen(ALL))) >= {"start", "rebuild", "shelve", "host down"}


def test_worlds_that_are_not_in_the_graph_have_what_is_possible() -> None:
    made = history(BOOT, "boot flavor=small host=beta", hosts=("alpha", "beta", "gamma"))
    assert graph_of("plain").number(made.worlds[-1]) is None
    assert set(next_in(made, guide_that_has_seen(ALL))) >= {"stop", "host down"}


def verdicts(choosing: Guide, *outcomes: str) -> None:
    made = history(BOOT, "request resize flavor=large", KNOWN, BOOT)
    for outcome in outcomes:
        broken = Verdict("known", 1.0, 3, "audit") if outcome == "known" else Verdict("held", 1.0)
        choosing.learn(made, broken)
    choosing.look_round(ALL - {("request resize", KNOWN), ("request resize", "periodic")}, ())


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [((), False), (("known",), False), (("known", "held"), False), (("known", "held", "held"), True)],
)
def test_what_mostly_ends_a_history_comes_late(outcomes: tuple[str, ...], expected: bool) -> None:
    early = history(BOOT, "request resize flavor=large")
    stops = ["stop", "start"] * 6
    late = history(BOOT, *stops[: LENGTH - LATE - 2], "request resize flavor=large")
    assert len(late.steps) == LENGTH - LATE
    choosing = Guide(LENGTH)
    verdicts(choosing, *outcomes)
    assert (KNOWN in next_in(early, choosing)) is expected
    assert KNOWN in next_in(late, choosing)


def test_the_way_does_not_lead_through_what_mostly_ends_a_history() -> None:
    made = history(BOOT, "boot flavor=small host=beta", "reboot server=db", "request resize server=web flavor=large")
    assert set(next_in(made, guide_that_has_seen(ALL - {("boot", "stop")}))) == {"delete"}  # of the other server


def test_circumstances_without_anything_new_are_left_out_and_so_are_those_that_a_cloud_lacks() -> None:
    choosing = Guide(LENGTH)
    choosing.beginnings(World(("alpha", "beta"), circumstance="zone"))
    choosing.beginnings(World(("alpha", "beta"), circumstance="failing builds"))
    choosing.look_round(graph_of("failing builds").pairs, {"port"})
    assert set(choosing.circumstances) == set(CIRCUMSTANCES) - {"failing builds", "port"}
    assert choosing.circumstances.count("plain") == CIRCUMSTANCES["plain"].weight
    for name in ("zone", "failing builds"):
        choosing.look_round(graph_of("zone").pairs | graph_of("failing builds").pairs, set(CIRCUMSTANCES) - {name})
        assert set(choosing.circumstances) == {name}  # all are used again where none has anything new


def test_a_history_begins_with_a_server() -> None:
    choosing = Guide(LENGTH)
    beginnings = choosing.beginnings(World(("alpha", "beta"), circumstance="zone"))
    assert {"boot", "boot in zone"} <= set(beginnings)
    assert "host down" not in beginnings
