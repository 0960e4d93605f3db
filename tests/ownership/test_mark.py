"""The mark: what carries it, and what does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stocktake.support.ownership.mark import Mark

MARK = Mark("0t5k2m1abcde")


def test_mark_in_names_traits_and_metadata():
    assert MARK.name("web") == "stocktake-0t5k2m1abcde-web"
    assert MARK.trait("gold disk") == "CUSTOM_STOCKTAKE_0T5K2M1ABCDE_GOLD_DISK"
    assert MARK.owns(MARK.id())
    assert MARK.id() != MARK.id()
    assert MARK.metadata == {"stocktake": "0t5k2m1abcde"}


@given(what=st.text(max_size=30))
def test_mark_is_read_back_from_everything_it_is_on(what):
    mark = Mark.new()
    for name in (mark.name(what), mark.trait(what)):
        assert Mark.of(name) == mark
        assert mark.owns(name)
        assert not MARK.owns(name)


@pytest.mark.parametrize(
    "name",
    [
        "web",
        "",
        "stocktake",
        "stocktake-web",
        "stocktake-0t5k2m1abcd-web",  # a digit short
        "stocktake-0t5k2m1abcdef-web",  # one too many
        "my-stocktake-0t5k2m1abcde-web",
        "Stocktake-0t5k2m1abcde-web",
        "CUSTOM_STOCKTAKE",
        "CUSTOM_STOCKTAKE_GOLD",
        "CUSTOM_STOCKTAKE_0t5k2m1abcde_GOLD",
    ],
)
def test_names_of_others_carry_no_mark(name):
    assert Mark.of(name) is None
    assert not MARK.owns(name)


def test_nothing_is_owned_without_a_name():
    assert not MARK.owns(None)


def test_new_marks_differ_and_tell_when():
    marks = {Mark.new() for _ in range(100)}
    assert len(marks) == 100
    assert all(timedelta(0) <= datetime.now(UTC) - mark.began < timedelta(seconds=10) for mark in marks)


@pytest.mark.parametrize("run", ["", "ABCDEFGHIJKL", "0t5k2m1abcd", "0t5k2m1abcde\n", "../../../../e"])
def test_mark_that_is_none_is_refused(run):
    with pytest.raises(ValueError, match="is not the name of a run"):
        Mark(run)
