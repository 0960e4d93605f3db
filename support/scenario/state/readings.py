"""What was read of a cloud and cannot have changed since, because nothing has acted on it.

An audit, the tables of the steps after it and the evidence in the report speak of one moment: one reading serves them
all. A claim that does not hold on it reads again, and whatever acts makes every reading an old one.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Readings:
    """Readings by what they are of, forgotten when something acts: `moment` counts what has been done so far."""

    def __init__(self, moment: Callable[[], object]):
        self._moment = moment
        self._taken: object = None
        self._kept: dict[Hashable, Any] = {}

    def keep(self, key: Hashable, reading: T) -> T:
        """Remember a reading that shows the end of what was done last, and return it."""
        self._forget_old()
        self._kept[key] = reading
        return reading

    def last(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return the reading that is remembered, or read and remember it."""
        self._forget_old()
        if key not in self._kept:
            self._kept[key] = read()
        return self._kept[key]

    def forget(self) -> None:
        """Read everything anew: what was read may have moved on by itself."""
        self._kept.clear()

    def _forget_old(self) -> None:
        moment = self._moment()
        if moment != self._taken:
            self._kept.clear()
            self._taken = moment
