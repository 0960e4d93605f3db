"""The subcommand `stocktake audit`."""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stocktake.support.accounting.findings import Rule
from stocktake.support.errors import ConfigurationError, StocktakeError

if TYPE_CHECKING:
    from stocktake.support.inspection.auditing.report import Report
    from stocktake.support.inspection.provider_accounts import Progress

FORMATS = ("table", "json", "openmetrics", "nagios")
FINDINGS = 1
JOBS = 4
"""Requests at a time: a scheduler that is busy sends Placement no fewer."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand to the command's parser."""
    text = "audit the accounts of a whole cloud, read-only"
    parser = subparsers.add_parser(
        "audit",
        help=text,
        description=f"{text}: Placement's allocations and usages with Nova's servers, migrations and flavors, and what "
        "Neutron, Cinder and Cyborg keep for servers, where the cloud has these. What is "
        "found is read a second time before it is reported.",
        epilog=f"exit status: 0 the accounts agree, {FINDINGS} they do not, 2 the cloud could not be audited; with "
        "--format=nagios: 0 OK, 1 WARNING (all findings are doubted), 2 CRITICAL, 3 UNKNOWN (no audit). "
        f"Rules: {', '.join(rule.value for rule in Rule)}.",
    )
    parser.add_argument(
        "--cloud",
        metavar="NAME",
        default=os.environ.get("OS_CLOUD", "lab"),
        help="the cloud of clouds.yaml (default: OS_CLOUD, else lab)",
    )
    _add_formats(parser)
    _add_selection(parser)
    parser.add_argument(
        "--jobs",
        type=_at_least_one,
        default=JOBS,
        metavar="N",
        help="requests at a time (default %(default)s); fewer are sent while the cloud is slow or refuses some",
    )
    parser.set_defaults(run=audit)


def _add_formats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0], help="how to print it (default %(default)s)")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format=json")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write to a file, which is replaced as a whole when all is read"
    )
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of --format=json, and end")


def _add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", action="append", default=[], metavar="RULE", help="report this rule; may be repeated")
    parser.add_argument(
        "--ignore",
        type=Path,
        metavar="FILE",
        help="a YAML list of known findings: some of rule, consumer, server, provider, host, volume, "
        "accelerator_request and flavor, with reason and until",
    )
    parser.add_argument(
        "--since",
        type=Path,
        metavar="FILE",
        help="an earlier audit, as written by --format=json: only findings that it had not count",
    )


def _at_least_one(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f'"{text}" is not a whole number above 0')


def audit(options: argparse.Namespace) -> int:
    """Audit a cloud and report what is wrong; return the exit status that its format has for that.

    Raises StocktakeError when there is no audit, after a traceback if that is a defect of Stocktake.
    """
    if options.schema:
        from stocktake.support.inspection.auditing import document  # noqa: PLC0415 - start-up time

        print(document.schema(), end="")
        return 0
    try:
        return _audit(options)
    except StocktakeError:
        raise
    except Exception as defect:  # Python's own exit status for it, 1, would say that there are findings
        traceback.print_exc()
        raise StocktakeError(f"the audit met a defect of Stocktake: {type(defect).__name__}: {defect}") from defect


def _audit(options: argparse.Namespace) -> int:
    from stocktake.support.inspection.auditing import document, nagios, openmetrics, table  # noqa: PLC0415

    render = {
        "table": table.render,
        "json": document.render,
        "openmetrics": openmetrics.render,
        "nagios": nagios.render,
    }[options.format]
    report = _report(options)
    _write(render(report), options.output)
    if options.format == "nagios":
        return nagios.state(report)
    return FINDINGS if report.counting else 0


def answer_failure(arguments: Sequence[str], problem: str) -> int | None:
    """Answer as a plugin that there was no audit, even if argparse has rejected the options; return its exit status.

    Returns None, and prints nothing, if the arguments do not ask for a plugin.
    """
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    _add_formats(parser)
    try:
        is_plugin = parser.parse_known_args([*arguments])[0].format == "nagios"
    except argparse.ArgumentError:  # another format, which does not exist
        is_plugin = False
    if not is_plugin:
        return None
    from stocktake.support.inspection.auditing import nagios  # noqa: PLC0415 - start-up time

    print(nagios.unknown(problem))
    return nagios.State.UNKNOWN


def _report(options: argparse.Namespace) -> "Report":
    """Read the files of the options, so that a mistake in them shows at once, then the cloud."""
    from stocktake.support.api.clients import Clients  # noqa: PLC0415 - a second of imports that --help need not pay
    from stocktake.support.config.target import Target  # noqa: PLC0415
    from stocktake.support.inspection.auditing import earlier, known  # noqa: PLC0415
    from stocktake.support.inspection.auditing.report import Report  # noqa: PLC0415
    from stocktake.support.inspection.whole_cloud import Survey  # noqa: PLC0415

    only = tuple(_rule(name) for name in options.only)
    entries = known.read(options.ignore) if options.ignore else ()
    before = earlier.read(options.since, options.cloud) if options.since else None
    _check_writable(options.output)
    clients = Clients.of(Target.load(options.cloud))
    began = time.monotonic()
    with _shown_progress() as progress:
        survey = Survey(clients, progress, jobs=options.jobs)
        audited = survey.audit()
    reported, explained, notes = known.divide(audited.findings, entries, date.today())
    return Report(
        cloud=options.cloud,
        ended=datetime.now(UTC),
        seconds=time.monotonic() - began,
        requests=survey.requests,
        audited=audited,
        findings=tuple(one for one in reported if not only or one.rule in only),
        known=tuple(one for one in explained if not only or one.finding.rule in only),
        only=only,
        notes=tuple(notes),
        earlier=before,
    )


def _rule(name: str) -> Rule:
    from stocktake.support.config.settings import not_known  # noqa: PLC0415 - start-up time

    rules = [rule.value for rule in Rule]
    if name not in rules:
        raise ConfigurationError(f"--only: {not_known(name, rules, 'rule')}")
    return Rule(name)


def _check_writable(output: Path | None) -> None:
    """Raise ConfigurationError for a file that cannot be written, before minutes are spent on what belongs in it."""
    folder = output.absolute().parent if output else None
    if folder and not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise ConfigurationError(f"--output={output}: {folder} is not a folder in which files can be created")


def _write(text: str, output: Path | None) -> None:
    """Print, or replace a file at once, so that who reads it meanwhile sees the old or the new one."""
    if output is None:
        print(text)
        return
    unfinished = output.with_name(f".{output.name}.{os.getpid()}")  # of no name that the textfile collector reads
    try:
        unfinished.write_text(f"{text}\n")
        unfinished.replace(output)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise ConfigurationError(f"--output={output} cannot be written: {error.strerror}") from error


@contextmanager
def _shown_progress() -> "Iterator[Progress]":
    """Show on the terminal, if standard error is one, how far a survey is."""
    from rich.console import Console  # noqa: PLC0415 - start-up time
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bars:
        tasks = {}

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield show
