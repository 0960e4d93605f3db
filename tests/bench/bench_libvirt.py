"""What a lab of libvirt hosts takes, against one of fake hosts: time until it is ready, and memory of its Nova process.

The two start by turns, so that whatever else the machine does slows both; a ratio is that of one round.

    python tests/bench/bench_libvirt.py [--rounds=5] [--hosts=3] [--profile=plain]
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stocktake.support import lab
from stocktake.support.accounting.tables import render
from stocktake.support.lab.shape import DEFAULT_DRIVER, Shape

MB = 1024 * 1024


@dataclass(frozen=True)
class Taken:
    """One start: seconds until the lab was ready, processor seconds and resident MB of its Nova process then."""

    wall: float
    processor: float
    resident: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="of both (default %(default)s)")
    parser.add_argument("--hosts", type=int, default=3, help="of each lab (default %(default)s)")
    parser.add_argument("--profile", default="plain", help="hardware of the libvirt hosts (default %(default)s)")
    options = parser.parse_args()
    drivers = (DEFAULT_DRIVER, f"libvirt:{options.profile}")
    for driver in drivers:
        start(driver, options.hosts)  # byte-code and databases are there from now on
    taken: dict[str, list[Taken]] = {driver: [] for driver in drivers}
    for _round in range(options.rounds):
        for driver in drivers:
            taken[driver].append(start(driver, options.hosts))
    rows = [_row(what, *(taken[driver] for driver in drivers)) for what in ("wall", "processor", "resident")]
    sys.stdout.write(render(["of a lab", "fake", options.profile, "ratio", "lowest", "highest"], rows) + "\n")


def _row(what: str, plain: list[Taken], libvirt: list[Taken]) -> list[str]:
    """One measure of both labs: its medians, and the median, least and greatest of the ratios of each round."""
    fake, other = ([getattr(one, what) for one in labs] for labs in (plain, libvirt))
    ratios = [second / first for first, second in zip(fake, other, strict=True)]
    unit = {"wall": "seconds", "processor": "processor seconds", "resident": "MB"}[what]
    medians = [f"{statistics.median(values):.1f}" for values in (fake, other)]
    return [unit, *medians, *(f"{ratio:.2f}" for ratio in (statistics.median(ratios), min(ratios), max(ratios)))]


def start(driver: str, hosts: int) -> Taken:
    """Start a lab of hosts with this driver, and stop it."""
    began = time.monotonic()
    a_lab = lab.start(hosts=hosts, owner=os.getpid(), shape=Shape(driver=driver))
    wall = time.monotonic() - began
    try:
        nova = max(descendants(a_lab.supervisor), key=_resident)
        return Taken(wall, processor_seconds(nova), _resident(nova) / MB)
    finally:
        a_lab.stop()


def descendants(process: int) -> Iterator[int]:
    """The process ids below a process; the largest of a lab's is Nova's."""
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from descendants(child)


def _resident(process: int) -> int:
    """The resident memory of a process, in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def processor_seconds(process: int) -> float:
    """What a process has used so far, in user and kernel mode."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
