"""Runs of pytest that are killed with SIGKILL, together with all processes they started except the lab's, and runs that
go on beside them."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
    before = _begun(lab)
    with _started(lab, features, folder, options) as process:
        _await(process, lambda: bool(_begun(lab) - before))
        try:
            eventually(process.poll, is_(0), within=seconds, what="the run to end before it is killed")
        except TookTooLong:
            lines = sum(_lines(path) for path in _begun(lab) - before)
            return f"{seconds:.1f} s after its first entry, with {lines} lines in its journal"
        return f"too late: it had ended before {seconds:.1f} s had passed"


def kill_when_noted(kind: str, lab: Lab, features: Sequence[str], *, folder: Path) -> None:
    """Start a run and kill it as soon as its journal notes that something of a kind is about to be created."""
    with _started(lab, features, folder, ()) as process:
        _await(process, lambda: any(f'"kind": "{kind}"' in line for line in sites.remembered(lab)))


@contextmanager
def going_on(lab: Lab, features: Sequence[str], *, folder: Path) -> Iterator[None]:
    """Let a run go on during the block, which begins when it has noted its first change, and then end it by Ctrl-C."""
    before = _begun(lab)
    with _started(lab, features, folder, ()) as process:
        _await(process, lambda: bool(_begun(lab) - before))
        yield
        process.send_signal(signal.SIGINT)
        process.wait(RUN_SECONDS)


class _started:  # noqa: N801 - used like a function
    """A run in a process group of its own, killed when the block ends."""

    def __init__(self, lab: Lab, features: Sequence[str], folder: Path, options: Sequence[str]):
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background, and in what it starts there
            signal.signal(signal.SIGINT, signal.default_int_handler)
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


def _begun(lab: Lab) -> set[Path]:
    """The journals of runs that have noted something."""
    return {path for path in (lab.folder / "state").glob("journals/*") if _lines(path) > 1}


def _lines(path: Path) -> int:
    """How many lines a journal has; none if it is gone."""
    return len(path.read_bytes().splitlines()) if path.exists() else 0
