"""How long a flow takes here, and in Nova's own functional test of the same flow.

    pip install -c constraints.txt -e '.[lab,dev,bench]'
    python tests/bench/bench_nova.py [--rounds N]

Runs both in turn N times (default 3), each in a process of its own with all that belongs to it, and prints medians.
Ours run on a lab that is up and has done the same once before; Nova's bring up what they need in their own process.
"""

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nova
from stocktake.support.lab import start

ROOT = Path(__file__).parents[2]
TESTS = "nova.tests.functional.test_servers.ServerMovingTests"
FLOWS = {
    "boot, resize, confirm": (
        "features/resize/resize.feature::Confirming the resize frees the source",
        f"{TESTS}.test_resize_confirm",
    ),
    "boot, resize, revert": (
        "features/resize/revert.feature::The server holds its old flavor on its old host again",
        f"{TESTS}.test_resize_revert",
    ),
    "boot, resize, delete": (
        "features/delete/delete.feature::Deleting a server with an unconfirmed resize frees both hosts",
        f"{TESTS}.test_resize_delete_while_verify",
    ),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    options = parser.parse_args()
    lab = start(owner=os.getpid())
    try:
        with tempfile.TemporaryDirectory() as folder:
            theirs = {**os.environ, "PYTHONPATH": str(_as_in_a_checkout(Path(folder)))}
            ours = {**os.environ, **lab.environment}
            for flow, (scenario, test) in FLOWS.items():
                run = [sys.executable, "-m", "pytest", "-q", scenario]
                _seconds(run, ours)
                pairs = [
                    (_seconds(run, ours), _seconds([sys.executable, "-m", "testtools.run", test], theirs))
                    for _ in range(options.rounds)
                ]
                _tell(flow, pairs)
    finally:
        lab.stop()


def _as_in_a_checkout(folder: Path) -> Path:
    """Nova's tests look for its pipeline file beside the package, where a checkout has it and an installation not."""
    installed = Path(sysconfig.get_path("data"), "etc", "nova")
    (folder / "etc").mkdir()
    (folder / "etc" / "nova").symlink_to(installed)
    (folder / "nova").symlink_to(Path(nova.__path__[0]))
    return folder


def _seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} has failed, so its time means nothing:\n{done.stdout}{done.stderr}")
    return time.monotonic() - began


def _tell(flow: str, pairs: Sequence[tuple[float, float]]) -> None:
    ours, theirs = (statistics.median(pair[position] for pair in pairs) for position in (0, 1))
    ratio = statistics.median(our / their for our, their in pairs)
    print(f"{flow:<25} {ours:6.2f} s here, {theirs:6.2f} s in Nova's test: {ratio:.2f} of it")


if __name__ == "__main__":
    main()
