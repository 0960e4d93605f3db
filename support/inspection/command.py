"""The subcommands about a whole cloud: `stocktake doctor` and `sweep`."""

import argparse
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from stocktake.support.installation import FEATURES

if TYPE_CHECKING:
    from stocktake.support.gherkin.text.elements import FeatureText
    from stocktake.support.inspection.doctor import Capability, Verdict
    from stocktake.support.ownership.sweep import Swept

LEFT_BEHIND = 1
UNVERIFIED = 1
VOCABULARY = "stocktake.steps"

MARKED_HOURS = 24.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommands of this module to the command's parser."""
    _add_doctor(subparsers)
    _add_sweep(subparsers)


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
