"""What a search keeps in its folder: every history that was run, and each finding as a feature."""

import contextlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from stocktake.support.errors import ConfigurationError
from stocktake.support.exploring.history import History, as_feature
from stocktake.support.exploring.hunting import Found
from stocktake.support.exploring.running import Verdict
from stocktake.support.gherkin.text import ids
from stocktake.support.gherkin.text.formatting import laid_out, parsed

HISTORIES = "histories-{worker}.ndjson"
FOUND = "found-{number}.feature"

UNPROVED = "Seen once; {repeated} of {runs} further runs showed it again."
PROVED = "Found by exploring, and seen again in each of {runs} further runs."


class Folder:
    """The folder of a search. One that earlier searches have used is continued."""

    def __init__(self, path: Path):
        """Make the folder if need be. Raises ConfigurationError if that is not possible."""
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"--output={path} cannot be used: {error.strerror}; name a folder") from error

    @property
    def examples(self) -> Path:
        """Where hypothesis keeps what it has found, to try it first next time."""
        return self.path / "examples"

    def record(self, worker: int, history: History, verdict: Verdict) -> None:
        """Add a history that was run to the records of a worker."""
        entry = {"hosts": history.hosts, "steps": [[step.operation, step.told] for step in history.steps]}
        with (self.path / HISTORIES.format(worker=worker)).open("a") as file:
            file.write(json.dumps(entry | asdict(verdict)) + "\n")

    def entries(self) -> Iterator[dict[str, object]]:
        """Read the records of all workers. A line that was not written to its end is left out."""
        for file in sorted(self.path.glob(HISTORIES.format(worker="*"))):
            for line in file.read_text().splitlines():
                try:
                    yield json.loads(line)
                except ValueError:  # the process that wrote it was killed
                    continue

    def findings(self) -> list[Path]:
        """Return the features of all findings."""
        return sorted(self.path.glob(FOUND.format(number="*")))

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


def names_in(entry: dict[str, object]) -> list[str]:
    """Return the names of the operations of a recorded history, up to the one after which a rule was broken."""
    steps = entry["steps"]
    names = [str(step[0]) for step in steps] if isinstance(steps, list) else []
    return names[: int(str(entry["step"])) or None] if entry["outcome"] == "broken" else names
