"""What the same features cost here and in an older commit: time, processor time by service, and requests by kind.

    python tests/bench/bench_against.py --against REV [--features PATH ...] [--rounds N] [--cold]
                                        [--workers N] [--hosts N]

Both run by turns on labs of their own, N times (default 3) after one run that counts for nothing, which --cold leaves
out. What is printed is per scenario that was verified: the medians of both, and the median of the ratios of the runs
next to each other. REV runs in a worktree and an environment of its own, with the packages of this one; a feature that
is elsewhere there is found by its file's name. Requests are those that the run's messages show for steps. Exit status
1 when a scenario failed here; one that fails in the older commit only counts in the row "failed".
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from stocktake.support.accounting.tables import render
from stocktake.support.media_types import EXCHANGE
from stocktake.support.reporting.outcomes import FAILED, UNVERIFIED, outcome_of

ROOT = Path(__file__).parents[2]
FEATURES = ("features/boot/boot.feature", "features/resize/revert.feature")
SERVICES = ("nova", "placement", "keystone", "glance")
KINDS_SHOWN = 12

Figures = dict[str, float]


def main() -> None:
    """Measure and print; `--inside` is how it calls itself within a lab."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", metavar="REV", help="the commit to compare with")
    parser.add_argument("--features", nargs="+", default=FEATURES, metavar="PATH", help="features that both have")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--cold", action="store_true", help="the first run counts; for features that take an hour")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="of pytest-xdist (default: none)")
    parser.add_argument("--hosts", type=int, default=4, metavar="N", help="of each lab (default %(default)s)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        _measure_on_request(options.features, options.workers)
        return
    if not options.against:
        parser.error("--against REV names the commit to compare with")
    with _older(options.against) as older, _Measured(ROOT, options) as new, _Measured(older, options) as old:
        pairs = [(new.run(), old.run()) for _ in range(options.rounds + (not options.cold))][-options.rounds :]
    _tell(pairs, options.against)
    sys.exit(any(new["failed"] for new, _old in pairs))


@contextmanager
def _older(revision: str) -> Iterator[Path]:
    """Check a commit out into a folder with an environment of its own, as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree), revision], cwd=ROOT, check=True)
        try:
            _make_environment(tree)
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def _make_environment(tree: Path) -> None:
    """Install a checkout in an environment that finds all other packages where this one does."""
    venv.create(tree / ".venv", with_pip=True)
    (packages,) = (tree / ".venv" / "lib").glob("python*/site-packages")
    shared = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "zz_shared.pth").write_text("\n".join(shared) + "\n")  # after the checkout's own
    for data in ("etc", "share"):
        if (Path(sys.prefix) / data).exists():
            (tree / ".venv" / data).symlink_to((Path(sys.prefix) / data).resolve())
    install = [_python(tree), "-m", "pip", "install", "-q", "--no-deps", "-e", str(tree)]
    subprocess.run(install, check=True)


def _python(tree: Path) -> str:
    return sys.executable if tree == ROOT else str(tree / ".venv" / "bin" / "python")


class _Measured:
    """A lab of one checkout, on which its features run whenever `run` is called."""

    def __init__(self, tree: Path, options: argparse.Namespace):
        stocktake = Path(_python(tree)).with_name("stocktake")
        inside = [sys.executable, __file__, "--inside", f"--workers={options.workers}", "--features", *options.features]
        command = [str(stocktake), "lab", "run", f"--hosts={options.hosts}", "--", *inside]
        environment = {**os.environ, "STOCKTAKE_MEASURED": str(tree)}
        self._process = subprocess.Popen(
            command, cwd=tree, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "_Measured":
        return self

    def __exit__(self, *_failure: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def run(self) -> Figures:
        """Run the features once, and return what they cost per scenario."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)  # type: ignore[no-any-return]
        sys.exit("pytest has not run the features, so there is nothing to compare")


def _measure_on_request(features: Sequence[str], workers: int) -> None:
    """Within a lab: run the features for every line of the input, and print what they cost, as JSON."""
    tree = Path(os.environ["STOCKTAKE_MEASURED"])
    for _request in sys.stdin:
        print(json.dumps(_cost(tree, features, workers)), flush=True)


def _cost(tree: Path, features: Sequence[str], workers: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder) / "run.ndjson"
        paths = [_found(tree, feature) for feature in features]
        command = [_python(tree), "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths, f"--messages={stream}"]
        command += ["-n", str(workers)] if workers else []
        before, own, began = _services(), os.times(), time.monotonic()
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        wall, after, ended = time.monotonic() - began, _services(), os.times()
        if done.returncode > 1:
            sys.exit(done.stdout)
        print(done.stdout, file=sys.stderr)
        messages = [json.loads(line) for line in stream.read_text().splitlines()]
    outcomes = _outcomes(messages)
    verified = {case for case, outcome in outcomes.items() if outcome != UNVERIFIED}
    used = {name: after[name] - before[name] for name in SERVICES}
    suite = ended.children_user + ended.children_system - own.children_user - own.children_system
    costs = {"seconds": wall, "processor": suite + sum(used.values()), "suite": suite, **used}
    counts = {"scenarios": float(len(verified)), "failed": float(list(outcomes.values()).count(FAILED))}
    return counts | {name: cost / len(verified) for name, cost in costs.items()} | _requests(messages, verified)


def _outcomes(messages: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the outcome of each scenario that ran, by the id of its `testCaseStarted`."""
    statuses: dict[str, list[str]] = defaultdict(list)
    for done in (message["testStepFinished"] for message in messages if "testStepFinished" in message):
        statuses[done["testCaseStartedId"]].append(done["testStepResult"]["status"])
    return {case: outcome_of(found) for case, found in statuses.items()}


def _found(tree: Path, feature: str) -> str:
    """Return where a checkout has a feature: at that path, else wherever a file of that name is."""
    if (tree / feature).exists():
        return feature
    return str(next((tree / "features").rglob(Path(feature).name)))


def _services() -> dict[str, float]:
    """Return the processor time of each service of the lab around this process, in seconds so far."""
    relatives = psutil.Process(os.getppid()).children(recursive=True)
    found = {process.name().removeprefix("lab-"): process.cpu_times() for process in relatives}
    return {name: found[name].user + found[name].system for name in SERVICES}


def _requests(messages: Sequence[dict[str, Any]], verified: Collection[str]) -> Figures:
    """Return the median number of requests of these scenarios, and the mean of each kind, by method and path."""
    totals: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for attachment in (message["attachment"] for message in messages if "attachment" in message):
        if attachment["mediaType"] == EXCHANGE and attachment.get("testCaseStartedId") in verified:
            sent = [line.split() for line in attachment["body"].splitlines()]
            totals[attachment["testCaseStartedId"]] += len(sent)
            kinds.update(f"{service} {method} {_without_ids(path)}" for service, method, path, *_rest in sent)
    median = statistics.median(totals.values()) if totals else 0.0
    return {"requests": median} | {kind: number / len(verified) for kind, number in kinds.items()}


def _without_ids(path: str) -> str:
    path = re.sub(r"req-[0-9a-f-]{36}|[0-9a-f]{8}-[0-9a-f-]{27}", "ID", path.partition("?")[0])
    return re.sub(r"CUSTOM_\w+", "NAME", path)


def _tell(pairs: Sequence[tuple[Figures, Figures]], revision: str) -> None:
    costs = ["scenarios", "failed", "seconds", "processor", "suite", *SERVICES, "requests"]
    kinds = {name for pair in pairs for figures in pair for name in figures} - set(costs)
    kinds_shown = sorted(kinds, key=lambda name: -max(_median(pairs, side, name) for side in (0, 1)))[:KINDS_SHOWN]
    rows = [[name, *_compared(pairs, name)] for name in (*costs, *kinds_shown)]
    print(render(["per scenario", "here", revision, "ratio"], rows))


def _median(pairs: Sequence[tuple[Figures, Figures]], side: int, name: str) -> float:
    return statistics.median(pair[side].get(name, 0.0) for pair in pairs)


def _compared(pairs: Sequence[tuple[Figures, Figures]], name: str) -> list[str]:
    ratios = [new.get(name, 0.0) / old[name] for new, old in pairs if old.get(name)]
    ratio = f"{statistics.median(ratios):.2f}" if ratios else "-"
    return [f"{_median(pairs, 0, name):.2f}", f"{_median(pairs, 1, name):.2f}", ratio]


if __name__ == "__main__":
    main()
