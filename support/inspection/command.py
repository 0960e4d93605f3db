"""The subcommands about a whole cloud: `stocktake audit`, `doctor` and `sweep`."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from stocktake.support.installation import FEATURES

if TYPE_CHECKING:
    from stocktake.support.accounting.findings import Audited, Finding, NotJudged
    from stocktake.support.gherkin.text.elements import FeatureText
    from stocktake.support.inspection.doctor import Capability, Verdict
    from stocktake.support.inspection.provider_accounts import Progress
    from stocktake.support.ownership.sweep import Swept

FINDINGS = 1
LEFT_BEHIND = 1
UNVERIFIED = 1
VOCABULARY = "stocktake.steps"

MARKED_HOURS = 24.0
JOBS = 4


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommands of this module to the command's parser."""
    _add_audit(subparsers)
    _add_doctor(subparsers)
    _add_sweep(subparsers)


def _add_audit(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "audit the accounts of a whole cloud, read-only"
    parser = subparsers.add_parser(
        "audit",
        help=text,
        description=f"{text}: Placement's allocations and usages with Nova's servers, migrations and flavors. What is "
        "found is read a second time before it is reported.",
        epilog=f"exit status: 0 the accounts agree, {FINDINGS} they do not, 2 the cloud could not be audited",
    )
    _add_cloud(parser)
    parser.add_argument("--json", action="store_true", help="print findings for machines")
    parser.add_argument(
        "--jobs",
        type=_at_least_one,
        default=JOBS,
        metavar="N",
        help="requests at a time (default %(default)s); fewer are sent while the cloud is slow or refuses some",
    )
    parser.set_defaults(run=audit)


def _at_least_one(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f'"{text}" is not a whole number above 0')


def _add_doctor(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "show which features can be verified on a cloud, and what to set for the others"
    parser = subparsers.add_parser(
        "doctor",
        help=text,
        description=f"{text}. Changes nothing.",
        epilog=f"exit status: 0 every feature can be verified, {UNVERIFIED} some cannot, 2 the cloud cannot be used",
    )
    _add_cloud(parser)
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="feature files and folders (default: Stocktake's own)"
    )
    parser.set_defaults(run=doctor)


def _add_sweep(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "clean up after interrupted runs"
    parser = subparsers.add_parser(
        "sweep",
        help=text,
        description=f"{text}; runs in progress are never touched",
        epilog=f"exit status: 0 nothing is left, {LEFT_BEHIND} something is, 2 the cloud could not be swept",
    )
    _add_cloud(parser)
    parser.add_argument("--dry-run", action="store_true", help="show what would be removed, and change nothing")
    parser.add_argument(
        "--marked",
        action="store_true",
        help="also remove everything that carries Stocktake's mark and is not in a journal of this machine",
    )
    parser.add_argument(
        "--older-than",
        type=float,
        metavar="HOURS",
        help=f"with --marked: only of runs that began that long ago, as newer ones may be in progress elsewhere "
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


def audit(options: argparse.Namespace) -> int:
    """Audit a cloud and print what is wrong."""
    from stocktake.support.api.clients import Clients  # noqa: PLC0415 - a second of imports that --help need not pay
    from stocktake.support.config.target import Target  # noqa: PLC0415
    from stocktake.support.inspection.whole_cloud import Survey  # noqa: PLC0415

    clients = Clients.of(Target.load(options.cloud))
    with _shown_progress() as progress:
        found = Survey(clients, progress, jobs=options.jobs).audit()
    say = _findings_for_machines if options.json else _findings_for_people
    print(say(options.cloud, found))
    return FINDINGS if found.findings else 0


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


def _findings_for_machines(cloud: str, found: "Audited") -> str:
    findings, not_judged = ([one.as_json() for one in part] for part in (found.findings, found.not_judged))
    return json.dumps({"cloud": cloud, "read": found.read, "findings": findings, "not_judged": not_judged}, indent=2)


def _findings_for_people(cloud: str, found: "Audited") -> str:
    """Draw a table of the amounts, then print each finding as a sentence with the command that shows it."""
    from stocktake.support.accounting.rendering import render  # noqa: PLC0415 - start-up time

    read = f"{found.read['providers']} resource providers, {found.read['servers']} servers"
    unjudged = [line for one in found.not_judged for line in _unjudged_lines(one)]
    if not found.findings:
        return "\n".join([f'cloud "{cloud}": the accounts of {read} agree', *unjudged])
    headers = ["", "rule", "server", "host", "expected", "found"]
    rows = [
        [
            str(number),
            one.rule.value,
            one.server or one.consumer or "",
            one.host or "",
            str(one.expected),
            str(one.found),
        ]
        for number, one in enumerate(found.findings, 1)
    ]
    told = [_tell(number, one) for number, one in enumerate(found.findings, 1)]
    count = "1 finding" if len(told) == 1 else f"{len(told)} findings"
    return "\n".join([f'cloud "{cloud}": {count} in {read}', "", render(headers, rows), "", *told, *unjudged])


def _tell(number: int, finding: "Finding") -> str:
    """Print a finding with everything that an operator needs to investigate it."""
    doubt = f" ({finding.certainty.value}: {finding.doubt})" if finding.doubt else ""
    ids = {"consumer": finding.consumer, "resource provider": finding.provider}
    known = ", ".join(f"{what} {uuid}" for what, uuid in ids.items() if uuid)
    return f"{number}. {finding.sentence}{doubt}\n   {known}\n   shown by: {finding.command}"


def _unjudged_lines(one: "NotJudged") -> list[str]:
    """Say what could not be judged, and what would let it be judged."""
    return [f"not judged: {one.sentence}", *([f"   {one.remedy}"] if one.remedy else [])]


def doctor(options: argparse.Namespace) -> int:
    """Print what a cloud offers, what each feature needs, and how to change what is missing."""
    from stocktake.support.api.clients import Clients  # noqa: PLC0415 - a second of imports that --help need not pay
    from stocktake.support.config.target import Target  # noqa: PLC0415
    from stocktake.support.gherkin.catalogue import load_vocabulary  # noqa: PLC0415
    from stocktake.support.inspection.doctor import Examination, judge  # noqa: PLC0415
    from stocktake.support.inspection.duration import least_duration, planned  # noqa: PLC0415
    from stocktake.support.inspection.needs import needs_of  # noqa: PLC0415

    load_vocabulary(VOCABULARY)
    features = {shown: _readable(path) for shown, path in _feature_files(options.paths or [FEATURES]).items()}
    clients = Clients.of(Target.load(options.cloud))
    capabilities = Examination(clients).capabilities()
    offered = {service: clients.session.versions(service) for service in ("compute", "placement")}
    verdicts = [judge(shown, needs_of(feature), capabilities, offered) for shown, feature in features.items()]
    print(_diagnosis(options.cloud, capabilities, verdicts))
    time = least_duration(clients.target, (one for feature in features.values() for one in planned(feature)))
    if time:
        print(f"\nHow long a run takes\n{time}")
    return UNVERIFIED if any(verdict.obstacles for verdict in verdicts) else 0


def _readable(path: Path) -> "FeatureText":
    """Read a feature file. Raises FeatureError for one in which no scenario can be recognised."""
    from stocktake.support.errors import FeatureError  # noqa: PLC0415 - start-up time
    from stocktake.support.gherkin.text.reading import read_feature  # noqa: PLC0415

    feature = read_feature(path)
    if feature.problems and not feature.scenarios:
        raise FeatureError(feature.problems[0].as_line())
    return feature


def _feature_files(paths: Sequence[Path]) -> dict[str, Path]:
    """Find feature files, by the name to show. Raises ConfigurationError for a path that does not exist."""
    from stocktake.support.errors import ConfigurationError  # noqa: PLC0415 - start-up time

    found = {}
    for path in paths:
        if not path.exists():
            raise ConfigurationError(f"{path}: there is no such file or folder")
        files = sorted(path.rglob("*.feature")) if path.is_dir() else [path]
        found.update({str(file.relative_to(path) if path.is_dir() else file): file for file in files})
    return found


def _diagnosis(cloud: str, capabilities: "Sequence[Capability]", verdicts: "Sequence[Verdict]") -> str:
    """Draw the two tables, and number the remedies."""
    from stocktake.support.accounting.rendering import render  # noqa: PLC0415 - start-up time

    obstacles = list(dict.fromkeys(obstacle for verdict in verdicts for obstacle in verdict.obstacles))
    offered = [[one.title, "yes" if one.offered else "no", one.detail] for one in capabilities]
    rows = [
        [verdict.feature, _needs(verdict), _marks({obstacles.index(one) + 1 for one in verdict.obstacles})]
        for verdict in verdicts
    ]
    told = [f"{number}. {why}\n   {remedy}" for number, (why, remedy) in enumerate(obstacles, 1)]
    parts = [
        f'What cloud "{cloud}" offers',
        render(["capability", "offered", "how"], offered),
        "\nWhat features need",
        render(["feature", "needs", "can be verified"], rows),
        *(["\nWhat is missing, and how to provide it", *told] if told else []),
        *_unchecked(capabilities),
    ]
    return "\n".join(parts)


def _unchecked(capabilities: "Sequence[Capability]") -> list[str]:
    """Say which implicit checks of every scenario are not possible on this cloud."""
    lacking = [one for one in capabilities if one.name == "run_periodic" and not one.offered]
    heading = "\nNot checked at the end of scenarios: whether the periodic task changes anything"
    return [line for one in lacking for line in (heading, one.detail, f"   {one.remedy}")]


def _needs(verdict: "Verdict") -> str:
    hosts = verdict.needs.hosts
    needs = [f"{hosts} {'host' if hosts == 1 else 'hosts'}"] if hosts else []
    needs += [*verdict.needs.exchanging, *sorted(verdict.needs.capabilities)]
    return ", ".join([*needs, *(f"{service} {version}" for service, version in verdict.needs.versions.items())])


def _marks(numbers: set[int]) -> str:
    return f"no, or only partly: see {', '.join(map(str, sorted(numbers)))}" if numbers else "yes"


def sweep(options: argparse.Namespace) -> int:
    """Remove leftovers and print one line for each."""
    from stocktake.support.config.target import Target  # noqa: PLC0415 - a second of imports that --help need not pay
    from stocktake.support.errors import ConfigurationError  # noqa: PLC0415
    from stocktake.support.hosts.control import ControlledCloud  # noqa: PLC0415
    from stocktake.support.ownership.journal import find_journals, journals_folder  # noqa: PLC0415
    from stocktake.support.ownership.sweep import sweep, sweep_marked  # noqa: PLC0415

    if options.older_than is not None and not options.marked:
        raise ConfigurationError("--older-than limits what --marked removes: give it together with --marked")
    target = Target.load(options.cloud)
    cloud = ControlledCloud.of(target)
    journals = find_journals(journals_folder(target.settings.state))
    swept = sweep(cloud, journals, dry_run=options.dry_run, report=print)
    if options.marked:
        hours = MARKED_HOURS if options.older_than is None else options.older_than
        age = timedelta(hours=hours)
        swept += sweep_marked(cloud, journals, older_than=age, dry_run=options.dry_run, report=print)
    print(_summary(options.cloud, swept))
    return 0 if all(one.done for one in swept) else LEFT_BEHIND


def _summary(cloud: str, swept: "list[Swept]") -> str:
    done = sum(one.done for one in swept)
    problems = sum(one.problem is not None for one in swept)
    counts = [(done, "undone"), (len(swept) - done - problems, "to be undone"), (problems, "could not be undone")]
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f'cloud "{cloud}": {said or "nothing is left of earlier runs"}'
