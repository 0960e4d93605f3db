"""Hunting: a broken rule is found, shortened, proved and told once. What runs the histories is a double."""

from collections.abc import Callable

import pytest
from stocktake.support.errors import CloudError
from stocktake.support.exploring.history import History
from stocktake.support.exploring.hunting import REPEATS, SHORTENING, TIRES_AFTER, Hunt
from stocktake.support.exploring.running import Verdict
from stocktake.support.exploring.shortening import shorten

from tests.conftest import FakeClock
from tests.exploring.histories import history

Judge = Callable[[History], Verdict]
HELD = Verdict("held", 1.0)


class Cloud:
    """Runs histories by a rule of the test, and counts them."""

    def __init__(self, judge: Judge, *, takes: float = 1.0):
        self.clock = FakeClock()
        self.runs: list[History] = []
        self._judge = judge
        self._takes = takes  # seconds for each

    def run(self, history: History) -> Verdict:
        self.runs.append(history)
        self.clock.sleep(self._takes)
        return self._judge(history)


def broken_after(*names: str) -> Judge:
    """A cloud on which the last of these operations goes wrong if the others were before it, in this order."""

    def judge(history: History) -> Verdict:
        rest = list(names)
        for number, name in enumerate(history.names, start=1):
            if rest and name == rest[0]:
                rest.pop(0)
                if not rest:
                    return Verdict("broken", 1.0, number, "allocations", "the allocations are wrong")
        return HELD

    return judge


def hunt_on(cloud: Cloud, seconds: float = 3000) -> Hunt:
    return Hunt(cloud.run, lambda history, verdict: None, cloud.clock.now() + seconds, length=8, clock=cloud.clock)


def test_finds_and_shortens() -> None:
    cloud = Cloud(broken_after("resize", "revert", "shelve"))
    found = hunt_on(cloud).search("1")
    assert found is not None
    assert found.history.names == ("boot", "resize", "revert", "shelve")
    assert found.history.hosts == ("alpha", "beta")
    assert (found.history.steps[0].told["server"], found.history.steps[0].told["host"]) == ("web", "alpha")
    assert found.proved


def test_nothing_is_run_twice_except_to_prove_it() -> None:
    cloud = Cloud(broken_after("live migrate", "stop"))
    found = hunt_on(cloud).search("1")
    assert found is not None
    again = [history for history in cloud.runs if cloud.runs.count(history) > 1]
    assert set(again) <= {found.history}


def test_what_a_finding_explains_is_not_told_again() -> None:
    cloud = Cloud(broken_after("resize", "confirm"))
    hunt = hunt_on(cloud, seconds=200)
    first = hunt.search("1")
    assert first is not None
    assert hunt.search("2") is None
    assert hunt.found == [first]


def test_another_fault_is_told_as_well() -> None:
    one, other = broken_after("resize", "confirm"), broken_after("shelve", "unshelve")
    cloud = Cloud(lambda history: next((v for v in (one(history), other(history)) if v.outcome == "broken"), HELD))
    hunt = hunt_on(cloud)
    assert [hunt.search("1"), hunt.search("2")] == hunt.found
    assert {found.history.names[-2:] for found in hunt.found} == {("resize", "confirm"), ("shelve", "unshelve")}


def test_what_happens_once_is_not_proved() -> None:
    happened = []

    def judge(history: History) -> Verdict:
        verdict = broken_after("reboot")(history)
        if verdict.outcome == "broken" and not happened:
            happened.append(history)
            return verdict
        return HELD

    found = hunt_on(Cloud(judge)).search("1")
    assert found is not None
    assert (found.proved, found.repeated, found.runs) == (False, 0, 2)


def test_ends_when_time_is_up() -> None:
    cloud = Cloud(lambda history: HELD)
    assert hunt_on(cloud, seconds=50).search("1") is None
    assert 50 < cloud.clock.waited <= 52


def test_shortening_ends_as_well() -> None:
    judge = broken_after("resize", "revert")
    cloud = Cloud(judge, takes=SHORTENING / 3)
    assert hunt_on(cloud, seconds=1_000_000).search("1") is not None
    first = next(number for number, history in enumerate(cloud.runs) if judge(history).outcome == "broken")
    shortening = 4  # the last one begins when time is just up
    assert len(cloud.runs) - first <= 1 + shortening + REPEATS


def test_seeds_make_up_the_same_histories() -> None:
    one, two, three = (Cloud(lambda history: HELD) for _ in range(3))
    for cloud, named in ((one, "1"), (two, "1"), (three, "2")):
        hunt_on(cloud, seconds=20).search(named)
    assert one.runs == two.runs != three.runs


def test_a_cloud_that_does_not_answer_ends_the_hunt() -> None:
    cloud = Cloud(lambda history: Verdict("failed", 1.0, told="the compute API does not answer"))
    with pytest.raises(CloudError, match=f"failed {TIRES_AFTER} times in a row, .* the compute API does not answer"):
        hunt_on(cloud).search("1")


def test_what_cannot_be_verified_breaks_no_rule() -> None:
    cloud = Cloud(lambda history: Verdict("unverified", 1.0, told="no second host"))
    assert hunt_on(cloud, seconds=30).search("1") is None


def test_what_a_cloud_does_not_offer_is_left_out_from_then_on() -> None:
    def judge(history: History) -> Verdict:
        return HELD if history.circumstance == "plain" else Verdict("unverified", 1.0, told="not here")

    cloud = Cloud(judge)
    hunt_on(cloud, seconds=100).search("1")
    special = [history.circumstance for history in cloud.runs if history.circumstance != "plain"]
    assert special
    assert len(special) == len(set(special))


def test_a_history_is_run_if_it_brings_as_much_as_the_last_one() -> None:
    boot, cloud = "boot flavor=small host=alpha", Cloud(lambda history: HELD)
    hunt = hunt_on(cloud)
    hunt.judge(history(boot, "stop", "start", "shelve"))
    for _ in range(10):
        hunt.judge(history(boot, "reboot", "stop"))
    assert len(cloud.runs) == 1
    hunt.judge(history(boot, "reboot", "stop", "rebuild", "start"))
    assert len(cloud.runs) == 2
    for _ in range(100):
        hunt.judge(history(boot, "reboot", "stop"))  # in the end less is expected
    assert len(cloud.runs) == 3


def test_a_shorter_history_is_run_as_one_that_is_expected_to_break_the_rule() -> None:
    cloud, shorter = Cloud(broken_after("resize", "revert")), Cloud(broken_after("resize", "revert"))
    hunt = hunt_on(cloud)
    hunt.run_shorter = shorter.run
    found = hunt.search("1")
    assert found is not None
    assert cloud.runs[-REPEATS:] == [found.history] * REPEATS
    assert found.history in shorter.runs
    assert found.history not in cloud.runs[:-REPEATS]


def test_what_is_said_of_a_move_is_said_of_the_one_that_remains() -> None:
    boot = "boot flavor=small host=alpha"
    long = history(boot, "resize flavor=large", "revert", "cold migrate", "confirm")

    def breaks(made: History) -> History | None:
        return made if {"resize", "confirm"} <= set(made.names) else None

    assert shorten(long, breaks).names == ("boot", "resize", "confirm")


def test_what_happens_to_two_servers_is_told_of_one_if_that_does_not_matter() -> None:
    long = history("boot flavor=small host=alpha", "stop", "boot flavor=small host=beta", "shelve server=db")
    shortest = shorten(long, lambda made: made if {"stop", "shelve"} <= set(made.names) else None)
    assert shortest.names == ("boot", "stop", "shelve")


def test_a_host_that_only_must_not_be_chosen_is_left_out() -> None:
    boot, three = "boot flavor=small host=alpha", ("alpha", "beta", "gamma")
    long = history(boot, "host down host=gamma", "resize flavor=large", "confirm", hosts=three)
    shortest = shorten(long, lambda made: made if {"resize", "confirm"} <= set(made.names) else None)
    assert (shortest.names, shortest.hosts) == (("boot", "resize", "confirm"), ("alpha", "beta"))


def test_what_only_brought_a_server_where_it_is_is_left_out() -> None:
    long = history(
        "host down host=alpha",
        "boot two flavor=small",
        "host back host=alpha",
        "cold migrate server=web-2",
        "confirm",
        "host down host=alpha",
        "force evacuation server=web-2",
    )
    shortest = shorten(long, lambda made: made if "force evacuation" in made.names else None)
    assert shortest.names == ("boot", "host down", "force evacuation")


def test_what_is_special_is_left_out_of_what_is_told_if_it_does_not_matter() -> None:
    port = history("boot with port flavor=large host=beta", "request resize flavor=small", circumstance="port")
    shortest = shorten(port, lambda history: history if len(history.steps) == len(port.steps) else None)
    assert (shortest.circumstance, shortest.names) == ("plain", ("boot", "resize"))
