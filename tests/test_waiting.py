"""`eventually`: how often it looks, when it stops and what it says. No test here takes real time."""

import math
import statistics

import pytest
from hamcrest import equal_to, greater_than_or_equal_to
from hypothesis import given
from hypothesis import strategies as st
from stocktake.support import waiting
from stocktake.support.waiting import EARLY, SYSTEM_CLOCK, Hopeless, Pace, TookTooLong, eventually


def turning_at(clock, moment, before="BUILD", after="ACTIVE"):
    """A reading that changes from `before` to `after` when the clock has waited `moment` seconds."""
    return lambda: after if clock.waited >= moment else before


def one_after_another(*readings):
    left = list(readings)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def active_within(clock, seconds, moment, **options):
    return eventually(
        turning_at(clock, moment), equal_to("ACTIVE"), within=seconds, what="ACTIVE", clock=clock, **options
    )


def test_reading_that_fits_at_once_costs_one_reading_and_no_sleep(fake_clock):
    assert active_within(fake_clock, 5, moment=0) == "ACTIVE"
    assert fake_clock.slept == []


def test_returns_the_reading_the_matcher_accepted(fake_clock):
    read = one_after_another(1, 2, 3, 4, 5)
    assert eventually(read, greater_than_or_equal_to(3), within=5, what="three", clock=fake_clock) == 3


@given(moment=st.floats(0, 600))
def test_notices_late_by_at_most_a_pause(new_clock, moment):
    clock = new_clock()
    active_within(clock, 601, moment)
    assert moment <= clock.waited
    assert clock.waited - moment <= min(2.0, max(0.08, 0.08 * clock.waited)) + 1e-9


@given(within=st.floats(0, 600))
def test_last_reading_begins_at_the_deadline(new_clock, within):
    clock = new_clock()
    began = []

    def read():
        began.append(clock.waited)
        return "BUILD"

    with pytest.raises(TookTooLong) as failure:
        eventually(read, equal_to("ACTIVE"), within=within, what="ACTIVE", clock=clock)
    assert began[-1] == pytest.approx(within, abs=1e-6)
    assert failure.value.waited == pytest.approx(within, abs=1e-6)
    assert failure.value.readings == len(began)
    assert all(0 <= pause <= 2.0 for pause in clock.slept)
    assert all(pause >= 0.01 for pause in clock.slept[:-1])  # only the last is cut short by the deadline


@given(within=st.floats(0.5, 60), each=st.floats(0, 3))
def test_slow_readings_still_end_with_one_at_the_deadline(new_clock, within, each):
    clock = new_clock()
    began = []

    def read():
        began.append(clock.waited)
        clock.time += each
        return "BUILD"

    with pytest.raises(TookTooLong):
        eventually(read, equal_to("ACTIVE"), within=within, what="ACTIVE", clock=clock)
    assert within - 1e-6 <= began[-1] <= within + each + 1e-6
    assert all(start < within + 1e-6 for start in began[:-1])


def test_a_minute_costs_at_most_eighty_readings(fake_clock):
    with pytest.raises(TookTooLong) as failure:
        active_within(fake_clock, 60, moment=math.inf)
    assert failure.value.readings <= 80


@pytest.mark.parametrize(("shortest", "longest"), [(0.0, 1.0), (1.0, 10.0), (10.0, 60.0), (60.0, 600.0)])
def test_mean_delay_in_noticing(new_clock, shortest, longest):
    late, share = [], []
    for step in range(500):
        moment = shortest + (longest - shortest) * (step + 0.5) / 500
        clock = new_clock()
        active_within(clock, 601, moment)
        late.append(clock.waited - moment)
        share.append((clock.waited - moment) / moment)
    if longest <= 1:
        assert statistics.mean(late) < 0.05
    else:
        assert statistics.mean(share) < 0.05


def test_failure_says_what_how_long_and_what_changed(fake_clock):
    states = {0: "BUILD, scheduling", 1: "BUILD, spawning", 20: "ERROR"}

    def read():
        return next(states[moment] for moment in sorted(states, reverse=True) if fake_clock.waited >= moment)

    with pytest.raises(TookTooLong) as failure:
        eventually(read, equal_to("ACTIVE"), within=60, what='server "web" to be ACTIVE', clock=fake_clock)
    assert str(failure.value).splitlines() == [
        f'waited 60 s for server "web" to be ACTIVE ({failure.value.readings} readings)',
        "Expected: 'ACTIVE'",
        "     but: was 'ERROR'",
        "History:",
        "   0.0 s BUILD, scheduling",
        "   1.0 s BUILD, spawning",
        "  21.1 s ERROR",
    ]
    assert failure.value.what == 'server "web" to be ACTIVE'
    assert failure.value.last == "ERROR"
    assert [change.description for change in failure.value.history] == list(states.values())


def test_history_keeps_changes_only_and_shows_the_ends_of_a_long_one(fake_clock):
    with pytest.raises(TookTooLong) as failure:
        eventually(
            one_after_another(*range(40), 40), equal_to(-1), within=60, what="a negative number", clock=fake_clock
        )
    assert len(failure.value.history) == 41
    shown = str(failure.value).split("History:\n")[1].splitlines()
    assert len(shown) == 26
    assert "(16 more changes)" in shown[5]
    assert shown[4].endswith(" s 4")
    assert shown[6].endswith(" s 21")


def test_readings_of_several_lines_are_indented(fake_clock):
    with pytest.raises(TookTooLong) as failure:
        eventually(lambda: "| host |\n| alpha |", equal_to(""), within=0, what="nothing", clock=fake_clock)
    assert str(failure.value).endswith("History:\n  0.0 s | host |\n        | alpha |")


def test_describe_renders_the_history(fake_clock):
    with pytest.raises(TookTooLong, match=r"0\.0 s it was a 7$"):
        eventually(lambda: 7, equal_to(8), within=0, what="eight", describe="it was a {}".format, clock=fake_clock)


def test_hopeless_reading_ends_the_wait_early(fake_clock):
    def hopeless(status):
        return "No valid host was found (req-1)" if status == "ERROR" else None

    with pytest.raises(Hopeless) as failure:
        eventually(
            turning_at(fake_clock, 1.0, after="ERROR"),
            equal_to("ACTIVE"),
            within=60,
            what='server "web" to be ACTIVE',
            hopeless=hopeless,
            clock=fake_clock,
        )
    assert fake_clock.waited < 1.2
    assert str(failure.value).startswith(
        'gave up waiting for server "web" to be ACTIVE after 1.0 s: No valid host was found (req-1)\nHistory:\n'
    )
    assert failure.value.reason == "No valid host was found (req-1)"
    assert failure.value.last == "ERROR"


def test_what_is_awaited_is_never_hopeless(fake_clock):
    assert eventually(
        lambda: "ERROR", equal_to("ERROR"), within=1, what="ERROR", hopeless=str, clock=fake_clock
    ) == "ERROR"  # fmt: skip


def test_failures_are_assertion_errors():
    assert issubclass(TookTooLong, AssertionError)
    assert issubclass(Hopeless, AssertionError)


def test_what_a_reading_raises_propagates(fake_clock):
    def refuse():
        raise ConnectionError("refused")

    with pytest.raises(ConnectionError, match="refused"):
        eventually(refuse, equal_to(1), within=1, what="one", clock=fake_clock)


def test_lucky_reading_before_the_operation_settled_does_not_count(fake_clock):
    def read():
        return "right" if fake_clock.waited < 1 or fake_clock.waited > 5 else "wrong"

    reading = eventually(
        read, equal_to("right"), within=60, what="it", settled=lambda: fake_clock.waited > 2, clock=fake_clock
    )
    assert reading == "right"
    assert fake_clock.waited > 5


def test_reading_is_taken_again_after_the_operation_settled(fake_clock):
    readings = []

    def read():
        readings.append(fake_clock.waited)
        return "right" if len(readings) == 1 else "wrong"

    with pytest.raises(TookTooLong, match="was 'wrong'"):
        eventually(read, equal_to("right"), within=3, what="it", settled=lambda: True, clock=fake_clock)
    assert readings[:2] == [0.0, 0.0]


def test_operation_is_asked_only_while_the_reading_fits_and_until_it_has_settled(fake_clock):
    asked = []

    def settled():
        asked.append(fake_clock.waited)
        return fake_clock.waited >= 2

    active_within(fake_clock, 60, moment=1, settled=settled)
    assert asked[0] >= 1
    assert sum(moment >= 2 for moment in asked) == 1


def test_operation_that_never_settles_is_named_as_the_cause(fake_clock):
    with pytest.raises(TookTooLong, match="the last reading fits, but the operation it belongs to has not finished"):
        active_within(fake_clock, 3, moment=0, settled=lambda: False)


def test_observers_hear_of_every_reading(fake_clock):
    heard = []
    with waiting.observed_by(lambda *facts: heard.append(facts)):
        active_within(fake_clock, 5, moment=0.03)
    active_within(fake_clock, 5, moment=0)
    assert [(what, description) for what, _, description in heard] == [("ACTIVE", "BUILD")] * 2 + [("ACTIVE", "ACTIVE")]
    assert heard[0][1] == 0.0
    assert heard[-1][1] == fake_clock.waited
    assert waiting.observers == []


@pytest.mark.parametrize("within", [-1, math.nan])
def test_limit_that_is_none_is_refused(within):
    with pytest.raises(ValueError, match="not a limit in seconds"):
        eventually(lambda: 1, equal_to(1), within=within, what="one")


def test_system_clock_moves_forward():
    before = SYSTEM_CLOCK.now()
    SYSTEM_CLOCK.sleep(0)
    assert SYSTEM_CLOCK.now() >= before


class TestPace:
    def take(self, pace, clock, seconds):
        with pace.learning("boot") as first_look:
            clock.sleep(seconds)
        return first_look

    def test_looks_shortly_before_the_quickest_end_seen_lately(self, fake_clock):
        pace = Pace(fake_clock)
        assert [self.take(pace, fake_clock, seconds) for seconds in (2, 1, 3)] == [0, 2 * EARLY, EARLY]
        assert pace.first_look("resize") == 0

    def test_forgets_a_quick_end_that_was_an_exception(self, fake_clock):
        pace = Pace(fake_clock)
        for seconds in (1, 2, 2, 2, 2, 2):
            self.take(pace, fake_clock, seconds)
        assert pace.first_look("boot") == 2 * EARLY

    def test_counts_from_when_the_operation_began(self, fake_clock):
        pace = Pace(fake_clock)
        self.take(pace, fake_clock, 3)
        began = fake_clock.now()
        fake_clock.sleep(1)
        with pace.learning("boot", since=began) as first_look:
            assert first_look == pytest.approx(3 * EARLY - 1)
        assert pace.first_look("boot") == pytest.approx(EARLY)
        fake_clock.sleep(1)
        with pace.learning("boot", since=began) as first_look:
            assert first_look == 0

    def test_does_not_learn_from_what_failed(self, fake_clock):
        pace = Pace(fake_clock)
        with pytest.raises(TookTooLong), pace.learning("boot"):
            active_within(fake_clock, 1, moment=2)
        assert pace.first_look("boot") == 0

    def test_first_look_never_outlasts_the_limit(self, fake_clock):
        with pytest.raises(TookTooLong):
            active_within(fake_clock, 1, moment=9, first_look=5)
        assert fake_clock.waited == 1

    def test_readings_become_few_without_becoming_late(self, fake_clock):
        looked = []
        eventually(
            lambda: looked.append(fake_clock.waited) or fake_clock.waited,
            greater_than_or_equal_to(0.9),
            within=5,
            what="the end",
            first_look=0.9 * EARLY,
            clock=fake_clock,
        )
        assert len(looked) <= 4
        assert fake_clock.waited - 0.9 <= 0.1
