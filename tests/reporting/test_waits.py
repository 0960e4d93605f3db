"""What a run shows while it waits."""

import io
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from support.reporting import waits


@pytest.fixture
def written():
    return []


@pytest.fixture
def lines(written):
    lines = waits.Lines(written.append)
    lines.scenario = "A scenario"
    return lines


class TestInCi:
    def test_a_short_wait_says_nothing(self, lines, written):
        for seconds in (0, 5, 14.9):
            lines.observe("server", seconds, "BUILD")
        assert written == []

    def test_a_long_wait_is_told_once_per_interval(self, lines, written):
        for seconds in range(0, 46, 3):
            lines.observe("server to be ACTIVE", seconds, "BUILD\nmore")
        assert written == [
            f"A scenario: waiting {seconds} s for server to be ACTIVE (BUILD)" for seconds in (15, 30, 45)
        ]

    def test_a_new_wait_begins_anew(self, lines, written):
        lines.observe("server", 16, "BUILD")
        lines.observe("server", 3, "BUILD")
        lines.observe("server", 14, "BUILD")
        lines.observe("accounts", 15, "")
        assert written == ["A scenario: waiting 16 s for server (BUILD)", "A scenario: waiting 15 s for accounts"]


class TestOnATerminal:
    def test_a_line_comes_and_goes(self):
        screen = io.StringIO()
        line = waits.Line(screen)
        line.scenario = "A scenario"
        line.observe("server", 0.5, "BUILD")
        assert screen.getvalue() == ""
        line.observe("server", 2, "BUILD")
        assert "A scenario: waiting 2 s for server (BUILD)" in screen.getvalue()
        drawn = screen.tell()
        line.end()
        assert "\x1b[2K" in screen.getvalue()[drawn:], "the line is not erased"


@pytest.mark.parametrize(("isatty", "kind"), [(True, waits.Line), (False, waits.Lines)])
def test_the_display_suits_the_place(isatty, kind):
    reporter = SimpleNamespace(isatty=isatty, _tw=SimpleNamespace(_file=io.StringIO()))
    capture = SimpleNamespace(global_and_fixture_disabled=nullcontext)
    assert isinstance(waits.display_for(reporter, capture), kind)
