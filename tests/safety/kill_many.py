"""Kill a run at many random moments, sweep after each, and compare the cloud with what it was before.

    python tests/safety/kill_many.py [--times=20] [--longest=60] [--seed=1] [--workers=N] [PATH ...]

Exit status 1 when a sweep left or changed anything.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import killing
import sites
from stocktake.support import lab


def main() -> int:
    """Kill, sweep, compare, and print a line for each time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["features"], help="features (default: all)")
    parser.add_argument("--times", type=int, default=20, help="how often (default %(default)s)")
    parser.add_argument("--longest", type=float, default=60, help="seconds until a run is killed (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="pytest -n")
    options = parser.parse_intermixed_args()
    chance = random.Random(options.seed)
    started = lab.start(hosts=3, owner=os.getpid())
    try:
        site = sites.Site(started.clouds_yaml)
        before = site.state()
        wrong = 0
        for number in range(1, options.times + 1):
            wrong += bool(_once(number, chance.uniform(0, options.longest), options, started, site, before))
        say(f"{options.times} times killed and swept, {wrong or 'none'} of them not as before")
        return 1 if wrong else 0
    finally:
        started.stop()


def _once(
    number: int,
    moment: float,
    options: argparse.Namespace,
    started: lab.Lab,
    site: sites.Site,
    before: dict[str, object],
) -> list[str]:
    """Kill one run and sweep; return what is different."""
    workers = ["-n", str(options.workers)] if options.workers else []
    # Each time another order, so that all features have their turn at being killed.
    paths = sorted(str(path) for given in options.paths for path in _files(Path(given)))
    random.Random(options.seed + number).shuffle(paths)
    with tempfile.TemporaryDirectory() as temporary:
        killed = killing.kill_after(moment, started, paths, folder=Path(temporary), options=workers)
    began = time.monotonic()
    swept = sites.sweep(started.clouds_yaml)
    left = sites.differences(before, site.state()) + sites.remembered(started)
    undone = sum(line.startswith("done: ") for line in swept.stdout.splitlines())
    say(
        f"{number}: killed {killed}; swept {undone} things in {time.monotonic() - began:.1f} s "
        f"(status {swept.returncode}); {len(left) or 'no'} differences"
    )
    if left or swept.returncode:
        say(swept.stdout + swept.stderr)
    for line in left:
        say(f"   {line}")
    return left


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.feature")) if path.is_dir() else [path]


def say(text: str) -> None:
    """Print at once, as this takes long."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
