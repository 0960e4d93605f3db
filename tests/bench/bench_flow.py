"""How soon a run begins, how long each operation takes, and how much of the machine the suite itself takes.

    python tests/bench/bench_flow.py [--features PATH ...] [--rounds N]

Starts a lab, then runs the features on it N times (default 3) and prints medians. Times are seconds of the clock, CPU
is user and system time; ratios hold on other machines as well, times do not.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from stocktake.support.lab import Lab, start

ROOT = Path(__file__).parents[2]
FLOWS = ("features/resize/resize.feature", "features/resize/revert.feature", "features/delete/delete.feature")
OPERATIONS = {
    "is booted with": "boot",
    "is resized to": "resize",
    "is confirmed": "confirm",
    "is reverted": "revert",
    "is deleted": "delete",
    "is evacuated": "evacuate",
}


@dataclass
class Run:
    """One run of pytest: seconds to its first scenario and in all, its CPU and the lab's, each operation's times."""

    first: float
    wall: float
    own_cpu: float
    lab_cpu: float
    scenarios: int
    operations: dict[str, list[float]] = field(default_factory=dict)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", nargs="+", default=FLOWS, metavar="PATH")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    options = parser.parse_args()
    bare = statistics.median(_seconds_of("import pytest, pytest_bdd") for _ in range(options.rounds))
    began = time.monotonic()
    lab = start(owner=os.getpid())
    ready = time.monotonic() - began
    try:
        runs = [_run(lab, options.features) for _ in range(options.rounds)]
    finally:
        lab.stop()
    _tell(bare, ready, runs)


def _seconds_of(code: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.monotonic() - began


def _run(lab: Lab, features: list[str]) -> Run:
    environment = {**os.environ, **lab.environment}
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder) / "run.ndjson"
        command = [sys.executable, "-m", "pytest", "-q", *features, f"--messages={stream}"]
        own, others, began, clock = _own_cpu(), _cpu_of(lab.supervisor), time.time(), time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        wall = time.monotonic() - clock
        if done.returncode:
            sys.exit(f"the features have failed, so their times mean nothing:\n{done.stdout}")
        messages = [json.loads(line) for line in stream.read_text().splitlines()]
    starts = [_time(message["testCaseStarted"]["timestamp"]) for message in messages if "testCaseStarted" in message]
    return Run(
        first=min(starts) - began,
        wall=wall,
        own_cpu=_own_cpu() - own,
        lab_cpu=_cpu_of(lab.supervisor) - others,
        scenarios=len(starts),
        operations=_operations(messages),
    )


def _operations(messages: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Seconds of each When step by its operation, from asking to its true end and the audit after it."""
    texts = {step["id"]: step["text"] for m in messages if "pickle" in m for step in m["pickle"]["steps"]}
    steps = {
        step["id"]: texts[step["pickleStepId"]]
        for m in messages
        if "testCase" in m
        for step in m["testCase"]["testSteps"]
        if "pickleStepId" in step
    }
    found: dict[str, list[float]] = defaultdict(list)
    for finished in (m["testStepFinished"] for m in messages if "testStepFinished" in m):
        text = steps.get(finished["testStepId"], "")
        for words, operation in OPERATIONS.items():
            if words in text:
                duration = finished["testStepResult"]["duration"]
                found[operation].append(duration["seconds"] + duration["nanos"] / 1e9)
    return found


def _time(stamp: dict[str, int]) -> float:
    return stamp["seconds"] + stamp["nanos"] / 1e9


def _own_cpu() -> float:
    """CPU of every child that has ended: pytest alone, as the lab's supervisor lives on."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cpu_of(pid: int) -> float:
    def processes() -> Iterator[psutil.Process]:
        process = psutil.Process(pid)
        yield process
        yield from process.children(recursive=True)

    return sum(sum(process.cpu_times()[:2]) for process in processes())


def _tell(bare: float, ready: float, runs: list[Run]) -> None:
    def median(name: str) -> float:
        return statistics.median(getattr(run, name) for run in runs)

    both = statistics.median(run.own_cpu / (run.own_cpu + run.lab_cpu) for run in runs)
    first, wall, scenarios = median("first"), median("wall"), runs[0].scenarios
    print(f"{'importing pytest and pytest-bdd alone':<45} {bare:8.2f} s")
    print(f"{'lab ready':<45} {ready:8.2f} s")
    print(f"{'command to first scenario, on a running lab':<45} {first:8.2f} s {first / bare:6.1f} x")
    print(f"{'scenarios per run, and seconds per scenario':<45} {scenarios:8} {wall / scenarios:8.2f} s")
    print(f"{'CPU of the suite in CPU of suite and lab':<45} {both:8.0%}")
    print(f"{'CPU of the suite in the time of the run':<45} {median('own_cpu') / wall:8.0%}")
    times: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        for operation, seconds in run.operations.items():
            times[operation] += seconds
    slowest = max(statistics.median(seconds) for seconds in times.values())
    for operation, seconds in times.items():
        middle = statistics.median(seconds)
        print(f"{operation:<45} {middle:8.2f} s {middle / slowest:6.2f} of the slowest, {len(seconds)} times")


if __name__ == "__main__":
    main()
