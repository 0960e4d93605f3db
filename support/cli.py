"""The `stocktake` command: each subcommand is a module, imported only when it is used."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from stocktake.support.errors import StocktakeError

# subcommand: (module, its text in `stocktake --help`)
WORDS = {
    "run": ("stocktake.support.running", "verify features on a cloud: pytest with Stocktake's steps, from any folder"),
    "lab": ("stocktake.support.lab.command", "start, stop and inspect the embedded cloud"),
    "steps": ("stocktake.support.gherkin.command", "list the steps that scenarios can use, with examples"),
    "check": ("stocktake.support.gherkin.command", "check feature files without a cloud"),
    "new": ("stocktake.support.gherkin.command", "create a feature file"),
    "matrix": ("stocktake.support.matrix", "verify features on labs of several releases, side by side on one page"),
    "report": ("stocktake.support.reporting.command", "create living documentation from the messages of runs"),
    "audit": ("stocktake.support.inspection.auditing.command", "audit the accounts of a whole cloud, read-only"),
    "explore": (
        "stocktake.support.exploring.command",
        "make up histories of operations, and shorten what breaks a rule",
    ),
    "sweep": ("stocktake.support.inspection.command", "clean up after interrupted runs"),
    "doctor": ("stocktake.support.inspection.command", "show which features can be verified on a cloud"),
}

CLOUDS_YAML = "OS_CLIENT_CONFIG_FILE"

EXIT_MISTAKE = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 2 for a mistake that one sentence explains, 130 for Ctrl-C."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        options = _parser(arguments).parse_args(arguments)
        _find_lab(getattr(options, "cloud", None))
        return int(options.run(options))
    except StocktakeError as error:
        return _explain(error, arguments)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        sys.stderr.close()
        return 0


class _RejectedError(StocktakeError):
    """Options that argparse rejects, with the usage of the subcommand."""

    def __init__(self, usage: str, program: str, problem: str):
        super().__init__(problem)
        self.told = f"{usage}{program}: error: {problem}\n"


class _Parser(argparse.ArgumentParser):
    """Leaves it to `main` to say what is wrong with options, and which exit status says so."""

    def error(self, message: str) -> NoReturn:
        """Raise _RejectedError."""
        raise _RejectedError(self.format_usage(), self.prog, message)


def _explain(error: StocktakeError, arguments: Sequence[str]) -> int:
    """Say what was wrong, unless a subcommand's `answer_failure` has; return the exit status."""
    word = _word(arguments)
    answer = getattr(importlib.import_module(WORDS[word][0]), "answer_failure", None) if word in WORDS else None
    status = answer(arguments, str(error)) if answer else None
    if status is not None:
        return int(status)
    sys.stderr.write(error.told if isinstance(error, _RejectedError) else f"stocktake: {error}\n")
    return EXIT_MISTAKE


def _word(arguments: Sequence[str]) -> str | None:
    return next((argument for argument in arguments if not argument.startswith("-")), None)


def _find_lab(cloud: str | None) -> None:
    """Let cloud `lab` be the lab that is running, unless the environment names a clouds.yaml."""
    if cloud != "lab" or CLOUDS_YAML in os.environ:
        return
    from stocktake.support.lab import running  # noqa: PLC0415 - other words do not need it

    lab = running()
    if lab is not None:
        os.environ[CLOUDS_YAML] = str(lab.clouds_yaml)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="stocktake",
        description="An acceptance suite for OpenStack compute accounting: do Nova, Placement and the flavor agree?",
    )
    subparsers = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    word = _word(arguments)
    if word in WORDS:
        importlib.import_module(WORDS[word][0]).add_parser(subparsers)
    else:
        for name, (_module, text) in WORDS.items():
            subparsers.add_parser(name, help=text)
    return parser


if __name__ == "__main__":
    sys.exit(main())
