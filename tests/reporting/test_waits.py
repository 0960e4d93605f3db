"""What a run shows while it waits."""

import contextlib
import io
import os
import pty
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from stocktake.support.reporting import waits

REPOSITORY = Path(__file__).parents[2]


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
        assert "waiting 2 s for server (BUILD); A scenario" in screen.getvalue()
        drawn = screen.tell()
        line.end()
        assert "\x1b[2K" in screen.getvalue()[drawn:], "the line is not erased"

    @pytest.mark.process
    def test_it_is_seen_past_pytests_capture_at_the_beginning_of_a_line(self, tmp_path):
        """A pytest of its own on a pseudo-terminal: whatever is drawn while a scenario runs must arrive there."""
        (tmp_path / "test_slow.py").write_text(SLOW)
        controlling, terminal = pty.openpty()
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_slow.py"]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm", "COLUMNS": "80"}
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=terminal, stderr=terminal)
        os.close(terminal)
        seen = b""
        with contextlib.suppress(OSError):  # Linux's way to say that the other end is closed
            while more := os.read(controlling, 4096):
                seen += more
        assert process.wait() == 0, seen.decode()
        text = seen.decode()
        assert re.search(r"test_slow.py \r\n\S*waiting 2 s for a server \(BUILD\); A scenario of which", text), text
        assert "printed" not in text
        assert "1 passed" in text


SLOW = """
from stocktake.support.reporting.waits import display_for

def test_slow(pytestconfig):
    manager = pytestconfig.pluginmanager
    display = display_for(manager.getplugin("terminalreporter"), manager.getplugin("capturemanager"))
    display.scenario = "A scenario of which the name is longer than what is left of the line on this terminal"
    print("printed")
    display.observe("a server", 2, "BUILD")
    display.end()
"""


@pytest.mark.parametrize(("isatty", "kind"), [(True, waits.Line), (False, waits.Lines)])
def test_the_display_suits_the_place(isatty, kind):
    reporter = SimpleNamespace(isatty=isatty, _tw=SimpleNamespace(_file=io.StringIO()))
    capture = SimpleNamespace(global_and_fixture_disabled=nullcontext)
    assert isinstance(waits.display_for(reporter, capture), kind)
