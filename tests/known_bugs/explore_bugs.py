"""Bugs that `stocktake explore` finds without any feature: each is planted in labs of its own, and searched for.

    python tests/known_bugs/explore_bugs.py [--minutes=20] [-n 2] [--seed=1] [--keep=DIR] [BUG ...]

For each bug: whether it was found, after how many seconds and histories, and the shortest history that shows it. The
feature that is written of it must pass `stocktake check`, fail where the bug is, and pass on a lab without it. Without
BUG, those that need a sequence of operations. Exit status 1 when one was not found, or its feature does not do that.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
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


def main() -> int:
    """Search for each bug, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bugs", nargs="*", metavar="BUG", default=SEQUENCES)
    parser.add_argument("--minutes", type=float, default=20, help="for each bug (default %(default)s)")
    parser.add_argument("-n", dest="workers", type=int, default=2, help="workers (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep what was found there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        rows = [_search(bug, folder / bug, options) for bug in options.bugs]
        wrong = _wrong_without_bugs([file for bug in options.bugs for file in _found(folder / bug)], folder)
    _say(render(["bug", "found", "seconds", "histories", "shortest history"], rows))
    _say("\n".join(wrong))
    return 0 if all(row[1] == "yes" for row in rows) and not wrong else 1


def _search(bug: str, folder: Path, options: argparse.Namespace) -> list[str]:
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
    found, fails = _found(folder), []
    if found:
        with lab_with(bug, log, hosts=HOSTS_OF_ONE) as cloud:
            fails = [bool(run_features(cloud, [str(file)], folder).failed) for file in found]
    runs = sum(len(file.read_text().splitlines()) for file in folder.glob("histories-*.ndjson"))
    shortest = found[0].read_text().partition("Feature: Accounts after ")[2].splitlines()[0] if found else ""
    answer = (
        ("yes" if all(fails) else "its feature passes") if found else "no" if proof_in(log).planted else "not planted"
    )
    row = [bug, answer, f"{seconds:.0f}", str(runs), shortest]
    _say("  ".join(row))
    return row


def _found(folder: Path) -> list[Path]:
    return sorted(folder.glob("found-*.feature"))


def _wrong_without_bugs(features: Sequence[Path], folder: Path) -> list[str]:
    """Say which features are not written as they should be, or do not pass on a lab without a bug."""
    if not features:
        return []
    names = [str(file) for file in features]
    check = [sys.executable, "-m", "stocktake.support.cli", "check", *names]
    checked = subprocess.run(check, capture_output=True, text=True, check=False)
    with lab_with(None, folder / "none.log", hosts=HOSTS_OF_ONE) as cloud:
        trial = run_features(cloud, names, folder)
    wrong = [] if checked.returncode == 0 else [checked.stdout + checked.stderr]
    return wrong if len(trial.passed) == len(names) else [*wrong, trial.output]


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
