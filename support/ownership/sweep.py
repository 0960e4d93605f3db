"""Removing what interrupted runs left in a cloud.

The journals of dead processes say what to look for; a living run's journal is locked, and is never touched. Each entry
is struck out when what it names is gone, so a sweep may be interrupted and repeated as often as one likes.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hamcrest import greater_than, has_length
from stocktake.support.api.clients import Clients
from stocktake.support.errors import StocktakeError
from stocktake.support.ownership import leftovers
from stocktake.support.ownership.journal import KINDS, Entry, OldJournal
from stocktake.support.ownership.leftovers import Leftover
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, WaitFailed, eventually

IN_FLIGHT = 15.0
"""Seconds after which a request that was under way when its process was killed has had its effect."""


@dataclass(frozen=True)
class Swept:
    """One leftover: what undoing it is, whether that was done, and the `problem` if it could not be."""

    order: str
    done: bool
    problem: str | None = None

    def __str__(self) -> str:
        if self.problem:
            return f"could not {self.order}: {self.problem}"
        return f"{'done: ' if self.done else 'would '}{self.order}"


Report = Callable[[Swept], object]


def sweep(
    clients: Clients,
    journals: Sequence[OldJournal],
    *,
    dry_run: bool = False,
    report: Report = lambda _: None,
    clock: Clock = SYSTEM_CLOCK,
) -> list[Swept]:
    """Undo what the journals of dead processes say of this cloud, and return what was found.

    With `dry_run` nothing is changed, neither in the cloud nor in the journals. `report` hears of each leftover as
    its fate is known. What cannot be undone stays in its journal.
    """
    with _claimed(clients, journals) as claimed:
        pairs = [(journal, entry) for journal in claimed for entry in reversed(journal.entries)]
        swept: list[Swept] = []
        for kind in KINDS:
            of_kind = [(journal, entry) for journal, entry in pairs if entry.kind == kind]
            swept += _sweep_kind(clients, of_kind, dry_run, report, clock)
        for journal in claimed:
            if not journal.entries and not dry_run:
                journal.remove()
    return swept


def sweep_marked(
    clients: Clients,
    journals: Iterable[OldJournal],
    *,
    older_than: timedelta,
    dry_run: bool = False,
    report: Report = lambda _: None,
) -> list[Swept]:
    """Remove everything that carries the mark of a run that began longer ago than that and is not known to be alive.

    For leftovers without a journal: it was lost, or is on another machine, whose living runs are not known here.
    """
    alive = {mark for journal in journals if _is_alive(journal) for mark in journal.marks}
    limit = datetime.now(UTC) - older_than
    found = leftovers.marked(clients, lambda mark: mark not in alive and mark.began < limit)
    swept = []
    for kind in KINDS:
        attempts = [_Attempt(leftover, dry_run) for leftover in found if leftover.kind == kind]
        for attempt in attempts:
            attempt.begin()
        swept += [attempt.end(report) for attempt in attempts]
    return swept


def _sweep_kind(
    clients: Clients, pairs: Sequence[tuple[OldJournal, Entry]], dry_run: bool, report: Report, clock: Clock
) -> list[Swept]:
    """Begin to undo all entries of a kind, then wait for each: servers are deleted side by side."""
    begun: list[tuple[OldJournal, Entry, list[_Attempt]]] = []
    swept: list[Swept] = []
    for journal, entry in pairs:
        try:
            found = _look_for(clients, entry, dry_run, clock)
        except StocktakeError as error:
            swept.append(Swept(f"look for {entry.kind} {entry.name}", done=False, problem=str(error)))
            report(swept[-1])
            continue
        attempts = [_Attempt(leftover, dry_run) for leftover in found]
        for attempt in attempts:
            attempt.begin()
        begun.append((journal, entry, attempts))
    for journal, entry, attempts in begun:
        results = [attempt.end(report) for attempt in attempts]
        swept += results
        if not dry_run and all(result.done for result in results):
            journal.strike(entry)
    return swept


def _look_for(clients: Clients, entry: Entry, dry_run: bool, clock: Clock) -> list[Leftover]:
    """Find what an entry names; a thing not there may still be on its way if its process has only just died."""
    since = (datetime.now(UTC) - entry.at).total_seconds()
    if dry_run or entry.id is not None or since >= IN_FLIGHT:
        return leftovers.of_entry(clients, entry)
    try:
        return eventually(
            lambda: leftovers.of_entry(clients, entry),
            has_length(greater_than(0)),
            within=IN_FLIGHT - max(0.0, since),
            what=f"{entry.kind} {entry.name}, which was being created when its process died, to show",
            clock=clock,
        )
    except TookTooLong:
        return []


class _Attempt:
    """The removal of one leftover in two halves, so that several can be under way at once."""

    def __init__(self, leftover: Leftover, dry_run: bool):
        self._leftover = leftover
        self._dry_run = dry_run
        self._problem: str | None = None

    def begin(self) -> None:
        if not self._dry_run:
            self._try(self._leftover.remove)

    def end(self, report: Report) -> Swept:
        if not self._dry_run and self._problem is None:
            self._try(self._leftover.finish)
        swept = Swept(str(self._leftover), not self._dry_run and self._problem is None, self._problem)
        report(swept)
        return swept

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except StocktakeError as error:
            self._problem = str(error)
        except WaitFailed as failure:
            self._problem = str(failure).splitlines()[0]


@contextlib.contextmanager
def _claimed(clients: Clients, journals: Sequence[OldJournal]) -> Iterator[list[OldJournal]]:
    """Hold, for the block, those journals that are about this cloud and whose process is dead."""
    held: list[OldJournal] = []
    try:
        held.extend(journal for journal in journals if _is_about(clients, journal) and journal.claim())
        yield held
    finally:
        for journal in held:
            journal.release()


def _is_about(clients: Clients, journal: OldJournal) -> bool:
    target = clients.session.target
    return journal.cloud == target.name and journal.auth_url == target.auth_url


def _is_alive(journal: OldJournal) -> bool:
    """Whether a journal's process lives, or another sweep is at it; whose journal is gone has ended."""
    claimed = journal.claim()
    journal.release()
    return not claimed and journal.path.exists()
