"""Runs of pytest that are killed with SIGKILL, together with all processes they started except the lab's."""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import sites
from hamcrest import is_
from stocktake.support.lab.client import Lab
from stocktake.support.waiting import TookTooLong, eventually

RUN_SECONDS = 600.0


def kill_after(seconds: float, lab: Lab, features: Sequence[str], *, folder: Path, options: Sequence[str] = ()) -> str:
    """Start a run and kill it so many seconds after its first change of the cloud was noted; say when that was.

    A run that was faster has ended by itself.
    """
    with _started(lab, features, folder, options) as process:
        _await(process, lambda: _journal_lines(lab) > 1)
        try:
            eventually(process.poll, is_(0), within=seconds, what="the run to end before it is killed")
        except TookTooLong:
            return f"{seconds:.1f} s after its first entry, with {_journal_lines(lab)} lines in its journal"
        return f"too late: it had ended before {seconds:.1f} s had passed"


def kill_when_noted(kind: str, lab: Lab, features: Sequence[str], *, folder: Path) -> None:
    """Start a run and kill it as soon as its journal notes that something of a kind is about to be created."""
    with _started(lab, features, folder, ()) as process:
        _await(process, lambda: any(f'"kind": "{kind}"' in line for line in sites.remembered(lab)))


class _started:  # noqa: N801 - used like a function
    """A run in a process group of its own, killed when the block ends."""

    def __init__(self, lab: Lab, features: Sequence[str], folder: Path, options: Sequence[str]):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                sites.command(features, *options, folder=folder),
                cwd=sites.ROOT,
                env=sites.environment(lab.clouds_yaml),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def __enter__(self) -> "subprocess.Popen[bytes]":
        return self._process

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _await(process: "subprocess.Popen[bytes]", happened: Callable[[], bool]) -> None:
    eventually(
        lambda: happened() or process.poll() is not None,
        is_(True),
        within=RUN_SECONDS,
        what="the run to note what it is about to do",
    )


def _journal_lines(lab: Lab) -> int:
    return sum(not line.startswith("leased") for line in sites.remembered(lab))
