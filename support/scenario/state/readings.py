"""What was read from a cloud and cannot have changed since, because the scenario has not acted on it.

An audit, the tables of the following steps and the evidence in the report are about one moment, so one reading serves
them all. A claim that does not hold reads again, and every action invalidates all readings.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Readings:
    """Readings by subject, forgotten after every action: `moment` counts the actions so far."""

    def __init__(self, moment: Callable[[], object]):
        self._moment = moment
        self._taken: object = None
        self._kept: dict[Hashable, Any] = {}

    def keep(self, key: Hashable, reading: T) -> T:
        """Remember a reading that shows the end of the last action, and return it."""
        self._forget_old()
        self._kept[key] = reading
        return reading

    def last(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return the remembered reading, or read and remember it."""
        self._forget_old()
        if key not in self._kept:
            self._kept[key] = read()
        return self._kept[key]

    def forget(self) -> None:
        """Forget all readings, because the cloud may have changed by itself."""
        self._kept.clear()

    def _forget_old(self) -> None:
        moment = self._moment()
        if moment != self._taken:
            self._kept.clear()
            self._taken = moment
