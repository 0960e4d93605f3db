"""Runs that were interrupted on this machine: what they left is undone before a scenario uses their hosts.

Otherwise a scenario would take an allocation ratio, say, that a killed run had set, for the operator's.
"""

import warnings
from collections.abc import Collection, Sequence
from pathlib import Path

from hamcrest import empty
from stocktake.support.errors import InterruptedRun, StocktakeError, Unverified
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.hosts.leases import Lease
from stocktake.support.ownership.journal import OldJournal, find_interrupted
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.sweep import by_cloud, sweep
from stocktake.support.waiting import TookTooLong, eventually


class InterruptedRuns:
    """What interrupted runs have left on the hosts of one cloud, according to the journals in a folder.

    Each journal that is undone, or could not be, is reported once as a warning of class InterruptedRun.
    """

    def __init__(self, cloud: ControlledCloud, own: Mark, folder: Path):
        """`own` is the mark of this run, `folder` holds the journals."""
        self._cloud = cloud
        self._folder = folder
        self._known = {own}
        self._problems: dict[Path, str] = {}  # journals that could not be undone, and why

    def undo(self) -> None:
        """Undo what such runs have left, if it concerns hosts, and wait for what another process is undoing."""
        try:
            eventually(
                self._undo,
                empty(),
                within=self._cloud.patience("lease"),
                what="interrupted runs to be undone",
                describe=lambda left: ", ".join(journal.where for journal in left) or "nothing is left",
            )
        except TookTooLong as failure:
            for journal in failure.last:
                self._note(journal, "another process has not finished undoing it")

    def lease(
        self,
        count: int,
        candidates: Sequence[str],
        *,
        groups: Sequence[Sequence[str]] | None = None,
        within: float | None = None,
    ) -> Lease:
        """Lease hosts as `Leases.acquire` does, on which nothing is left of such runs; by default within the patience
        for leases.

        Raises Unverified when something is left that cannot be undone.
        """
        while True:
            limit = self._cloud.patience("lease") if within is None else within
            lease = self._cloud.leases.acquire(count, candidates, limit, groups=groups)
            if not self._left(lease.hosts):
                return lease
            lease.release()  # what is undone on hosts is undone while they are leased
            self.undo()
            self._refuse(lease.hosts)

    def warn_of_others(self, traits: Collection[str], provider: str) -> None:
        """Warn, once for each run, if a leased host's provider has a trait of a run that is not in progress here."""
        for mark in {mark for mark in map(Mark.of, traits) if mark} - self._known:
            self._known.add(mark)
            warnings.warn(
                f"run {mark.run} was interrupted on resource provider {provider}, or is using it without the same "
                f"coordinator: run stocktake sweep --cloud={self._cloud.target.name} on the machine of that run, or "
                "with --marked here",
                InterruptedRun,
                stacklevel=2,
            )

    def _undo(self) -> list[OldJournal]:
        """Undo what no other process is undoing, and return the journals that are still to be awaited."""
        for journal in self._left():
            if journal.path not in self._problems:
                self._sweep(journal)
        return [journal for journal in self._left() if journal.path not in self._problems]

    def _left(self, hosts: Collection[str] | None = None) -> list[OldJournal]:
        """The journals with entries about these hosts; by default about any host."""
        journals = [
            journal
            for journal in find_interrupted(self._folder)
            if (journal.hosts if hosts is None else set(hosts).intersection(journal.hosts))
        ]
        return by_cloud(self._cloud, journals)[0]

    def _sweep(self, journal: OldJournal) -> None:
        try:
            swept = sweep(self._cloud, [journal])
            problem = next((one.problem for one in swept if one.problem), None)
        except StocktakeError as error:
            swept, problem = [], str(error)
        if problem:
            self._note(journal, problem)
        elif swept:
            _warn(journal, f"what it left has been undone: {', '.join(one.order for one in swept)}")

    def _note(self, journal: OldJournal, problem: str) -> None:
        self._problems[journal.path] = problem
        _warn(journal, f"what it left could not be undone: {problem}")

    def _refuse(self, hosts: Collection[str]) -> None:
        """Raise Unverified if something is left on these hosts that could not be undone."""
        for journal in self._left(hosts):
            if journal.path in self._problems:
                affected = ", ".join(sorted(set(hosts) & set(journal.hosts)))
                raise Unverified(
                    f"an interrupted run has left something on {affected}: {self._problems[journal.path]}",
                    f"run stocktake sweep --cloud={self._cloud.target.name}",
                )


def _warn(journal: OldJournal, outcome: str) -> None:
    warnings.warn(f"run {journal.run} ({journal.where}) was interrupted; {outcome}", InterruptedRun, stacklevel=2)
