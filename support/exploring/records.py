"""What a search keeps in its folder: every history that was run, and each finding as a feature."""

import contextlib
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from stocktake.support.errors import ConfigurationError
from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.history import History, ImpossibleHistoryError, Step, as_feature
from stocktake.support.exploring.hunting import Found
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.running import Verdict
from stocktake.support.gherkin.text import ids
from stocktake.support.gherkin.text.formatting import laid_out, parsed

HISTORIES = "histories-{worker}.ndjson"
FOUND = "found-{number}.feature"
PICTURE = "coverage.svg"

UNPROVED = "Seen once; {repeated} of {runs} further runs showed it again."
PROVED = "Found by exploring, and seen again in each of {runs} further runs."


class Folder:
    """The folder of a search. One that earlier searches have used is continued."""

    def __init__(self, path: Path):
        """Make the folder if need be. Raises ConfigurationError if that is not possible."""
        self.path = path
        self._read: Counter[Path] = Counter()  # bytes of each file whose pairs are known
        self._pairs: set[tuple[str, str]] = set()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"--output={path} cannot be used: {error.strerror}; name a folder") from error

    def record(self, worker: int, history: History, verdict: Verdict) -> None:
        """Add a history that was run to the records of a worker."""
        steps = [[step.operation, step.told] for step in history.steps]
        entry = {"circumstance": history.circumstance, "hosts": history.hosts, "steps": steps}
        with (self.path / HISTORIES.format(worker=worker)).open("a") as file:
            file.write(json.dumps(entry | asdict(verdict)) + "\n")

    def entries(self) -> Iterator[dict[str, Any]]:
        """Read the records of all workers. A line that was not written to its end is left out."""
        for file in self._records():
            yield from _entries_in(file.read_text())

    def histories(self) -> Iterator[History]:
        """Read the histories of all workers that took place, each as far as it did."""
        return filter(None, map(history_in, self.entries()))

    def pairs(self) -> set[tuple[str, str]]:
        """Return the pairs of operations that came directly after one another in histories that were run, by any
        worker. Of the records only what is new is read."""
        for file in self._records():
            with file.open("rb") as opened:
                opened.seek(self._read[file])
                new = opened.read()
            whole = new[: new.rfind(b"\n") + 1]  # another worker may be writing the rest
            self._read[file] += len(whole)
            for history in filter(None, map(history_in, _entries_in(whole.decode()))):
                self._pairs.update(pairwise(history.names))
        return self._pairs

    def _records(self) -> list[Path]:
        return sorted(self.path.glob(HISTORIES.format(worker="*")))

    def findings(self) -> list[Path]:
        """Return the features of all findings."""
        return sorted(self.path.glob(FOUND.format(number="*")))

    def keep_picture(self, picture: str) -> Path:
        """Write the picture of what was covered, and return its path."""
        path = self.path / PICTURE
        path.write_text(picture)
        return path

    def write(self, found: Found) -> Path:
        """Write a finding as a feature that `stocktake run` verifies, and return its path."""
        wording = PROVED if found.proved else UNPROVED
        why = wording.format(repeated=found.repeated, runs=found.runs)
        ast = parsed(as_feature(found.history, why=why))
        ids.give(ast, set())
        for number in itertools.count(1):
            path = self.path / FOUND.format(number=number)
            with contextlib.suppress(FileExistsError), path.open("x") as file:  # other workers write here, too
                file.write(laid_out(ast))
                return path
        raise AssertionError("there is always a next number")


def _entries_in(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:  # the process that wrote it was killed
            continue


def history_in(entry: Mapping[str, Any]) -> History | None:
    """Return the part of a recorded history that took place, up to the operation after which a rule was broken.

    None if nothing was verified, or if the record is of another edition, whose histories the model does not allow.
    """
    if entry["outcome"] in ("unverified", "failed"):
        return None
    special = entry.get("circumstance", "plain")
    if special not in CIRCUMSTANCES or any(name not in OPERATIONS for name, _ in entry["steps"]):
        return None
    steps = tuple(Step.of(name, told) for name, told in entry["steps"])
    made = History(tuple(entry["hosts"]), steps, special)
    try:
        made.check()
    except ImpossibleHistoryError:
        return None
    return made if entry["outcome"] == "held" else made.until(entry["step"] or None)
