"""`stocktake report`: living documentation from message streams, from features, or from both."""

import argparse
from pathlib import Path
from typing import Any

from stocktake.support.errors import ConfigurationError
from stocktake.support.gherkin.catalogue import catalogue, features_in, load_vocabulary
from stocktake.support.reporting.outcomes import totals_line
from stocktake.support.reporting.page.render import PAGE, publish


def add_parser(subparsers: Any) -> None:
    """Add the subcommand to the `stocktake` command."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "report",
        help="one page of living documentation from one or more runs",
        description="Makes one HTML page, which opens from disk, of runs written by pytest --messages=RUN.ndjson. "
        "Runs about the same cloud (shards) are taken together; runs about several clouds stand side by side.",
    )
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN.ndjson", help="message streams")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder for index.html")
    parser.add_argument("--summary", type=Path, metavar="FILE.md", help="write a short summary in Markdown")
    parser.add_argument("--compare", type=Path, metavar="OLD.ndjson", help="show what changed since this older run")
    parser.add_argument(
        "--features",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="features to show as not yet verified if no run contains them; may be repeated",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the requested files; returns 0, whatever the outcome of the runs. ConfigurationError if that is not
    possible."""
    if args.output is None and args.summary is None:
        raise ConfigurationError("stocktake report: nowhere to write to; add --output=DIR, --summary=FILE.md or both")
    if not args.runs and not args.features:
        raise ConfigurationError("stocktake report: nothing to show; give RUN.ndjson files, --features=PATH or both")
    spoken = args.features or [path for path in [Path("features")] if path.is_dir()]
    report = publish(
        args.runs,
        output=args.output,
        summary=args.summary,
        compare=args.compare,
        features=args.features,
        catalogue=catalogue(load_vocabulary(), features_in(spoken)),
    )
    print(totals_line(report.totals, len(report.passed_later)))
    for path in (args.output and args.output / PAGE, args.summary):
        if path:
            print(path)
    return 0
