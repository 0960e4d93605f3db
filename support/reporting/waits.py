"""Shows during a run what a scenario is waiting for: on a terminal as one temporary line, in CI as plain lines.

A wait is shown once it has lasted a moment; in CI only long ones are shown, once per interval.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

SHOWN_AFTER = 1.0  # seconds waited, on a terminal
REFRESHED_EVERY = 0.5  # seconds
TOLD_AFTER = 15.0  # seconds waited, and between two lines, in CI


class Line:
    """On a terminal: one line with the scenario and what it is waiting for, removed when the scenario ends."""

    def __init__(self, file: TextIO, uncaptured: Callable[[], AbstractContextManager[Any]] = nullcontext):
        """`uncaptured` lets what is written inside of it reach the terminal, at the beginning of a line."""
        self.scenario = ""
        self._console = Console(file=file, force_terminal=True)
        self._uncaptured = uncaptured
        self._live: Live | None = None
        self._drawn = 0.0

    def observe(self, what: str, seconds: float, last: str) -> None:
        """Redraw the line occasionally."""
        now = time.monotonic()
        if seconds < SHOWN_AFTER or now - self._drawn < REFRESHED_EVERY:
            return
        self._drawn = now
        told = f"{waiting(what, seconds, last)}; {self.scenario}"  # the scenario's name comes last, to be cut off
        text = Text(told, style="dim", no_wrap=True, overflow="ellipsis")
        with self._uncaptured():
            if self._live is None:
                self._live = Live(
                    console=self._console,
                    auto_refresh=False,
                    transient=True,
                    redirect_stdout=False,  # pytest does so already
                    redirect_stderr=False,
                )
                self._live.start()
            self._live.update(text, refresh=True)

    def end(self) -> None:
        """Remove the line."""
        if self._live is not None:
            with self._uncaptured():
                self._live.stop()
            self._live = None


class Lines:
    """Without a terminal: a line for a long wait, and another one after each further interval."""

    def __init__(self, write: Callable[[str], None]):
        self.scenario = ""
        self._write = write
        self._told: tuple[str, float] = ("", 0.0)

    def observe(self, what: str, seconds: float, last: str) -> None:
        """Report a long wait."""
        told, at = self._told if self._told[0] == what and seconds >= self._told[1] else (what, 0.0)
        if seconds - at >= TOLD_AFTER:
            self._write(sentence(self.scenario, what, seconds, last))
            at = seconds
        self._told = (told, at)

    def end(self) -> None:
        """Nothing to remove."""
        self._told = ("", 0.0)


def sentence(scenario: str, what: str, seconds: float, last: str) -> str:
    """Describe in one line which scenario is waiting for what, for how long, and what was last seen."""
    return f"{scenario}: {waiting(what, seconds, last)}"


def waiting(what: str, seconds: float, last: str) -> str:
    """Describe what is awaited, for how long, and what was last seen; a table does not fit into a line."""
    seen = "" if "|" in last else last.partition("\n")[0]
    return f"waiting {seconds:.0f} s for {what}{f' ({seen})' if seen else ''}"


def display_for(reporter: Any, capture: Any) -> "Line | Lines":
    """Return the display for pytest's output: a terminal, or anything else.

    `reporter` is pytest's terminal reporter, `capture` its capture manager, which is asked to let lines through.
    """

    @contextmanager
    def uncaptured() -> Iterator[None]:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            yield

    def write(line: str) -> None:
        with uncaptured():
            reporter.write_line(line)

    if reporter.isatty:
        return Line(reporter._tw._file, uncaptured)
    return Lines(write)
