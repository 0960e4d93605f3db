"""What a request that was in progress when its process died, or was interrupted, may still bring about."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from hamcrest import greater_than, has_length
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Leftover
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually

IN_FLIGHT = 15.0
"""Seconds after which a request that nobody waits for any more has taken effect."""


def look_for(entry: Entry, find: Callable[[], Iterable[Leftover]], clock: Clock = SYSTEM_CLOCK) -> list[Leftover]:
    """Return what `find` finds of a journal's entry.

    If the cloud has not said what id it gave to it, it may still appear until `IN_FLIGHT` seconds after the entry was
    written.
    """
    since = (datetime.now(UTC) - entry.at).total_seconds()
    if entry.id is not None or since >= IN_FLIGHT:
        return list(find())
    try:
        return eventually(
            lambda: list(find()),
            has_length(greater_than(0)),
            within=IN_FLIGHT - max(0.0, since),
            what=f"{entry.kind} {entry.name}, which was being created when the run was interrupted, to show",
            clock=clock,
        )
    except TookTooLong:
        return []
