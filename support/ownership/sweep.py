"""Removing what interrupted runs left in a cloud.

The journals of dead processes say what to look for; the journal of a run in progress is locked, and is never touched.
What was changed on hosts is undone while these are leased, so that a run in progress sees none of it. Each entry is
struck out when what it names is gone, so a sweep may be interrupted and repeated.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hamcrest import empty
from stocktake.support.errors import CloudError, StocktakeError
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.hosts.leases import Lease, no_lease
from stocktake.support.ownership.attempt import Attempt
from stocktake.support.ownership.cloud_id import cloud_id, same_address
from stocktake.support.ownership.in_flight import look_for
from stocktake.support.ownership.journal import FORMAT, Entry, OldJournal
from stocktake.support.ownership.kinds.kind import Kind, Leftover
from stocktake.support.ownership.kinds.registry import KINDS
from stocktake.support.ownership.mark import Mark
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually


@dataclass(frozen=True)
class Swept:
    """One leftover: how it is removed, whether that was done, and the `problem` if it could not be."""

    order: str
    done: bool
    problem: str | None = None

    def __str__(self) -> str:
        if self.problem:
            return f"could not {self.order}: {self.problem}"
        return f"{'done: ' if self.done else 'would '}{self.order}"


@dataclass(frozen=True)
class Skipped:
    """A journal of a dead process that this sweep skips, because it is about another cloud."""

    journal: OldJournal

    def __str__(self) -> str:
        count = len(self.journal.entries)
        return (
            f"skipped {count} {'entry' if count == 1 else 'entries'} of run {self.journal.run} ({self.journal.where}): "
            f'they are about another cloud, "{self.journal.cloud}" at {self.journal.auth_url}'
        )


@dataclass(frozen=True)
class Waiting:
    """Another run uses hosts on which something is to be undone: the sweep waits `seconds` for them at most."""

    hosts: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        used = "another run uses it" if len(self.hosts) == 1 else "another run uses some of them"
        return f"waiting up to {self.seconds:g} s for {_named(self.hosts)}, because {used}"


@dataclass(frozen=True)
class Busy:
    """Another process is undoing a run: the sweep waits `seconds` for it at most."""

    journal: OldJournal
    seconds: float

    def __str__(self) -> str:
        return f"waiting up to {self.seconds:g} s for another process, which is undoing run {self.journal.run}"


Report = Callable[[Swept | Skipped | Waiting | Busy], object]


def sweep(
    cloud: ControlledCloud,
    journals: Sequence[OldJournal],
    *,
    dry_run: bool = False,
    report: Report = lambda _: None,
    clock: Clock = SYSTEM_CLOCK,
) -> list[Swept]:
    """Undo what the journals of dead processes list for this cloud, and return what was found.

    With `dry_run` nothing is changed, neither in the cloud nor in the journals. `report` is called for each leftover
    once its outcome is known, for journals about other clouds, and before a wait for hosts, which lasts as long as the
    cloud's patience for leases at most. What cannot be undone stays in its journal.
    """
    ours, others = by_cloud(cloud, journals)
    for journal in others:
        if journal.entries and not _is_alive(journal):
            report(Skipped(journal))
    ours, swept = _without_busy(cloud, ours, dry_run, report, clock)
    with _claimed(ours) as claimed:
        swept += [_not_understood(journal, entry, report) for journal, entry in _pairs(claimed, understood=False)]
        for journal in claimed:
            swept += _sweep_journal(cloud, journal, dry_run, report, clock)
            if not journal.entries and not dry_run:
                journal.remove()
    return swept


def _without_busy(
    cloud: ControlledCloud, journals: Sequence[OldJournal], dry_run: bool, report: Report, clock: Clock
) -> tuple[list[OldJournal], list[Swept]]:
    """Wait for other processes that are undoing journals. Return what is in the journals then, and those that are still
    being undone.
    """
    busy = [journal for journal in journals if journal.is_claimed_elsewhere]
    if not busy:
        return list(journals), []
    within = 0.0 if dry_run else cloud.patience("lease")
    for journal in busy:
        report(Busy(journal, within))
    with contextlib.suppress(TookTooLong):
        eventually(
            lambda: [journal.where for journal in busy if journal.is_claimed_elsewhere],
            empty(),
            within=within,
            what="other processes to undo interrupted runs",
            clock=clock,
        )
    left = [journal for journal in busy if journal.is_claimed_elsewhere]
    swept = [Swept(f"undo run {one.run}", done=False, problem="another process is undoing it") for one in left]
    for one in swept:
        report(one)
    others = (journal for journal in journals if journal not in left)
    return [OldJournal(one.path) if one in busy else one for one in others if one.path.exists()], swept


def _sweep_journal(
    cloud: ControlledCloud, journal: OldJournal, dry_run: bool, report: Report, clock: Clock
) -> list[Swept]:
    """Undo what one journal lists, holding the hosts of its scenario; nothing if they cannot be leased."""
    swept: list[Swept] = []
    entries = [entry for _, entry in _pairs([journal], understood=True)]
    try:
        with _leased(cloud, () if dry_run else journal.hosts, report) as lease:
            for kind in KINDS.values():
                of_kind = [(journal, entry) for entry in entries if entry.kind == kind.name]
                lease.check()
                swept += _sweep_kind(cloud, kind, of_kind, dry_run, report, clock)
    except StocktakeError as error:
        order = f"undo what run {journal.run} left on {_named(journal.hosts)}"
        swept.append(Swept(order, done=False, problem=f"{error}; it stays in the journal"))
        report(swept[-1])
    return swept


def _leased(cloud: ControlledCloud, hosts: Sequence[str], report: Report) -> Lease:
    """Lease these hosts, waiting as long as the cloud's patience for leases. Raises CloudError if they are not free by
    then.
    """
    if not hosts:
        return no_lease()
    with contextlib.suppress(CloudError):
        return cloud.leases.acquire(len(hosts), hosts, within=0)
    within = cloud.patience("lease")
    report(Waiting(tuple(hosts), within))
    return cloud.leases.acquire(len(hosts), hosts, within=within)


def sweep_marked(
    cloud: ControlledCloud,
    journals: Iterable[OldJournal],
    *,
    older_than: timedelta,
    dry_run: bool = False,
    report: Report = lambda _: None,
) -> list[Swept]:
    """Remove everything that carries the mark of a run that began longer ago than that and is not known to be in
    progress. For leftovers whose journal was lost or is on another machine, whose runs in progress are not known here.
    """
    alive = {mark for journal in journals if _is_alive(journal) for mark in journal.marks}
    limit = datetime.now(UTC) - older_than
    found = {kind: _marked(cloud, kind, lambda mark: mark not in alive and mark.began < limit) for kind in KINDS}
    on_hosts = any(found[kind.name] for kind in KINDS.values() if kind.on_hosts)
    # The mark does not say which hosts the run has used.
    hosts = sorted({service.host for service in cloud.services.all()}) if on_hosts and not dry_run else []
    with _leased(cloud, hosts, report):
        return [swept for kind in KINDS for swept in _undo(found[kind], dry_run, report)]


def _marked(cloud: ControlledCloud, kind: str, wanted: Callable[[Mark], bool]) -> list[Leftover]:
    """List everything of a kind that carries a mark that is `wanted`, whether a journal names it or not."""
    list_marked = KINDS[kind].list_marked
    found = list_marked(cloud) if list_marked else ()
    return [leftover for leftover in found if (mark := Mark.of(leftover.name)) and wanted(mark)]


def _sweep_kind(
    cloud: ControlledCloud,
    kind: Kind,
    pairs: Sequence[tuple[OldJournal, Entry]],
    dry_run: bool,
    report: Report,
    clock: Clock,
) -> list[Swept]:
    """Begin to undo all entries of a kind, then wait for each, so that servers are deleted concurrently."""
    found: list[tuple[OldJournal, Entry, list[Attempt]]] = []
    swept: list[Swept] = []
    for journal, entry in pairs:
        try:
            attempts = [Attempt(leftover) for leftover in _look_for(cloud, kind, entry, dry_run, clock)]
        except StocktakeError as error:
            swept.append(Swept(f"look for {entry.kind} {entry.name}", done=False, problem=str(error)))
            report(swept[-1])
            continue
        if not dry_run:
            for attempt in attempts:
                attempt.begin()
        found.append((journal, entry, attempts))
    for journal, entry, attempts in found:
        results = [_end(attempt, dry_run, report) for attempt in attempts]
        swept += results
        if not dry_run and all(result.done for result in results):
            journal.strike(entry)
    return swept


def _undo(leftovers: Iterable[Leftover], dry_run: bool, report: Report) -> list[Swept]:
    attempts = [Attempt(leftover) for leftover in leftovers]
    if not dry_run:
        for attempt in attempts:
            attempt.begin()
    return [_end(attempt, dry_run, report) for attempt in attempts]


def _end(attempt: Attempt, dry_run: bool, report: Report) -> Swept:
    """Wait for an attempt and report it; a leak that has been freed is not reported, because the run is over."""
    if not dry_run:
        attempt.end()
    problem = str(attempt.problem).splitlines()[0] if attempt.problem else None
    swept = Swept(str(attempt.leftover), not dry_run and problem is None, problem)
    report(swept)
    return swept


def _look_for(cloud: ControlledCloud, kind: Kind, entry: Entry, dry_run: bool, clock: Clock) -> list[Leftover]:
    """Find what an entry names; it may still appear if its process has only just died."""
    return list(kind.find(cloud, entry)) if dry_run else look_for(entry, lambda: kind.find(cloud, entry), clock)


def _pairs(journals: Iterable[OldJournal], *, understood: bool) -> list[tuple[OldJournal, Entry]]:
    """The entries of journals, latest first: those this version can undo, or those it cannot."""
    return [
        (journal, entry)
        for journal in journals
        for entry in reversed(journal.entries)
        if understood == (journal.format <= FORMAT and entry.kind in KINDS)
    ]


def _not_understood(journal: OldJournal, entry: Entry, report: Report) -> Swept:
    problem = f"run {journal.run} used another version of Stocktake, whose sweep must undo it"
    swept = Swept(f"undo {entry.kind} {entry.name}", done=False, problem=problem)
    report(swept)
    return swept


@contextlib.contextmanager
def _claimed(journals: Sequence[OldJournal]) -> Iterator[list[OldJournal]]:
    """Take over, for the block, the journals whose process is dead."""
    held: list[OldJournal] = []
    try:
        held.extend(journal for journal in journals if journal.claim())
        yield held
    finally:
        for journal in held:
            journal.release()


def by_cloud(cloud: ControlledCloud, journals: Sequence[OldJournal]) -> tuple[list[OldJournal], list[OldJournal]]:
    """Divide journals into those about this cloud and the others."""
    if not journals:
        return [], []
    known, target = cloud_id(cloud.session), cloud.session.target

    def is_ours(journal: OldJournal) -> bool:
        named, there = journal.cloud == target.name, same_address(journal.auth_url) == same_address(target.auth_url)
        if journal.cloud_id is None:  # of format 1, or without any entry
            return named and there
        return journal.cloud_id == known and (named or there)  # a cloud created as a copy of another has the same ids

    return [one for one in journals if is_ours(one)], [one for one in journals if not is_ours(one)]


def _named(hosts: Sequence[str]) -> str:
    return f"{'host' if len(hosts) == 1 else 'hosts'} {', '.join(hosts)}"


def _is_alive(journal: OldJournal) -> bool:
    """Whether a journal's process is alive, or another sweep has the journal; if the journal is gone, the run has
    ended."""
    claimed = journal.claim()
    journal.release()
    return not claimed and journal.path.exists()
