"""What a scenario costs as the cloud grows: the same features with few and with many resource providers in Placement.

    python tests/bench/bench_providers.py [--features PATH ...] [--rounds N] [--few N] [--many N]

Starts a lab and puts providers into its Placement that look like compute hosts and belong to nobody, few and many by
turns, so that whatever else the machine does weighs on both. Requests are counted by a proxy before the lab's APIs;
those that only repeat a reading, as waits do, are told apart, since their number depends on time. Exit status 1 when
the requests differ or the time grows by more than a fifth.
"""

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "safety"))

import proxy
import sites
from stocktake.support import lab

FLOWS = ("features/resize/resize.feature", "features/resize/revert.feature", "features/delete/delete.feature")
HOSTS = 3
MOST = 1.2  # times the time with few
PLANTED = "planted-"
TRAITS = ("COMPUTE_NODE", "OWNER_NOVA")
INVENTORY: Mapping[str, tuple[int, float]] = {"VCPU": (64, 16.0), "MEMORY_MB": (262144, 1.5), "DISK_GB": (4096, 1.0)}
"""What each planted provider has of a resource class, and its allocation ratio."""


@dataclass
class Cost:
    """What one run cost: seconds of its scenarios, all requests, and those that do not repeat a reading."""

    seconds: float
    requests: int
    different: int


def main() -> int:
    """Measure by turns, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", nargs="+", default=FLOWS, metavar="PATH")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--few", type=int, default=10, metavar="N")
    parser.add_argument("--many", type=int, default=5000, metavar="N")
    options = parser.parse_args()
    found: dict[int, list[Cost]] = {options.few: [], options.many: []}
    started = lab.start(hosts=HOSTS, owner=os.getpid())
    try:
        run(started, options.features)  # the first run of a lab pays for what it loads
        for _ in range(options.rounds):
            for providers, costs in found.items():
                plant(started, providers - HOSTS)
                costs.append(run(started, options.features))
    finally:
        started.stop()
    return _tell(found)


def plant(started: lab.Lab, amount: int) -> None:
    """Have so many providers that nobody uses, beside those of the lab's hosts."""
    with closing(sqlite3.connect(next(started.folder.rglob("placement.sqlite")), timeout=30)) as database, database:
        mine = "SELECT id FROM resource_providers WHERE name LIKE ?"
        for table in ("inventories", "resource_provider_traits"):
            database.execute(f"DELETE FROM {table} WHERE resource_provider_id IN ({mine})", (f"{PLANTED}%",))
        database.execute("DELETE FROM resource_providers WHERE name LIKE ?", (f"{PLANTED}%",))
        traits = [_id(database, "traits", name) for name in TRAITS]
        inventory = [(_id(database, "resource_classes", name), *has) for name, has in INVENTORY.items()]
        for number in range(amount):
            made = database.execute(
                "INSERT INTO resource_providers (uuid, name, generation) VALUES (?, ?, 1)",
                (str(uuid4()), f"{PLANTED}{number}"),
            ).lastrowid
            database.execute("UPDATE resource_providers SET root_provider_id = id WHERE id = ?", (made,))
            database.executemany(
                "INSERT INTO resource_provider_traits (trait_id, resource_provider_id) VALUES (?, ?)",
                [(trait, made) for trait in traits],
            )
            database.executemany(
                "INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, min_unit, "
                "max_unit, step_size, allocation_ratio) VALUES (?, ?, ?, 0, 1, ?, 1, ?)",
                [(made, kind, total, total, ratio) for kind, total, ratio in inventory],
            )


def _id(database: sqlite3.Connection, table: str, name: str) -> int:
    found = database.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()
    return int(found[0])


def run(started: lab.Lab, features: list[str]) -> Cost:
    """Run the features through a proxy that only counts."""
    asked: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        copy = folder / "clouds.yaml"
        with proxy.before(started.clouds_yaml, copy, rate=0.0) as counting:
            counting.seen = lambda method, path, _body: asked.append((method, path))
            done = sites.run(copy, features, folder=folder / "run", within=3600)
        if done.status or set(done.verdicts.values()) != {"passed"}:
            sys.exit(f"the features have failed, so their times mean nothing:\n{done.output}")
        cases = ElementTree.parse(folder / "run" / "verdicts.xml").iter("testcase")
        seconds = sum(float(case.get("time", 0)) for case in cases)
    readings = {request for request in asked if request[0] in proxy.READING}
    return Cost(seconds, len(asked), len(readings) + sum(method not in proxy.READING for method, _ in asked))


def _tell(found: Mapping[int, list[Cost]]) -> int:
    print(f"{'providers':>10} {'seconds':>9} {'requests':>9} {'without repeated readings':>26}")
    medians = []
    for providers, costs in found.items():
        one = [
            statistics.median(getattr(cost, name) for cost in costs) for name in ("seconds", "requests", "different")
        ]
        print(f"{providers:10} {one[0]:9.1f} {one[1]:9.0f} {one[2]:26.0f}   {[cost.different for cost in costs]}")
        medians.append(one)
    few, many = medians
    print(f"time grows {many[0] / few[0]:.2f} x")
    return 0 if many[0] <= MOST * few[0] and many[2] == few[2] else 1


if __name__ == "__main__":
    sys.exit(main())
