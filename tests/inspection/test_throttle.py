"""How many requests are under way at a time: fewer after bad answers, more after good ones, never more than allowed."""

import threading

import pytest
from stocktake.support.api.replies import Exchange
from stocktake.support.inspection.throttle import SLOW, STEADY, Throttle


def answer(status=200, *, sent=0.0, seconds=0.01):
    return Exchange(sent, "GET", "placement", "/", status, None, seconds, None)


def heed(throttle, exchange, times=1):
    for _ in range(times):
        throttle.heed(exchange)


@pytest.mark.parametrize(
    "bad",
    [answer(429), answer(502), answer(503), answer(504), answer(None), answer(seconds=SLOW + 0.1)],
    ids=["429", "502", "503", "504", "no answer", "slow"],
)
def test_half_as_many_after_a_bad_answer(bad):
    throttle = Throttle(8)
    throttle.heed(bad)
    assert throttle.limit == 4


@pytest.mark.parametrize("fine", [answer(), answer(404), answer(500), answer(seconds=SLOW)])
def test_as_many_after_an_answer_that_shows_no_overload(fine):
    throttle = Throttle(8)
    throttle.heed(fine)
    assert throttle.limit == 8


def test_no_part_of_a_long_list_is_late_but_it_may_be_refused():
    throttle = Throttle(8)
    throttle.heed_list(answer(seconds=SLOW * 5))
    assert throttle.limit == 8
    throttle.heed_list(answer(429))
    assert (throttle.limit, throttle.requests) == (4, 2)


def test_bad_answers_to_requests_of_the_same_moment_count_once():
    throttle = Throttle(8)
    heed(throttle, answer(429, sent=10), times=8)
    assert throttle.limit == 4
    throttle.heed(answer(429, sent=11))
    assert throttle.limit == 2


def test_one_request_may_always_be_under_way():
    throttle = Throttle(2)
    for second in range(5):
        throttle.heed(answer(429, sent=second))
    assert throttle.limit == 1


def test_one_more_after_many_good_answers_up_to_what_is_allowed():
    throttle = Throttle(3)
    throttle.heed(answer(429))
    assert throttle.limit == 1
    heed(throttle, answer(), times=STEADY - 1)
    assert throttle.limit == 1
    throttle.heed(answer())
    assert throttle.limit == 2
    heed(throttle, answer(), times=100 * STEADY)
    assert throttle.limit == 3


def test_a_bad_answer_begins_the_count_of_good_ones_anew():
    throttle = Throttle(2)
    throttle.heed(answer(429, sent=0))
    heed(throttle, answer(), times=STEADY - 1)
    throttle.heed(answer(429, sent=1))
    throttle.heed(answer())
    assert throttle.limit == 1


def test_whoever_is_one_too_many_waits_for_its_turn():
    throttle, went = Throttle(1), threading.Event()

    def second():
        with throttle.turn():
            went.set()

    with throttle.turn():
        waiting = threading.Thread(target=second)
        waiting.start()
        assert not went.wait(0.05)
    waiting.join(5)
    assert went.is_set()


def test_every_request_is_counted():
    throttle = Throttle(2)
    heed(throttle, answer(), times=3)
    throttle.heed(answer(429))
    assert throttle.requests == 4
