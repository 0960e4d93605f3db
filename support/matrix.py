"""`stocktake matrix`: the same features on labs of several releases, one after the other, and one page of all.

Each release leaves a stream of messages in the folder of the matrix. A release whose stream is whole is not run again,
so that a matrix that was interrupted goes on where it ended.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stocktake.support.errors import ConfigurationError
from stocktake.support.lab.environments.choice import Choice, chosen
from stocktake.support.lab.for_run import prepare
from stocktake.support.reporting.outcomes import FAILED, KNOWN, OUTCOMES, PASSED, UNVERIFIED, WORDS
from stocktake.support.reporting.page.render import PAGE, publish
from stocktake.support.reporting.page.views import Report

if TYPE_CHECKING:
    Words = argparse._SubParsersAction[argparse.ArgumentParser]

DESCRIPTION = """\
Verify features on labs of several releases, one after the other, and show them side by side on one page: what failed,
what is known to fail, what could not be verified, and what changed from each release to the next."""

EPILOG = """\
A release whose run has ended is not run again: a matrix that was interrupted goes on where it ended. The exit status
is 1 if a scenario has failed on any release."""

FOLDER = Path("matrix")
PLAN, SUMMARY = "matrix.json", "summary.md"
USUAL_STATUS = (0, 1)  # of pytest: nothing, or something, has failed


def add_parser(subparsers: "Words") -> None:
    """Add `matrix` to the command's parser."""
    parser = subparsers.add_parser(
        "matrix",
        usage="stocktake matrix --releases=A,B,C [options] [PATH…]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--releases",
        required=True,
        metavar="A,B,C",
        help="as `stocktake lab up --release` takes them: 2024.1,2025.1; or point releases: 2024.1:nova==29.2.0",
    )
    parser.add_argument("--output", type=Path, default=FOLDER, metavar="DIR", help="default: %(default)s")
    parser.add_argument("--pytest", default="", metavar="OPTIONS", help='of each run, such as "-n 2 --lab-hosts=4"')
    parser.add_argument("--again", action="store_true", help="run every release again")
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="features, as `stocktake run` takes them; default: all"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the matrix and write its page. Raises ConfigurationError or LabError for what cannot be run."""
    choices = _choices(options.releases)
    folder = options.output.absolute()
    arguments = [*options.paths, *_words(options.pytest)]
    _plan(folder, arguments, again=options.again)
    for choice in choices:  # what cannot be built is said before hours of runs
        prepare(choice.label, partial(_say_stage, choice.label))
    streams = []
    for number, choice in enumerate(choices, start=1):
        stream = _stream(folder, choice.label)
        print(f"{choice.label}, {number} of {len(choices)}", end="", flush=True)
        if stream.exists():
            print(": has been run before", flush=True)
        else:
            print(flush=True)
            _verify(choice.label, arguments, stream)
        streams.append(stream)
    report = publish(streams, output=folder, summary=folder / SUMMARY, clouds=[choice.label for choice in choices])
    _say(report)
    print(folder / PAGE)
    return int(bool(report.failures))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ConfigurationError(f"--pytest={text} cannot be split into words: {error}") from error


def _choices(text: str) -> list[Choice]:
    """The releases of a list; a comma that is followed by a package belongs to a release's packages."""
    labels = [label for label in re.split(r",(?![A-Za-z0-9._-]+==)", text) if label.strip()]
    found = [choice for label in labels if (choice := chosen(label.strip(), None))]
    twice = {choice.label for choice in found if found.count(choice) > 1}
    if not found or twice:
        what = f"names {', '.join(sorted(twice))} more than once" if twice else "names no release"
        raise ConfigurationError(f"--releases={text} {what}; give a list such as 2024.1,2025.1")
    return found


def _plan(folder: Path, arguments: Sequence[str], *, again: bool) -> None:
    """Note what the matrix is of. Raises ConfigurationError for a folder that has another, or cannot be used."""
    note = folder / PLAN
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = json.loads(note.read_text()) if note.exists() else None
        if again:
            for stream in folder.glob("*.ndjson"):
                stream.unlink()
        elif before not in (None, list(arguments)):
            raise ConfigurationError(
                f"{folder} has a matrix of {shlex.join(before) or 'all features'}; choose another folder with "
                "--output, or run everything again with --again"
            )
        note.write_text(json.dumps(list(arguments)))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"--output={folder} cannot be used: {error}; choose another folder") from error


def _stream(folder: Path, label: str) -> Path:
    return folder / f"{re.sub(r'[^A-Za-z0-9.=-]+', '-', label)}.ndjson"


def _verify(label: str, arguments: Sequence[str], stream: Path) -> None:
    """Run the features on a lab of a release.

    A stream gets its final name when the run has ended, so that one of an interrupted run is not taken for a whole.
    """
    unfinished = stream.with_suffix(".unfinished")
    command = ["run", *arguments, f"--lab-release={label}", f"--messages={unfinished}"]
    status = subprocess.run([sys.executable, "-m", "stocktake.support.cli", *command], check=False).returncode
    if status not in USUAL_STATUS:
        raise ConfigurationError(
            f"the run on {label} ended with status {status}; see above, and continue with the same command"
        )
    unfinished.rename(stream)


def _say_stage(label: str, stage: str) -> None:
    print(f"environment of {label}: {stage}", flush=True)


def _say(report: Report) -> None:
    """Print the totals of each release."""
    shown = [each for each in OUTCOMES if each in (PASSED, FAILED, KNOWN, UNVERIFIED) or report.totals[each]]
    width = max(len(run.cloud) for run in report.runs)
    for run in report.runs:
        print(f"{run.cloud:{width}}  " + ", ".join(f"{run.totals[each]} {WORDS[each]}" for each in shown))
