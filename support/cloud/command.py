"""The words of the command that are about one cloud: `stocktake sweep`."""

import argparse
import os
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.cloud.sweep import Swept

LEFT_BEHIND = 1
MARKED_HOURS = 24.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of this module to the command's parser."""
    _add_sweep(subparsers)


def _add_sweep(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "remove what interrupted runs have left in a cloud"
    parser = subparsers.add_parser(
        "sweep",
        help=text,
        description=f"{text}; runs that are still going on are never touched",
        epilog=f"exit status: 0 nothing is left, {LEFT_BEHIND} something is, 2 the cloud could not be swept",
    )
    _add_cloud(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and change nothing")
    parser.add_argument(
        "--marked",
        action="store_true",
        help="also remove whatever carries Stocktake's mark without being in a journal of this machine",
    )
    parser.add_argument(
        "--older-than",
        type=float,
        metavar="HOURS",
        help=f"with --marked: only of runs that began that long ago, as others may be going on on other machines "
        f"(default {MARKED_HOURS:g})",
    )
    parser.set_defaults(run=sweep)


def _add_cloud(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cloud",
        metavar="NAME",
        default=os.environ.get("OS_CLOUD", "lab"),
        help="the cloud of clouds.yaml (default: OS_CLOUD, else lab)",
    )


def sweep(options: argparse.Namespace) -> int:
    """Remove leftovers and print one line for each."""
    from support.cloud.clients import Clients  # noqa: PLC0415 - a second of imports that --help need not pay
    from support.cloud.journal import find_journals  # noqa: PLC0415
    from support.cloud.sweep import forget_dead_labs, sweep, sweep_marked  # noqa: PLC0415
    from support.cloud.target import Target  # noqa: PLC0415
    from support.errors import ConfigurationError  # noqa: PLC0415

    if options.older_than is not None and not options.marked:
        raise ConfigurationError("--older-than says which runs' things --marked removes: give it together with that")
    clients = Clients.of(Target.load(options.cloud))
    journals = find_journals() if options.dry_run else forget_dead_labs(find_journals())
    swept = sweep(clients, journals, dry_run=options.dry_run, report=print)
    if options.marked:
        hours = MARKED_HOURS if options.older_than is None else options.older_than
        age = timedelta(hours=hours)
        swept += sweep_marked(clients, journals, older_than=age, dry_run=options.dry_run, report=print)
    print(_summary(options.cloud, swept))  # noqa: T201 - a command speaks
    return 0 if all(one.done for one in swept) else LEFT_BEHIND


def _summary(cloud: str, swept: "list[Swept]") -> str:
    done = sum(one.done for one in swept)
    problems = sum(one.problem is not None for one in swept)
    counts = [(done, "undone"), (len(swept) - done - problems, "to be undone"), (problems, "could not be undone")]
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f'cloud "{cloud}": {said or "nothing is left of earlier runs"}'
