"""Kill a run at many random moments, sweep after each, and compare the cloud with what it was before.

    python tests/safety/kill_many.py [--times=20] [--longest=60] [--seed=1] [--workers=N] [--hosts=3]
        [--with=neutron,cinder,cyborg] [--beside] [--ratio] [PATH ...]

With --beside, another run goes on during all that; with --ratio, an operator changes an allocation ratio between kill
and sweep. Exit status 1 when a sweep left or changed anything, or a scenario of the other run failed.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import killing
import sites
from stocktake.support import lab
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.lab import optional
from stocktake.support.lab.shape import Shape
from stocktake.support.ownership.journal import OldJournal, find_interrupted
from stocktake.support.ownership.kinds.placement import INVENTORY

FAILED = ("failure", "error")


def main() -> int:
    """Kill, sweep, compare, and print a line for each time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["features"], help="features (default: all)")
    parser.add_argument("--times", type=int, default=20, help="how often (default %(default)s)")
    parser.add_argument("--longest", type=float, default=60, help="seconds until a run is killed (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="pytest -n")
    parser.add_argument("--hosts", type=int, default=3, help="compute hosts of the lab (default %(default)s)")
    parser.add_argument("--with", dest="additions", type=optional.argument, help="as `stocktake lab up` takes it")
    parser.add_argument("--beside", action="store_true", help="let another run go on beside the killed one")
    parser.add_argument("--ratio", action="store_true", help="change an allocation ratio between kill and sweep")
    options = parser.parse_intermixed_args()
    chance = random.Random(options.seed)
    shape = Shape().having(options.additions) if options.additions else None
    started = lab.start(hosts=options.hosts, owner=os.getpid(), shape=shape)
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
    before: dict[str, Any],
) -> list[str]:
    """Kill one run and sweep; return what is wrong then."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        beside = killing.going_on(started, _paths(options, number, "beside"), folder=folder / "beside")
        with beside if options.beside else nullcontext():
            workers = [f"-n{options.workers}"] if options.workers else []
            paths = _paths(options, number, "killed")
            killed = killing.kill_after(moment, started, paths, folder=folder / "killed", options=workers)
            operator = _Operator(site, started, before) if options.ratio else None
            began = time.monotonic()
            swept = sites.sweep(started.clouds_yaml, within=900)
            took = time.monotonic() - began
        wrong = _failures(folder / "beside") if options.beside else []
        wrong += operator.complaints() if operator else []
        wrong += sites.differences(before, site.state()) + sites.remembered(started)
        if wrong and options.beside:
            say((folder / "beside" / "output").read_text())
    undone = sum(line.startswith("done: ") for line in swept.stdout.splitlines())
    say(
        f"{number}: killed {killed}; swept {undone} things in {took:.1f} s (status {swept.returncode}); "
        f"{len(wrong) or 'nothing'} wrong"
    )
    if wrong or swept.returncode:
        say(swept.stdout + swept.stderr)
    for line in wrong:
        say(f"   {line}")
    return wrong + [f"the sweep ended with {swept.returncode}"] * bool(swept.returncode)


class _Operator:
    """Somebody who sets an allocation ratio on a host of the killed run, if possible one that the run has set, too."""

    RATIO = 7.25

    def __init__(self, site: sites.Site, started: lab.Lab, before: dict[str, Any]):
        self._placement = site.clients.placement
        providers = {one["uuid"]: one["inventories"] for one in before["providers"].values()}
        interrupted = find_interrupted(started.folder / "state" / "journals")
        entries = [entry for journal in interrupted for entry in journal.entries if entry.kind == INVENTORY.name]
        chosen = [(entry.details["provider"], entry.name) for entry in entries]
        chosen += [(host.id, "VCPU") for journal in interrupted for host in self._hosts(site, journal)]
        chosen += [(host.id, "VCPU") for host in site.clients.hypervisors.all()]
        self._provider, self._class = next((uuid, name) for uuid, name in chosen if name in providers.get(uuid, ()))
        self._was = providers[self._provider][self._class]["allocation_ratio"]
        self._set(self.RATIO)

    def complaints(self) -> list[str]:
        """Say what has become of the ratio if it has not stayed, and set it back."""
        found = self._set(self._was)
        return [] if found == self.RATIO else [f"{self._class}: the operator's ratio became {found}"]

    @staticmethod
    def _hosts(site: sites.Site, journal: OldJournal) -> list[Hypervisor]:
        return [node for host in journal.hosts for node in site.clients.hypervisors.of_host(host)]

    def _set(self, ratio: float) -> float:
        now = self._placement.inventories(self._provider).inventories[self._class]
        self._placement.set_inventory(self._provider, self._class, replace(now, allocation_ratio=ratio))
        return now.allocation_ratio


def _failures(folder: Path) -> list[str]:
    """The scenarios of a run that failed, before it was interrupted."""
    try:
        verdicts = sites.verdicts(folder)
    except sites.NothingRan:
        return []
    return [f"beside: {name}: {verdict}" for name, verdict in verdicts.items() if verdict in FAILED]


def _paths(options: argparse.Namespace, number: int, run: str) -> list[str]:
    """The features of a run, each time in another order, so that all have their turn at being killed."""
    paths = sorted(str(path) for given in options.paths for path in _files(Path(given)))
    random.Random(f"{options.seed} {number} {run}").shuffle(paths)
    return paths


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.feature")) if path.is_dir() else [path]


def say(text: str) -> None:
    """Print at once, as this takes long."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
