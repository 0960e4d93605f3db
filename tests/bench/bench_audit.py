"""What an audit of a large cloud costs, beside `nova-manage placement audit` on the same data.

    python tests/bench/bench_audit.py [--hosts N ...] [--rounds N] [--jobs N ...] [--processes N]

Starts a lab for each number of hosts (default 500 and 5000), fills it with four servers on each, plants wrong
allocations, and lets both commands audit it by turns. Prints the medians of wall time, of requests, of the processor
time of the command alone and with that of the lab's services, on which other work on the machine weighs least, and of
the largest memory of the command. With --processes, the audit is also made at a Placement
with so many processes. Exit status 1 when the audit misses what was planted or finds anything else, takes longer than
nova-manage on the largest of these clouds (on a small one, the seconds in which findings settle weigh most), needs more
than 500 MB, or its time grows faster than the cloud.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "safety"))

import sites
from filled_cloud import ALWAYS_UP, Filling, Planted, boot_pattern
from stocktake.support import lab
from stocktake.support.accounting.rendering import render

SERVERS_OF_A_HOST = 4
ORPHANS, DOUBLED, UNLISTED = 20, 10, 5
MOST_MEMORY = 500.0  # MB
MOST_GROWTH = 1.2  # times that of the cloud
WITHIN = 3600.0  # seconds
TOOL = "nova-manage"
HEADERS = ["hosts", "command", "s", f"of {TOOL}", "processor s", "with services", "requests", "MB", "findings"]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What one audit cost: wall and processor time in seconds, memory in MB, requests to Placement and Nova.

    `everywhere` is the processor time of the command and of the lab's services, in seconds.
    `missed` are planted damages that were not found, `beside` findings of what was not planted.
    """

    wall: float
    processor: float
    memory: float
    everywhere: float
    requests: int
    findings: int
    missed: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


@dataclass
class Trial:
    """A filled lab, and the commands that audit it by turns."""

    running: lab.Lab
    planted: Planted
    commands: dict[str, tuple[Path, tuple[str, ...]]] = field(default_factory=dict)  # clouds.yaml, options

    def ours(self, clouds_yaml: Path, options: Sequence[str]) -> Cost:
        """Let `stocktake audit` audit it."""
        command = [sys.executable, "-m", "stocktake.support.cli", "audit", "--cloud=lab", "--json", *options]
        output, cost = self._measure(command, sites.environment(clouds_yaml))
        told = json.loads(output)
        found = {(one["rule"], one["consumer"] or one["provider"]) for one in told["findings"]}
        wanted = {("unknown-consumer", one) for one in self.planted.orphans}
        wanted |= {("doubled-allocation", one) for one in self.planted.doubled}
        wanted |= {("usage-differs-from-allocations", one) for one in self.planted.unlisted}
        missed, beside = ({f"{rule} {uuid}" for rule, uuid in some} for some in (wanted - found, found - wanted))
        return Cost(*cost, told["requests"], len(told["findings"]), frozenset(missed), frozenset(beside))

    def theirs(self) -> Cost:
        """Let nova-manage audit it, which finds the orphans, and what servers hold on other hosts."""
        config = self.running.folder / "nova" / "nova.conf"
        module = "stocktake.support.lab.services.nova_manage"
        command = [sys.executable, "-P", "-m", module, str(os.getpid()), str(config), "placement", "audit", "--verbose"]
        log = self.running.folder / "logs" / "placement.log"
        before = log.stat().st_size
        output, cost = self._measure(command, dict(os.environ))
        with log.open("rb") as lines:
            lines.seek(before)
            requests = sum(b"placement.requestlog" in line for line in lines)
        return Cost(*cost, requests, output.count("can be deleted"))

    def _measure(
        self, command: Sequence[str], environment: dict[str, str]
    ) -> tuple[str, tuple[float, float, float, float]]:
        """Run a command to its end; return what it printed, and its times and memory as `Cost` has them.

        Raises RuntimeError if it printed nothing.
        """
        began, before = time.monotonic(), self._services_seconds()
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                command, env=environment, cwd=sites.ROOT, stdout=output, stderr=errors, text=True
            )
            _pid, _status, used = os.wait4(process.pid, 0)
            process.returncode = 0  # it has been waited for
            wall, own = time.monotonic() - began, used.ru_utime + used.ru_stime
            output.seek(0)
            errors.seek(0)
            printed = output.read()
            if not printed:
                raise RuntimeError(f"{' '.join(command)} printed nothing: {errors.read()[-1000:]}")
            everywhere = own + self._services_seconds() - before
            return printed, (wall, own, used.ru_maxrss / 1024, everywhere)

    def _services_seconds(self) -> float:
        """Add up the processor time of all processes that serve the lab."""
        total = 0.0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if str(self.running.folder) in (process / "cmdline").read_text():
                    times = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
                    total += sum(map(int, times)) / TICKS
            except OSError:  # it has ended meanwhile
                continue
        return total


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, nargs="+", default=[500, 5000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 4], metavar="N")
    parser.add_argument("--processes", type=int, metavar="N", help="of a second Placement")
    options = parser.parse_args()
    costs: dict[int, dict[str, list[Cost]]] = {}
    for hosts in options.hosts:
        with _filled(hosts, options) as trial:
            costs[hosts] = _by_turns(trial, options.rounds)
    rows = [row for hosts, commands in costs.items() for row in _rows(hosts, commands)]
    print(render(HEADERS, rows))
    wrong = list(_faults(costs))
    print(*wrong, sep="\n")
    return 1 if wrong else 0


@contextmanager
def _filled(hosts: int, options: argparse.Namespace) -> Iterator[Trial]:
    running = lab.start(hosts=1, owner=os.getpid(), shape=ALWAYS_UP)
    try:
        filling = Filling(running.folder, boot_pattern(sites.Site(running.clouds_yaml).clients))
        filling.fill(hosts, SERVERS_OF_A_HOST)
        trial = Trial(running, filling.plant(ORPHANS, DOUBLED, UNLISTED))
        for jobs in options.jobs:
            trial.commands[f"audit --jobs={jobs}"] = (running.clouds_yaml, (f"--jobs={jobs}",))
        if not options.processes:
            yield trial
            return
        with _more_processes(running, options.processes) as clouds_yaml:
            for jobs in options.jobs:
                name = f"audit --jobs={jobs}, {options.processes} of Placement"
                trial.commands[name] = (clouds_yaml, (f"--jobs={jobs}",))
            yield trial
    finally:
        running.stop()


@contextmanager
def _more_processes(running: lab.Lab, processes: int) -> Iterator[Path]:
    """Serve Placement by more processes, and write a clouds.yaml that leads to them."""
    module = Path(__file__).with_name("placement_processes.py")
    command = [sys.executable, str(module), str(running.folder), str(processes)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving,
    ):
        assert serving.stdout is not None
        address = serving.stdout.readline().strip()
        clouds = yaml.safe_load(running.clouds_yaml.read_text())
        for entry in clouds["clouds"].values():
            entry["placement_endpoint_override"] = address
        copy = Path(folder) / "clouds.yaml"
        copy.touch(mode=0o600)
        copy.write_text(yaml.safe_dump(clouds))
        try:
            yield copy
        finally:
            serving.kill()


def _by_turns(trial: Trial, rounds: int) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {TOOL: [], **{name: [] for name in trial.commands}}
    for _ in range(rounds):
        costs[TOOL].append(trial.theirs())
        for name, (clouds_yaml, options) in trial.commands.items():
            costs[name].append(trial.ours(clouds_yaml, options))
            times = f"{name}: {costs[name][-1].wall:.1f} s, {TOOL}: {costs[TOOL][-1].wall:.1f} s"
            print(f"{times}, load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return costs


def _median(costs: Sequence[Cost], what: str) -> float:
    return statistics.median(getattr(cost, what) for cost in costs)


def _ratio(commands: dict[str, list[Cost]], name: str) -> float:
    """Return the median of the ratios of turns next to each other, which other work on the machine weighs on alike."""
    return statistics.median(one.wall / tool.wall for one, tool in zip(commands[name], commands[TOOL], strict=True))


def _rows(hosts: int, commands: dict[str, list[Cost]]) -> Iterator[list[str]]:
    for name, costs in commands.items():
        shown = [f"{_median(costs, what):.0f}" for what in ("requests", "memory", "findings")]
        times = [f"{_median(costs, 'wall'):.1f}", f"{_ratio(commands, name):.2f}"]
        processor = [f"{_median(costs, what):.1f}" for what in ("processor", "everywhere")]
        yield [str(hosts), name, *times, *processor, *shown]


def _faults(costs: dict[int, dict[str, list[Cost]]]) -> Iterator[str]:
    for hosts, commands in costs.items():
        ours = {name: found for name, found in commands.items() if name != TOOL}
        for name, found in ours.items():
            missed = sorted(set().union(*(one.missed for one in found)))
            if missed:
                yield f"{hosts} hosts: {name} has missed {', '.join(missed)}"
            beside = sorted(set().union(*(one.beside for one in found)))
            if beside:
                yield f"{hosts} hosts: {name} has found {len(beside)} that were not planted, such as {beside[0]}"
            if _median(found, "memory") > MOST_MEMORY:
                yield f"{hosts} hosts: {name} needs {_median(found, 'memory'):.0f} MB"
        best = min(ours, key=lambda name: _ratio(commands, name))
        if hosts == max(costs) and _ratio(commands, best) > 1:
            yield f"{hosts} hosts: {best} takes {_ratio(commands, best):.2f} times as long as {TOOL}"
    few, many = min(costs), max(costs)
    for name in costs[few] if many > few else ():
        growth = _median(costs[many][name], "wall") / _median(costs[few][name], "wall") / (many / few)
        if name != TOOL and growth > MOST_GROWTH:
            yield f"{name}: the time grows {growth:.2f} times as fast as the cloud"


if __name__ == "__main__":
    sys.exit(main())
