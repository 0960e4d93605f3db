"""Matchers in the feature's words: what they accept, and what a failed claim reads like."""

import pytest
from hamcrest import assert_that
from stocktake.support.scenario.operations import matchers


def mismatch(found, matcher):
    with pytest.raises(AssertionError) as failure:
        assert_that(found, matcher)
    return [line.strip() for line in str(failure.value).strip().splitlines()]


@pytest.mark.parametrize(
    ("found", "matcher"),
    [
        (True, matchers.exists("trait CUSTOM_A", there=True)),
        (False, matchers.exists("trait CUSTOM_A", there=False)),
        (["VCPU", "CUSTOM_A"], matchers.holds("CUSTOM_A", "CUSTOM_A", there=True)),
        (["VCPU"], matchers.holds("CUSTOM_A", "CUSTOM_A", there=False)),
        (["b", "a", "a"], matchers.is_list(["a", "b", "a"])),
        (set(), matchers.is_list([])),
        ([], matchers.is_none_left()),
        (["nothing", "a warning of the scheduler"], matchers.says("warning")),
    ],
)
def test_accept(found, matcher):
    assert_that(found, matcher)


@pytest.mark.parametrize(
    ("found", "matcher", "expected", "but"),
    [
        (
            False,
            matchers.exists("trait CUSTOM_A", there=True),
            "trait CUSTOM_A exists",
            "trait CUSTOM_A does not exist",
        ),
        (["VCPU", "CUSTOM_B"], matchers.holds("CUSTOM_A", "CUSTOM_A", there=True), "CUSTOM_A", "CUSTOM_B, VCPU"),
        (["CUSTOM_B"], matchers.holds("CUSTOM_B", "CUSTOM_SEAT", there=False), "no CUSTOM_SEAT", "CUSTOM_B"),
        (["a", "c"], matchers.is_list(["a", "b"]), "a, b", "a, c (it lacks b; it has besides c)"),
        (["a"], matchers.is_list(["a", "a"]), "a, a", "a (it lacks a)"),
        (["a"], matchers.is_list([]), "none", "a"),
        (None, matchers.is_list([]), "none", "nothing is recorded"),
        (["a"], matchers.is_none_left(), "none", "a"),
        ([], matchers.says("warning"), 'a line that contains "warning"', "nothing"),
        (["one", "two"], matchers.says("warning"), 'a line that contains "warning"', "one"),
    ],
)
def test_tell(found, matcher, expected, but):
    first, second, *_ = mismatch(found, matcher)
    assert first == f"Expected: {expected}"
    assert second == f"but: {but}"
