"""What a lab takes with optional services, against a plain one: until it is ready, and the memory of all its processes.

The labs start by turns, so that whatever else the machine does slows all; a ratio is that of one round.

    python tests/bench/bench_services.py [--rounds=3] [--hosts=3] [neutron cinder neutron,cinder,cyborg …]
"""

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench_libvirt import MB, descendants, processor_seconds
from stocktake.support import lab
from stocktake.support.accounting.tables import render
from stocktake.support.lab.optional import OPTIONAL
from stocktake.support.lab.shape import Shape

PLAIN = "plain"


@dataclass(frozen=True)
class Taken:
    """One start: seconds until the lab was ready, processor seconds and MB of all its processes then.

    Memory that processes share is counted once.
    """

    wall: float
    processor: float
    memory: float


UNITS = {"wall": "seconds", "processor": "processor seconds", "memory": "MB"}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("services", nargs="*", default=[*OPTIONAL, ",".join(OPTIONAL)], help="as --with takes them")
    parser.add_argument("--rounds", type=int, default=3, help="of each lab (default %(default)s)")
    parser.add_argument("--hosts", type=int, default=3, help="of each lab (default %(default)s)")
    options = parser.parse_args()
    labs = [PLAIN, *options.services]
    for services in labs:
        start(services, options.hosts)  # byte-code and databases are there from now on
    taken: dict[str, list[Taken]] = {services: [] for services in labs}
    for _round in range(options.rounds):
        for services in labs:
            taken[services].append(start(services, options.hosts))
    rows = [_row(services, what, taken) for services in options.services for what in UNITS]
    sys.stdout.write(render(["with", "of a lab", PLAIN, "with them", "ratio", "lowest", "highest"], rows) + "\n")


def _row(services: str, what: str, taken: dict[str, list[Taken]]) -> list[str]:
    """One measure of a lab and a plain one: medians, and the median, least and greatest of the ratios of each round."""
    plain, other = ([getattr(one, what) for one in taken[labs]] for labs in (PLAIN, services))
    ratios = [second / first for first, second in zip(plain, other, strict=True)]
    medians = [f"{statistics.median(values):.1f}" for values in (plain, other)]
    found = (statistics.median(ratios), min(ratios), max(ratios))
    return [services, UNITS[what], *medians, *(f"{ratio:.2f}" for ratio in found)]


def start(services: str, hosts: int) -> Taken:
    """Start a lab with these services, and stop it."""
    shape = Shape() if services == PLAIN else Shape().having(services)
    began = time.monotonic()
    a_lab = lab.start(hosts=hosts, owner=os.getpid(), shape=shape)
    wall = time.monotonic() - began
    try:
        processes = [a_lab.supervisor, *descendants(a_lab.supervisor)]
        return Taken(wall, sum(map(processor_seconds, processes)), sum(map(_proportional, processes)) / MB)
    finally:
        a_lab.stop()


def _proportional(process: int) -> int:
    """The memory of a process in bytes, with its part of what it shares."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024


if __name__ == "__main__":
    main()
