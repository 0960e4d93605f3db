"""Waiting for a cloud: the only clock and the only sleep of the suite.

`eventually` repeats a reading until a matcher accepts it, the deadline passes, or the reading says it never will.
It uses a callable, a matcher and a clock: the callable reads, and the matcher knows what a reading means.
"""

import textwrap
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from hamcrest.core.matcher import Matcher
from hamcrest.core.string_description import StringDescription

T = TypeVar("T")

# Pauses begin short, for what ends at once, and soon are as long as the goal for noticing allows, because every reading
# slows down what it waits for: a mean delay (half a pause) of 40 ms in waits up to a second, and of 4 % beyond. The cap
# costs requests, but bounds the worst delay. A minute is 77 readings.
SHORTEST_PAUSE = 0.02  # seconds
FIRST_GROWTH = 0.2  # of the time already waited, up to
USUAL_PAUSE = 0.08  # seconds, then
GROWTH = 0.08  # of the time already waited, up to
LONGEST_PAUSE = 2.0  # seconds

# Where the usual duration is known, the first reading comes at this fraction of the shortest recent duration. It is
# below 1, so that an operation that has become faster is noticed within a few waits.
EARLY = 0.85
REMEMBERED = 5  # durations by operation

# A failure shows how the wait began and how it ended; a reading that flaps for minutes is not printed in full.
FIRST_CHANGES_SHOWN = 5
LAST_CHANGES_SHOWN = 20

Observer = Callable[[str, float, str], None]

observers: list[Observer] = []
"""Called with (what, seconds waited, description of the last reading) after every reading, for display on a
terminal."""


class Clock(Protocol):
    """The clock of `eventually`; tests use one that does not really sleep."""

    def now(self) -> float:
        """Seconds since any fixed moment, never running backwards."""

    def sleep(self, seconds: float) -> None:
        """Return when that many seconds have passed."""


class SystemClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds since an arbitrary moment before the process began."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread for that many seconds."""
        time.sleep(seconds)


SYSTEM_CLOCK = SystemClock()


@dataclass(frozen=True)
class Change:
    """A reading that was described differently from the one before it."""

    seconds: float  # since the wait began
    description: str


class WaitFailed(AssertionError):  # noqa: N818 - a verdict, like the assertion it is
    """What was awaited did not happen.

    `what` is what was awaited, `waited` for how many seconds, in how many `readings`; `last` is the last reading and
    `history` holds every change of the readings' description.
    """

    def __init__(self, headline: str, *, what: str, waited: float, readings: int, last: Any, history: list[Change]):
        super().__init__(f"{headline}\n{_history_text(history, waited)}")
        self.what = what
        self.waited = waited
        self.readings = readings
        self.last = last
        self.history = tuple(history)


class TookTooLong(WaitFailed):
    """The deadline passed and the reading taken at it did not fit."""


class Hopeless(WaitFailed):
    """A reading showed that what is awaited will never happen; `reason` says why."""

    def __init__(self, headline: str, *, reason: str, **facts: Any):
        super().__init__(headline, **facts)
        self.reason = reason


def eventually(
    read: Callable[[], T],
    matcher: Matcher[Any],
    *,
    within: float,
    what: str,
    describe: Callable[[T], str] | None = None,
    hopeless: Callable[[T], str | None] | None = None,
    settled: Callable[[], bool] | None = None,
    first_look: float = 0.0,
    clock: Clock = SYSTEM_CLOCK,
) -> T:
    """Repeat `read()` until `matcher` accepts what it returned, and return that reading.

    `within` is the limit in seconds; the last reading begins at the deadline, never before it.
    `what` completes the sentence "waited 60 s for …", for instance 'server "web" to be ACTIVE on host "alpha"'.
    `describe` renders a reading for the history (default `str`). `hopeless` names the reason why a reading that does
    not fit never will, or None while there is hope. `settled` guards against a reading that fits by luck, before a
    late write: an accepted reading counts only if it was taken after `settled()` had become true. `first_look` is in
    how many seconds the first reading is worth its cost, see `Pace`.

    Raises TookTooLong or Hopeless, both AssertionErrors. Whatever `read` raises propagates.
    """
    if not within >= 0:
        raise ValueError(f"within={within} is not a limit in seconds: it must be 0 or more")
    wait = _Wait(what, describe or str, clock)
    at_rest = settled is None
    final = within == 0
    if first_look > 0:
        clock.sleep(min(first_look, within))
    while True:
        reading = wait.take(read)
        fits = matcher.matches(reading)
        if fits and at_rest:
            return reading
        if not fits and hopeless and (reason := hopeless(reading)):
            headline = f"gave up waiting for {what} after {_seconds(wait.waited)}: {reason}"
            raise Hopeless(headline, reason=reason, **wait.facts(reading))
        if fits and settled is not None and settled():
            at_rest = True
            continue
        if final:
            raise TookTooLong(_too_long(wait, matcher, reading, unsettled=fits), **wait.facts(reading))
        left = within - wait.waited
        pause = pause_after(wait.waited)
        final = pause >= left
        clock.sleep(max(0.0, min(pause, left)))


def pause_after(waited: float) -> float:
    """Return for how many seconds a wait pauses that has lasted so many.

    >>> [round(pause_after(waited), 2) for waited in (0, 0.1, 0.5, 1, 10, 60)]
    [0.02, 0.04, 0.08, 0.08, 0.8, 2.0]
    """
    soon = min(USUAL_PAUSE, SHORTEST_PAUSE + FIRST_GROWTH * waited)
    return max(soon, min(LONGEST_PAUSE, GROWTH * waited))


class Pace:
    """How long recent operations have taken, in seconds, so that a wait does not begin to read too early.

    Every reading of a server loads the cloud: polling slows down what it waits for.
    """

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._seen: dict[str, deque[float]] = {}

    def first_look(self, operation: str) -> float:
        """Return the seconds until the first reading: a little less than the shortest recent duration; 0 if unknown."""
        return EARLY * min(self._seen.get(operation) or (0.0,))

    @contextmanager
    def learning(self, operation: str, since: float | None = None) -> Iterator[float]:
        """Measure the block, unless it fails, and yield what is left then of what `first_look` says before it.

        `since` is when the operation began, on the clock, if that was earlier.
        """
        began = self._clock.now() if since is None else since
        yield max(0.0, self.first_look(operation) - (self._clock.now() - began))
        self._seen.setdefault(operation, deque(maxlen=REMEMBERED)).append(self._clock.now() - began)


@contextmanager
def observed_by(observer: Observer) -> Iterator[None]:
    """Call `observer` for every reading of every wait inside the block."""
    observers.append(observer)
    try:
        yield
    finally:
        observers.remove(observer)


class _Wait:
    """One wait: when it began, the number of its readings and what changed."""

    def __init__(self, what: str, describe: Callable[[Any], str], clock: Clock):
        self.what = what
        self._describe = describe
        self._clock = clock
        self._began = clock.now()
        self._readings = 0
        self._history: list[Change] = []

    @property
    def waited(self) -> float:
        return self._clock.now() - self._began

    @property
    def readings(self) -> int:
        return self._readings

    def take(self, read: Callable[[], T]) -> T:
        """Read once, and remember the reading if it looks different from the one before."""
        reading = read()
        waited = self.waited
        self._readings += 1
        description = self._describe(reading)
        if not self._history or self._history[-1].description != description:
            self._history.append(Change(waited, description))
        for observer in tuple(observers):
            observer(self.what, waited, description)
        return reading

    def facts(self, last: Any) -> dict[str, Any]:
        return {
            "what": self.what,
            "waited": self.waited,
            "readings": self._readings,
            "last": last,
            "history": self._history,
        }


def _too_long(wait: _Wait, matcher: Matcher[Any], reading: Any, *, unsettled: bool) -> str:
    readings = "1 reading" if wait.readings == 1 else f"{wait.readings} readings"
    headline = f"waited {_seconds(wait.waited)} for {wait.what} ({readings})"
    if unsettled:
        return f"{headline}: the last reading fits, but the operation it belongs to has not finished"
    expected, mismatch = StringDescription(), StringDescription()
    matcher.describe_to(expected)
    matcher.describe_mismatch(reading, mismatch)
    return f"{headline}\nExpected: {expected}\n     but: {mismatch}"


def _history_text(history: list[Change], waited: float) -> str:
    """Every change on a line of its own: when it was first seen, and what it was."""
    width = len(f"{waited:.1f}")
    lines = [_change_text(change, width) for change in history]
    left_out = len(lines) - FIRST_CHANGES_SHOWN - LAST_CHANGES_SHOWN
    if left_out > 0:
        gap = f"  {'…':>{width}}   ({left_out} more changes)"
        lines = [*lines[:FIRST_CHANGES_SHOWN], gap, *lines[-LAST_CHANGES_SHOWN:]]
    return "\n".join(["History:", *lines])


def _change_text(change: Change, width: int) -> str:
    first, *rest = change.description.splitlines() or [""]
    line = f"  {change.seconds:>{width}.1f} s {first}".rstrip()
    return "\n".join([line, *(textwrap.indent(more, " " * (width + 5)) for more in rest)])


def _seconds(seconds: float) -> str:
    """A duration for people: 0.04 s, 3.2 s, 60 s."""
    for below, digits in ((1, 2), (10, 1)):
        if seconds < below:
            return f"{seconds:.{digits}f} s"
    return f"{seconds:.0f} s"
