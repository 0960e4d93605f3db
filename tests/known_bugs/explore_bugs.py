"""Bugs that `stocktake explore` finds without any feature: each is planted in labs of its own, and searched for.

    python tests/known_bugs/explore_bugs.py [--minutes=20] [-n 2] [--seed=1] [--keep=DIR] [BUG ...]

For each bug: whether it was found, after how many seconds and histories, and the shortest history that shows it. It
counts as found if a feature that was written fails where the bug is, and passes on a lab without it. All must pass
`stocktake check`. Without BUG, those that need a sequence of operations. Exit status 1 when one was not found.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from bug_trials import CONFIG_FILE, lab_with, planting, proof_in, run_features
from stocktake.support.accounting.rendering import render

HOSTS_OF_ONE = 3
SEQUENCES = (
    # those that other suites are measured with, too
    "revert_charges_both_hosts",
    "confirm_keeps_source",
    "live_migration_keeps_source",
    "returned_host_stays_charged",
    "forced_evacuation_not_charged",
    "offload_keeps_host",
    "periodic_flattens",
    "refused_resize_left_with_migration",
    "retired_host_stays_charged",
    "operators_trait_lost",
    # and others that need two operations or more
    "confirm_frees_other_moves",
    "dead_host_freed_at_once",
    "deleted_evacuee_keeps_dead_host",
    "deleted_resize_keeps_source",
    "rebuild_charges_again",
    "returned_host_frees_arrivals",
    "returned_host_frees_guests",
    "reverted_resize_asks_for_new_flavor",
    "second_evacuation_keeps_first_host",
    "settled_evacuation_undone",
)


@dataclass(frozen=True)
class Search:
    """What came of searching for one bug: `found` are the features that were written, `failing` those of them that fail
    where the bug is."""

    bug: str
    seconds: float
    histories: int
    planted: bool
    found: tuple[Path, ...]
    failing: tuple[Path, ...]

    def row(self, passing: Collection[Path]) -> list[str]:
        """Return its row of the table; `passing` are the features that pass on a lab without a bug."""
        proved = [feature for feature in self.failing if feature in passing]
        shown = [*proved, *self.failing, *self.found]
        return [
            self.bug,
            self._answer(proved),
            f"{self.seconds:.0f}",
            str(self.histories),
            _title(shown[0]) if shown else "",
        ]

    def _answer(self, proved: Sequence[Path]) -> str:
        if proved:
            return "yes"
        if self.failing:
            return "another fault"  # of Nova, the lab, or the model: it is there without the bug
        if self.found:
            return "its feature passes"
        return "no" if self.planted else "not planted"


def main() -> int:
    """Search for each bug, and print what came of it."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        searches = [_search(bug, folder / bug, options) for bug in options.bugs]
        found = [feature for search in searches for feature in search.found]
        passing = _passing_without_bugs(found, folder)
        rows = [search.row(passing) for search in searches]
        wrong = _told_by_check(found)
    _say(render(["bug", "found", "seconds", "histories", "shortest history"], rows))
    _say(wrong)
    return 0 if all(row[1] == "yes" for row in rows) and not wrong else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bugs", nargs="*", metavar="BUG", default=SEQUENCES)
    parser.add_argument("--minutes", type=float, default=20, help="for each bug (default %(default)s)")
    parser.add_argument("-n", dest="workers", type=int, default=2, help="workers (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep what was found there")
    return parser


def _search(bug: str, folder: Path, options: argparse.Namespace) -> Search:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "planted.log"
    command = [sys.executable, "-m", "stocktake.support.cli", "explore", "-x", f"-n{options.workers}"]
    command += [f"--minutes={options.minutes}", f"--seed={options.seed}", f"--output={folder}"]
    with tempfile.TemporaryDirectory() as nowhere:  # where no lab is running that has not the bug
        environment = {name: value for name, value in os.environ.items() if name != CONFIG_FILE}
        environment |= {"XDG_RUNTIME_DIR": nowhere, **planting(bug, log)}
        began = time.monotonic()
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - began
    (folder / "output").write_text(ended.stdout + ended.stderr)
    found, failing = tuple(sorted(folder.glob("found-*.feature"))), []
    if found:
        with lab_with(bug, log, hosts=HOSTS_OF_ONE) as cloud:
            failing = [feature for feature in found if run_features(cloud, [str(feature)], folder).failed]
    histories = sum(len(file.read_text().splitlines()) for file in folder.glob("histories-*.ndjson"))
    _say(f"{bug}: {seconds:.0f} s, {histories} histories" + "".join(f"; {_title(feature)}" for feature in found))
    return Search(bug, seconds, histories, proof_in(log).planted, found, tuple(failing))


def _title(feature: Path) -> str:
    return feature.read_text().partition("Feature: Accounts after ")[2].splitlines()[0]


def _passing_without_bugs(features: Sequence[Path], folder: Path) -> list[Path]:
    """Run the features on a lab without a bug."""
    if not features:
        return []
    with lab_with(None, folder / "none.log", hosts=HOSTS_OF_ONE) as cloud:
        return [feature for feature in features if run_features(cloud, [str(feature)], folder).passed]


def _told_by_check(features: Sequence[Path]) -> str:
    """Say how the features are not written as they should be."""
    if not features:
        return ""
    check = [sys.executable, "-m", "stocktake.support.cli", "check", *map(str, features)]
    checked = subprocess.run(check, capture_output=True, text=True, check=False)
    return "" if checked.returncode == 0 else checked.stdout + checked.stderr


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
