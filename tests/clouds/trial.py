"""One run on a cloud of some shape, beside its neighbours: what it verified, and what became of the cloud."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sites
import verdicts
from bystanders import Log, Neighbours, slow
from foreign import CLOUD, Foreign
from sites import say

__all__ = ["Result", "attempt", "say"]

COMMAND_SECONDS = 300
HERE = Path(__file__).parent


@dataclass
class Result:
    """What came of it; `wrong` counts what must not be."""

    done: sites.Run
    reasons: list[verdicts.Reason]
    log: Log
    found: dict[str, list[str]] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """How much is not as it should be."""
        return sum(map(len, self.found.values()))

    def report(self, name: str, seconds: float) -> str:
        """All of it for people."""
        lines = [f"\n{name}: {self.done.counts_for_people}; {seconds:.0f} s"]
        lines += [f"  {reason}" for reason in self.reasons]
        lines.append(f"  neighbours: {self.log}")
        for what, items in self.found.items():
            lines.append(f"  {what}: {len(items) or 'none'}")
            lines += [f"    {item}" for item in items]
        return "\n".join(lines)


def attempt(
    cloud: Foreign, paths: Sequence[str], folder: Path, *, workers: int, within: float, every: float = 5.0
) -> Result:
    """Let neighbours settle, consult the doctor and the audit, run features, sweep, and compare the cloud."""
    neighbours = Neighbours(cloud)
    neighbours.settle(hosts=1)
    cloud.site.come_to_rest()
    before = cloud.site.state()
    doctor = _stocktake(cloud, folder, "doctor")
    audit = [] if cloud.shape.reader else _findings(cloud, folder)
    with neighbours.at_work(every=every) as log:
        options = (f"--cloud={CLOUD}", "-vv", *([f"-n{workers}"] if workers else []))
        done = sites.run(
            cloud.clouds_yaml,
            [*paths, *_samples(cloud, folder)],
            *options,
            folder=folder,
            within=within,
            more=cloud.variables,
        )
    cloud.site.come_to_rest()
    reasons = verdicts.reasons(done, doctor.stdout)
    found = {
        "failed": verdicts.bad(done),
        "not foreseen by the doctor": [reason.sentence for reason in reasons if reason.predicted == "no"],
        "audit's findings among the neighbours' accounts": audit,
        "neighbours' failures": log.failures,
        "neighbours' waits": slow(log),
        "different after the run": sites.differences(before, cloud.site.state()),
    }
    swept = _stocktake(cloud, folder, "sweep")
    found["sweep"] = [] if swept.returncode == 0 else [swept.stdout + swept.stderr]
    found["different after the sweep"] = sites.differences(before, cloud.site.state())
    found["remembered"] = sites.remembered(cloud.lab)
    return Result(done, reasons, log, found)


def _samples(cloud: Foreign, folder: Path) -> list[str]:
    """The shape's own features, as feature files; here they have another suffix, lest they are collected."""
    return [str(shutil.copy(HERE / name, folder / f"{Path(name).stem}.feature")) for name in cloud.shape.samples]


def _findings(cloud: Foreign, folder: Path) -> list[str]:
    """What the audit says of a cloud on which nothing is wrong."""
    audit = _stocktake(cloud, folder, "audit")
    return [] if audit.returncode == 0 else [audit.stdout + audit.stderr]


def _stocktake(cloud: Foreign, folder: Path, word: str) -> "subprocess.CompletedProcess[str]":
    """Run one of the subcommands about a whole cloud; what it printed is kept."""
    done = subprocess.run(
        [sys.executable, "-m", "stocktake.support.cli", word, f"--cloud={CLOUD}"],
        cwd=sites.ROOT,
        env=sites.environment(cloud.clouds_yaml, **cloud.variables),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    (folder / word).write_text(done.stdout + done.stderr)
    return done
