"""What a lab of an older release costs: its environment, and its start against that of the installed release.

    python tests/bench/bench_releases.py [--rounds N] [--hosts N] [--environments] [RELEASE ...]

Each release is started by turns with the installed one, N times (default 3), after one start that makes byte-code and
databases and counts for nothing; printed are the medians, the median of the ratios of starts next to each other, and
the least and the largest of these. With --environments, each environment is first built in an empty cache, which is
removed afterwards; else they are those of the user's cache. A busy machine changes seconds much, and ratios little.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from stocktake.support import lab
from stocktake.support.accounting.tables import render
from stocktake.support.lab.environments.building import Environment, provide
from stocktake.support.lab.environments.choice import chosen

RELEASES = ("2023.1", "2024.1", "2025.1", "2026.1")
CACHES = ("XDG_CACHE_HOME", "PIP_CACHE_DIR", "UV_CACHE_DIR")


@dataclass(frozen=True)
class Taken:
    """Seconds of one action: on the clock, and of processors."""

    wall: float
    processor: float


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("releases", nargs="*", default=RELEASES, metavar="RELEASE", help="default: those of README")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each release (default %(default)s)")
    parser.add_argument("--hosts", type=int, default=3, metavar="N", help="of each lab (default %(default)s)")
    parser.add_argument("--environments", action="store_true", help="build them in an empty cache first")
    options = parser.parse_args()
    if not options.environments:
        _tell_starts({name: _environment(name) for name in options.releases}, options.rounds, options.hosts)
        return
    with _empty_caches() as folder:
        built: dict[str, Environment] = {}
        rows = []
        for name in options.releases:
            taken = _taken(partial(_environment, name))
            built[name] = _environment(name)
            rows.append([name, f"{taken.wall:.0f}", f"{taken.processor:.0f}", _size(built[name].python.parents[1])])
        _say(["environment", "seconds", "processor seconds", "MiB"], rows)
        _tell_starts(built, options.rounds, options.hosts)
        _say(["with byte-code", "MiB"], [[name, _size(built[name].python.parents[1])] for name in built])
        print(f"all caches: {_size(folder)} MiB")


def _environment(release: str) -> Environment:
    choice = chosen(release, None)
    assert choice is not None
    return provide(choice, lambda _stage: None)


@contextmanager
def _empty_caches() -> Iterator[Path]:
    """Have Stocktake, pip and uv find nothing that they have kept, as long as the block lasts."""
    usual = {name: os.environ.get(name) for name in CACHES}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({name: str(Path(folder) / name.lower()) for name in CACHES})
        try:
            yield Path(folder)
        finally:
            for name, value in usual.items():
                del os.environ[name]
                if value is not None:
                    os.environ[name] = value


def _tell_starts(environments: dict[str, Environment], rounds: int, hosts: int) -> None:
    rows = []
    for name, environment in environments.items():
        first = _start(environment, hosts)
        _start(None, hosts)
        pairs = [(_start(environment, hosts), _start(None, hosts)) for _ in range(rounds)]
        walls = [older.wall / plain.wall for older, plain in pairs]
        processors = [older.processor / plain.processor for older, plain in pairs]
        older, plain = ([pair[side].wall for pair in pairs] for side in (0, 1))
        seconds = [f"{value:.1f}" for value in (first.wall, statistics.median(older), statistics.median(plain))]
        rows.append([name, *seconds, _ratios(walls), _ratios(processors)])
    heads = ["release", "first start, s", "warm, s", "installed, s", "ratio of times", "of processor times"]
    _say(heads, rows)


def _ratios(found: Sequence[float]) -> str:
    return f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})"


def _start(environment: Environment | None, hosts: int) -> Taken:
    """Start a lab and stop it: the seconds until it is ready, and the processor seconds of all its processes."""
    before, began = _processor_seconds(), time.monotonic()
    a_lab = lab.start(hosts=hosts, environment=environment)
    wall = time.monotonic() - began
    a_lab.stop()
    return Taken(wall, _processor_seconds() - before)


def _taken(action: Callable[[], object]) -> Taken:
    wall, processor = time.monotonic(), _processor_seconds()
    action()
    return Taken(time.monotonic() - wall, _processor_seconds() - processor)


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _size(folder: Path) -> str:
    """What a folder occupies on its disk, in MiB."""
    return subprocess.run(["du", "-sm", folder], check=True, capture_output=True, text=True).stdout.split()[0]


def _say(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    sys.stdout.write(render(list(heads), [list(row) for row in rows]) + "\n")


if __name__ == "__main__":
    main()
