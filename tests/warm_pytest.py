"""Runs of pytest, each in a process of its own that is forked from one in which pytest and Stocktake are imported.

Importing them takes most of a second of processor time, and the tests of the plugin need hundreds of runs. A run has
the arguments, folder, environment and import path of `python -m pytest` there.
"""

import atexit
import gc
import importlib
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import pytest

FEATURE = 'Feature: F\n\n  Scenario: S\n    Given host "alpha"\n'
WARMING = ("-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--collect-only")
STEPS = "stocktake.steps"
IMPORTED = ("stocktake.support.gherkin.collecting", "stocktake.support.reporting.writing.messages")
"""What projects with a vocabulary of their own need, which must not find Stocktake's steps declared."""
AGAIN = (STEPS, "xdist.plugin")
"""What is imported again by each run: pytest warns of the first if it was there before, as an editable install keeps
pytest from rewriting it, and the second remembers the import path with which it was imported."""
LIMIT = 120  # seconds for one run


class Warm:
    """A process that is ready to become pytest, with Stocktake's steps or without."""

    def __init__(self, *, steps: bool) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, *([STEPS] if steps else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))},
        )
        atexit.register(self.end)

    def run(self, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
        """Run pytest; return its exit status and what it printed. Raises TimeoutExpired after LIMIT seconds."""
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            order = {"arguments": arguments, "folder": str(folder), "environment": dict(environment)}
            order |= {"output": _path_of(output), "errors": _path_of(errors), "limit": LIMIT}
            print(json.dumps(order), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()  # type: ignore[union-attr] - a pipe
            assert answer, f"the process that is to become pytest has ended with status {self._process.wait()}"
            if int(answer) == -signal.SIGALRM:
                raise subprocess.TimeoutExpired(["pytest", *arguments], LIMIT, output.read(), errors.read())
            return int(answer), output.read(), errors.read()

    def end(self) -> None:
        """Let the process end, which it also does by itself when this one has ended."""
        with self._process:
            self._process.stdin.close()  # type: ignore[union-attr] - a pipe


_ready: dict[bool, Warm] = {}


def run_pytest(
    *arguments: str, folder: Path, environment: Mapping[str, str], steps: bool = True
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m pytest` in a folder with exactly this environment; return what became of it.

    `steps` is whether Stocktake's steps may be declared before the run asks for them. Raises TimeoutExpired after LIMIT
    seconds.
    """
    if steps not in _ready:
        _ready[steps] = Warm(steps=steps)
    return subprocess.CompletedProcess(["pytest", *arguments], *_ready[steps].run(arguments, folder, environment))


def _path_of(file: IO[str]) -> str:
    """How another process finds a file that has no name."""
    return f"/proc/{os.getpid()}/fd/{file.fileno()}"


def serve() -> int:
    """Fork a process for every order that comes in, until no more can come; in such a process, return its status."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _warm()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            answers.close()
            return _become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)
    return 0


def _warm() -> None:
    """Import what runs need, by a run that leaves everything as pytest wants to find it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "some.feature").write_text(FEATURE)
        plugins = [word for name in sys.argv[1:] for word in ("-p", name)]
        pytest.main([*WARMING, *plugins, f"--rootdir={folder}", folder])
    for name in IMPORTED:
        importlib.import_module(name)
    sys.stdout.flush()
    gc.freeze()


def _become(order: dict[str, Any]) -> int:
    """Be the process that was ordered; return the exit status. SIGALRM ends it when its time is over."""
    signal.alarm(order["limit"])
    for number, opened in ((0, "/dev/null"), (1, order["output"]), (2, order["errors"])):
        os.dup2(os.open(opened, os.O_RDWR | os.O_APPEND), number)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    random.seed()
    paths = os.environ.get("PYTHONPATH", "")
    sys.path[:0] = [order["folder"], *filter(None, paths.split(os.pathsep))]
    sys.argv[1:] = order["arguments"]
    for name in AGAIN:
        sys.modules.pop(name, None)
    try:
        runpy.run_module("pytest", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    sys.exit(serve())
