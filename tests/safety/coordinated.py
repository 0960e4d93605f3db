"""Two runs of pytest that share a lab and know of each other only through etcd: no host may ever be held by both.

    python tests/safety/coordinated.py [--minutes=10] [--hold=65] [--hosts=4]

First, for some minutes, scenarios of both runs want one or three hosts each and hold them for `--hold` seconds, longer
than etcd keeps a lock that is not renewed. Then etcd is stopped in mid-run: scenarios must end with a sentence, and
after a sweep nothing may be left. Exit status 1 when something is not so.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "hosts"))

import sites
import yaml
from coordinators import Etcd
from stocktake.support import lab
from stocktake.support.ownership.mark import Mark
from stocktake.support.waiting import SYSTEM_CLOCK

RUNS = ("one", "other")
HELD = "STOCKTAKE_TEST_HELD"  # names the file in which scenarios write when they held which host
BEYOND = 600.0  # seconds that a run may take beyond its minutes
SECONDS = "STOCKTAKE_TEST_SECONDS"  # for how long
PAUSE = 2.0  # seconds between two looks at the traits of hosts
SAID = re.compile(r"the coordinator of leases, \S+, (did not answer for \d+ s|failed: )")

STEPS = '''
import os, time
from stocktake.support.gherkin.phrases import when
from stocktake.support.scenario.context import Context
from stocktake.support.waiting import SYSTEM_CLOCK

@when('the scenario holds its hosts for long')
def hold(context: Context) -> None:
    """Hold.

    Example:
        When the scenario holds its hosts for long
    """
    began = time.monotonic()
    SYSTEM_CLOCK.sleep(float(os.environ["STOCKTAKE_TEST_SECONDS"]))
    with open(os.environ["STOCKTAKE_TEST_HELD"], "a") as log:
        for host in context.roles.hosts:
            log.write(f"{host.service} {began} {time.monotonic()} {os.getpid()}\\n")
'''

FEATURE = """Feature: Hosts are held for a while

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       256 |       1 |

  Scenario Outline: One host, number <number>
    Given host "alpha"
    And server "web" runs flavor "small" on host "alpha"
    When the scenario holds its hosts for long
    Then server "web" is ACTIVE on host "alpha"

    Examples:
{rows}

  Scenario Outline: Three hosts, number <number>
    Given hosts "alpha", "beta" and "gamma"
    And server "web" runs flavor "small" on host "gamma"
    When the scenario holds its hosts for long
    Then server "web" is ACTIVE on host "gamma"

    Examples:
{rows}
"""


def main() -> int:
    """Do both trials, and say what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="how long scenarios are run (default %(default)s)")
    parser.add_argument("--hold", type=float, default=65, help="seconds each holds its hosts (default %(default)s)")
    parser.add_argument("--hosts", type=int, default=4, help="compute hosts of the lab (default %(default)s)")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        etcd = stack.enter_context(Etcd(folder / "etcd", sys.exit).running())
        started = lab.start(hosts=options.hosts, owner=os.getpid())
        stack.callback(started.stop)
        site = sites.Site(started.clouds_yaml)
        before = site.state()
        wrong = _exclude(site, etcd, folder / "exclude", options)
        wrong += _lose(site, etcd, folder / "lose", options)
        wrong += sites.told("left", sites.differences(before, site.state()))
    return 1 if wrong else 0


def _exclude(site: sites.Site, etcd: Etcd, folder: Path, options: argparse.Namespace) -> int:
    """Let both runs hold hosts for some minutes; return how much is wrong."""
    scenarios = max(1, round(options.minutes * 60 / options.hold / 2))
    with _shared(site) as shared:
        runs = [_begin(run, site, etcd, folder, options.hold, scenarios) for run in RUNS]
        statuses = [run.wait(options.minutes * 60 + BEYOND) for run in runs]
    failed = _failed(folder, statuses)
    if failed:
        return sites.told("runs that failed", failed)
    held = [line.split() for line in (folder / "held").read_text().splitlines()]
    longest = max(float(end) - float(begin) for _, begin, end, _ in held)
    sites.say(
        f"{len(held)} times a host was held for up to {longest:.0f} s by {len({one[3] for one in held})} processes"
    )
    return sites.told("held twice", _overlaps(held)) + sites.told("with traits of two runs", sorted(set(shared)))


def _lose(site: sites.Site, etcd: Etcd, folder: Path, options: argparse.Namespace) -> int:
    """Stop etcd while both runs hold hosts; return how much is wrong."""
    runs = [_begin(run, site, etcd, folder, options.hold, 2) for run in RUNS]
    SYSTEM_CLOCK.sleep(options.hold / 2)
    etcd.stop()
    began = time.monotonic()
    for run in runs:
        run.wait(BEYOND)
    sites.say(f"without etcd, both runs ended within {time.monotonic() - began:.0f} s")
    etcd.start()
    outputs = {run: (folder / run / "output").read_text() for run in RUNS}
    for run, text in outputs.items():
        sites.say(f"{run}: {', '.join(sorted({found[0] for found in SAID.finditer(text)}))}")
    silent = [f"{run}: {text}" for run, text in outputs.items() if not SAID.search(text) or "Traceback" in text]
    swept = [sites.sweep(folder / run / "clouds.yaml") for run in RUNS]
    unswept = [one.stdout + one.stderr for one in swept if one.returncode]
    journals = [str(path) for path in folder.glob("*/state/journals/*")]
    wrong = sites.told("runs that did not say why", silent) + sites.told("sweeps that failed", unswept)
    return wrong + sites.told("journals left", journals)


def _begin(
    run: str, site: sites.Site, etcd: Etcd, folder: Path, hold: float, scenarios: int
) -> "subprocess.Popen[bytes]":
    """Start one run, with its own folder for journals, on so many scenarios of each kind."""
    own = folder / run
    own.mkdir(parents=True)
    (own / "conftest.py").write_text(STEPS)
    rows = [f"      | {number} |" for number in range(scenarios)]
    (own / "hold.feature").write_text(FEATURE.format(rows="\n".join(["      | number |", *rows])))
    clouds_yaml = configured(site.clouds_yaml, own / "clouds.yaml", coordinator=etcd.url, state=str(own / "state"))
    with (own / "output").open("wb") as output:
        return subprocess.Popen(
            sites.command([str(own / "hold.feature")], folder=own),
            cwd=sites.ROOT,
            env=sites.environment(clouds_yaml, **{HELD: str(folder / "held"), SECONDS: str(hold)}),
            stdout=output,
            stderr=output,
        )


def configured(clouds_yaml: Path, copy: Path, *, name: str = "lab", **settings: str | None) -> Path:
    """Copy a lab's clouds.yaml with another name and other settings of Stocktake's own; None leaves one out."""
    clouds = yaml.safe_load(clouds_yaml.read_text())["clouds"]
    cloud = clouds.pop("lab")
    section = {**cloud["stocktake"], **settings}
    cloud["stocktake"] = {key: value for key, value in section.items() if value is not None}
    copy.touch(mode=0o600)
    copy.write_text(yaml.safe_dump({"clouds": {**clouds, name: cloud}}))
    return copy


@contextmanager
def _shared(site: sites.Site) -> Iterator[list[str]]:
    """Look during the block which hosts have traits of two runs at once, as each run puts one on the hosts it holds."""
    over, found = threading.Event(), list[str]()

    def look() -> None:
        nodes = site.clients.hypervisors.all()
        while not over.wait(PAUSE):
            for node in nodes:
                marks = {mark.run for mark in map(Mark.of, site.clients.traits.of_provider(node.id)) if mark}
                found.extend([f"{node.hostname}: {', '.join(sorted(marks))}"] if len(marks) > 1 else [])

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _overlaps(held: Sequence[Sequence[str]]) -> list[str]:
    """Say which hosts were held by two scenarios at the same time."""
    found = []
    for host in sorted({one[0] for one in held}):
        times = sorted((float(begin), float(end), process) for name, begin, end, process in held if name == host)
        found += [f"{host}: {one} and {other}" for one, other in pairwise(times) if other[0] < one[1]]
    return found


def _failed(folder: Path, statuses: Sequence[int]) -> list[str]:
    return [(folder / run / "output").read_text() for run, status in zip(RUNS, statuses, strict=True) if status]


if __name__ == "__main__":
    sys.exit(main())
