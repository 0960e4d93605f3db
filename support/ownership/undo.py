"""What must be undone when a scenario ends, latest first, whatever happened in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from stocktake.support.hosts.control import NotDone
from stocktake.support.ownership.journal import Entry, Journal


class Undoing:
    """The undo stack of one scenario, each entry written to the journal before the thing it undoes is done.

    A process that dies leaves the journal; `stocktake sweep` then does what this stack would have done.
    """

    def __init__(self, journal: Journal):
        self._journal = journal
        self._stack: list[tuple[Entry, Callable[[], object]]] = []

    @contextmanager
    def after(
        self, kind: str, name: str, undo: Callable[[], object], *, id: str | None = None, **details: Any
    ) -> Iterator[Entry]:
        """Note that what happens in the block is to be undone by `undo`, also if the block fails halfway.

        A block that raises NotDone has done nothing, and so nothing is undone.
        `kind`, `name`, `id` and `details` are for the journal, by which `sweep` undoes it without this process.
        """
        entry = self._journal.note(kind, name, id=id, **details)
        self._stack.append((entry, undo))
        try:
            yield entry
        except NotDone:
            self._stack.remove((entry, undo))
            self._journal.strike(entry)
            raise

    def identify(self, entry: Entry, id: str) -> None:
        """Tell the journal the id the cloud gave to what an entry names."""
        self._journal.identify(entry, id)

    def undo_all(self) -> list[str]:
        """Undo everything, latest first, and return a sentence for each thing that could not be undone.

        What could not be undone stays in the journal for the sweep.
        """
        problems = []
        while self._stack:
            entry, undo = self._stack.pop()
            try:
                undo()
            except Exception as error:  # noqa: BLE001 - whatever goes wrong with one must not keep the others
                problems.append(f"{entry.kind} {entry.name} is left behind: {error}")
            else:
                self._journal.strike(entry)
        return problems
