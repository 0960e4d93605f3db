"""`stocktake run`: pytest with the vocabulary loaded, from any folder, on installed features or on others."""

import argparse
from collections.abc import Sequence

from stocktake.support.options import OPTIONS

DESCRIPTION = """\
Verify features on a cloud: pytest with Stocktake's steps, from any folder.

PATH is a file or folder, or one of the installed features, `boot/boot.feature` or `boot`. It may name a line,
`FILE:LINE`, or a scenario, `"FILE::Scenario"`. Without a PATH all installed features are run."""

EPILOG = """\
Every other option is pytest's, such as -k EXPRESSION, -m TAG, -n WORKERS, --lf, --co; `pytest --help` lists them.
The exit status is pytest's: 0 nothing has failed, 1 something has, 2 interrupted or a feature cannot be read,
4 a mistake on the command line, 5 nothing was found to run."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `run` to the command's parser. What follows it is pytest's to read, options included."""
    parser = subparsers.add_parser(
        "run",
        prefix_chars="\0",
        add_help=False,
    )
    parser.add_argument("arguments", nargs="*")
    parser.set_defaults(run=lambda options: run(options.arguments))


def run(arguments: Sequence[str]) -> int:
    """Run pytest with `arguments` and return its exit status."""
    if {"-h", "--help"} & set(arguments):
        _help().print_help()
        return 0
    import pytest  # noqa: PLC0415 - other words of the command do not need it

    return int(pytest.main(["-p", "stocktake.steps", "--stocktake-features", *arguments]))


def _help() -> argparse.ArgumentParser:
    """The help of `run`; only pytest itself knows its own options."""
    parser = argparse.ArgumentParser(
        prog="stocktake run",
        usage="stocktake run [PATH…] [options of pytest]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option, attributes in OPTIONS.items():
        if option != "--stocktake-features":
            parser.add_argument(option, **attributes)
    return parser
