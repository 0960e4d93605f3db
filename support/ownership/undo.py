"""What must be undone when a scenario ends, latest first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hamcrest import empty
from stocktake.support.api.replies import REFUSALS, ApiError
from stocktake.support.errors import NotDone
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.attempt import Attempt
from stocktake.support.ownership.cloud_id import cloud_id
from stocktake.support.ownership.in_flight import IN_FLIGHT, look_for
from stocktake.support.ownership.journal import Entry, Journal
from stocktake.support.ownership.kinds.kind import Kind, Leftover
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class _Undo:
    """An entry of the stack: its kind undoes it, with the details that `learnt` returns; `then` is called
    afterwards."""

    kind: Kind
    entry: Entry
    learnt: Callable[[], Mapping[str, Any]]
    then: Callable[[], object]


def _is_refusal(error: Exception) -> bool:
    """Whether an API has refused what was asked, for which something else may be the reason that is still there."""
    return isinstance(error, ApiError) and error.status in REFUSALS


class Undoing:
    """The undo stack of one scenario; each entry is written to the journal before the action that it undoes.

    A process that dies leaves the journal; `stocktake sweep` then undoes the same, by the same kinds.
    """

    def __init__(self, journal: Journal, cloud: ControlledCloud, clock: Clock = SYSTEM_CLOCK):
        self.hosts: Sequence[str] = ()
        """The compute hosts that are leased to the scenario, which a sweep must lease, too."""
        self._journal = journal
        self._cloud = cloud
        self._clock = clock
        self._stack: list[_Undo] = []
        self._interrupted: list[Entry] = []

    @property
    def entries(self) -> list[Entry]:
        """What is to be undone, in the order in which it was done."""
        return [undo.entry for undo in self._stack]

    @contextmanager
    def after(
        self,
        kind: Kind,
        name: str,
        *,
        id: str | None = None,
        learnt: Callable[[], Mapping[str, Any]] = dict,
        then: Callable[[], object] = _nothing,
        **details: Any,
    ) -> Iterator[Entry]:
        """Record that the action in the block is to be undone, even if the block fails halfway.

        A block that raises NotDone has done nothing, so nothing is undone.
        `kind` says which `name`, `id` and `details` it needs. `learnt` returns further details when it is undone, which
        only a running scenario can know. `then` is called after it has been undone, by this scenario only.
        """
        self._journal.belongs_to(lambda: cloud_id(self._cloud.session))
        hosts = self.hosts if kind.on_hosts else ()
        undo = _Undo(kind, self._journal.note(kind.name, name, id=id, hosts=hosts, **details), learnt, then)
        self._stack.append(undo)
        try:
            yield undo.entry
        except NotDone:
            self._forget(undo)
            raise
        except (KeyboardInterrupt, SystemExit):  # the cloud may carry out a request whose answer nobody has awaited
            self._interrupted.append(undo.entry)
            raise

    def identify(self, entry: Entry, id: str) -> None:
        """Record the id that the cloud assigned to what an entry names, also in the journal."""
        self._journal.identify(entry, id)

    def undone(self, entry: Entry) -> None:
        """Forget an entry that the scenario has undone itself. May be called repeatedly."""
        for undo in [undo for undo in self._stack if undo.entry is entry]:
            self._forget(undo)

    def undo_all(self) -> list[str]:
        """Undo everything, latest first, and return a sentence for each thing that could not be undone, or leaked.

        What the cloud refuses to undo is asked for once more when everything else has been undone, on which it may
        depend. What could not be undone stays in the journal for the sweep. A first Ctrl-C is raised when everything
        has been undone, with these sentences if there are any, a second one at once.
        """
        problems: list[str] = []
        refused: list[_Undo] = []
        last_round = False
        interrupted: KeyboardInterrupt | None = None
        repeat: _Undo | None = None
        while self._stack or refused:
            if not self._stack:
                self._stack, refused, last_round = refused[::-1], [], True
            undo = self._stack.pop()
            what = f"{undo.entry.kind} {undo.entry.name}"
            attempt = self._undo_again if undo is repeat else self._undo
            try:
                failures = attempt(undo, problems, what)
            except KeyboardInterrupt as error:
                if interrupted:
                    raise
                interrupted, repeat = error, undo
                self._stack.append(undo)
                continue
            if failures and self._stack and not last_round and all(map(_is_refusal, failures)):
                refused.append(undo)
                continue
            if not failures:
                self._journal.strike(undo.entry)
            problems.extend(f"{what} could not be cleaned up: {error}" for error in failures)
        if interrupted and problems:
            raise KeyboardInterrupt("\n".join(problems)) from interrupted
        if interrupted:
            raise interrupted
        return problems

    def _undo_again(self, undo: _Undo, problems: list[str], what: str) -> list[Exception]:
        """Undo what Ctrl-C has interrupted, until that has nothing to complain of.

        The cloud may still be carrying out the request whose answer was not awaited, and refuse another one meanwhile.
        """
        try:
            eventually(
                lambda: self._undo(undo, problems, what),
                empty(),
                within=IN_FLIGHT,
                what=f"{what}, whose clean-up was interrupted, to be cleaned up",
                clock=self._clock,
            )
        except TookTooLong as failure:
            return list(failure.last)
        return []

    def _undo(self, undo: _Undo, problems: list[str], what: str) -> list[Exception]:
        """Undo all that an entry names, and return what went wrong; leaks, which are freed, are added to `problems`."""
        entry = undo.entry
        try:
            entry.details = {**entry.details, **undo.learnt()}
            attempts = [Attempt(leftover) for leftover in self._owned(undo)]
        except Exception as error:  # noqa: BLE001 - whatever goes wrong with one must not keep the others
            return [error]
        for attempt in attempts:
            attempt.begin()
        for attempt in attempts:
            attempt.end()
        problems.extend(f"{what} left something behind: {attempt.leak}" for attempt in attempts if attempt.leak)
        failed = [attempt.problem for attempt in attempts if attempt.problem]
        try:
            undo.then()
        except Exception as error:  # noqa: BLE001 - as above
            failed.append(error)
        return failed

    def _owned(self, undo: _Undo) -> list[Leftover]:
        if undo.entry in self._interrupted:
            return look_for(undo.entry, lambda: undo.kind.owned(self._cloud, undo.entry), self._clock)
        return undo.kind.owned(self._cloud, undo.entry)

    def _forget(self, undo: _Undo) -> None:
        self._stack.remove(undo)
        self._journal.strike(undo.entry)
