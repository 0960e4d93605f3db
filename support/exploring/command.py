"""The subcommand `stocktake explore`."""

import argparse
import itertools
import multiprocessing
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stocktake.support.errors import ConfigurationError, StocktakeError
from stocktake.support.known import DEFECTS
from stocktake.support.waiting import SYSTEM_CLOCK

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from stocktake.support.exploring.hunting import Found
    from stocktake.support.exploring.records import Folder
    from stocktake.support.scenario.cloud import Cloud

FOUND = 1
MISTAKE = 2
INTERRUPTED = 130
HOSTS_OF_ONE = 3
MINUTES, LENGTH = 10.0, 16
OUTPUT = Path("exploration")
LOOK_EVERY = 1.0  # seconds
NEWS_EVERY = 30.0  # seconds


@dataclass(frozen=True)
class Plan:
    """What one worker is to do."""

    cloud: str
    clouds_yaml: str | None  # that of a lab; None for the one that OpenStack clients find
    output: Path
    seconds: float
    length: int
    seed: int
    worker: int


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `explore` to the command's parser."""
    text = "make up histories of operations, run them, and shorten those that break a rule"
    parser = subparsers.add_parser(
        "explore",
        help=text,
        description=f"{text}. What is found is written as a feature.",
        epilog=f"exit status: 0 no rule was broken, {FOUND} one was, {MISTAKE} the cloud cannot be used",
    )
    parser.add_argument(
        "--cloud",
        metavar="NAME",
        default=os.environ.get("OS_CLOUD", "lab"),
        help="the cloud of clouds.yaml (default: OS_CLOUD, else lab); other clouds need allow_disruptive",
    )
    parser.add_argument("--release", metavar="RELEASE", help="start a lab of a release, as `stocktake lab up` does")
    parser.add_argument(
        "--with", dest="additions", metavar="PARTS", help="start a lab with neutron, cinder or cyborg, or several"
    )
    parser.add_argument(
        "--minutes", type=_positive, default=MINUTES, metavar="N", help="how long (default %(default)g)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed makes up others (default 1)")
    parser.add_argument(
        "--length", type=_number, default=LENGTH, metavar="N", help="most operations of a history (default %(default)s)"
    )
    parser.add_argument(
        "-n",
        dest="workers",
        type=_number,
        default=1,
        metavar="N",
        help="workers; each has a lab of its own, if none is running",
    )
    parser.add_argument("-x", "--exitfirst", action="store_true", help="end with the first finding")
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, metavar="DIR", help="for records and features (default %(default)s)"
    )
    parser.set_defaults(run=explore)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def explore(options: argparse.Namespace) -> int:
    """`explore`: search with every worker, tell what was found and what was covered."""
    try:
        from stocktake.support.exploring.records import Folder  # noqa: PLC0415 - start-up time
    except ImportError as error:
        raise ConfigurationError(f"exploring needs hypothesis ({error}): pip install 'stocktake[explore]'") from error
    if options.cloud != "lab" and (options.release or options.additions):
        raise ConfigurationError(
            f"--release and --with ask for a lab, and cloud {options.cloud} is none; leave one of them out"
        )
    folder = Folder(options.output)
    before = folder.findings()
    clouds: list[str | None] = [None] * options.workers
    with ExitStack() as stack:
        if options.cloud == "lab":
            clouds = [_lab(options, worker, stack) for worker in range(1, options.workers + 1)]
        failures = _work(options, folder, clouds, len(before))
    found = [file for file in folder.findings() if file not in before]
    _tell(folder, found)
    if failures and not found:
        raise StocktakeError(f"{failures} of {options.workers} workers could not go on; what they said stands above")
    return FOUND if found else 0


def _lab(options: argparse.Namespace, worker: int, stack: ExitStack) -> str:
    """Return the clouds.yaml of the lab that a worker uses: the running one, or else one of its own, since a lab's one
    process of Nova would keep two workers waiting. That lab ends with the stack. Raises LabError."""
    from stocktake.support.lab import for_run  # noqa: PLC0415 - start-up time

    run = f"pid-{os.getpid()}-{worker}"
    stack.callback(for_run.end_lab_of_run, run)
    if options.release:
        for_run.prepare(options.release, lambda stage: print(stage, file=sys.stderr))
    with for_run.at_hand(run, os.getpid(), HOSTS_OF_ONE, options.additions, options.release):
        return os.environ[for_run.CONFIG_FILE]


def _work(options: argparse.Namespace, folder: "Folder", clouds: Sequence[str | None], known: int) -> int:
    """Run a worker on each cloud until their time is up, or there are more than the `known` findings if one is enough;
    return how many have failed."""
    spawning = multiprocessing.get_context("spawn")
    plans = [
        Plan(options.cloud, clouds_yaml, folder.path, options.minutes * 60, options.length, options.seed, worker)
        for worker, clouds_yaml in enumerate(clouds, start=1)
    ]
    processes = [spawning.Process(target=_search, args=(plan,), name=f"explorer {plan.worker}") for plan in plans]
    for process in processes:
        process.start()
    try:
        _await(processes, folder, enough=known + 1 if options.exitfirst else None)
    except KeyboardInterrupt:
        for process in processes:
            process.join()  # each was interrupted, too, and cleans up
        raise
    return sum(process.exitcode == MISTAKE for process in processes)


def _await(processes: "Sequence[BaseProcess]", folder: "Folder", *, enough: int | None) -> None:
    """Wait for the workers, and say now and then how far they are; end them once there are `enough` findings."""
    said_last, ending = SYSTEM_CLOCK.now(), False
    while alive := [process for process in processes if process.is_alive()]:
        alive[0].join(LOOK_EVERY)
        if enough is not None and not ending and len(folder.findings()) >= enough:
            ending = True  # once: a second signal would interrupt the clean-up
            for process in alive:
                process.terminate()
        if SYSTEM_CLOCK.now() - said_last < NEWS_EVERY:
            continue
        said_last = SYSTEM_CLOCK.now()
        outcomes = Counter(str(entry["outcome"]) for entry in folder.entries())
        said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        sys.stderr.write(f"{sum(outcomes.values())} histories: {said or 'none yet'}\n")


def _search(plan: Plan) -> None:
    """What one worker does, in a process of its own."""
    from stocktake.support.exploring import hunting, running  # noqa: PLC0415 - in the worker only
    from stocktake.support.exploring.records import Folder  # noqa: PLC0415
    from stocktake.support.gherkin.catalogue import load_vocabulary  # noqa: PLC0415
    from stocktake.support.lab.for_run import CONFIG_FILE  # noqa: PLC0415
    from stocktake.support.scenario.cloud import connected  # noqa: PLC0415

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if plan.clouds_yaml:
        os.environ[CONFIG_FILE] = plan.clouds_yaml
    load_vocabulary()
    folder = Folder(plan.output)
    try:
        with connected(plan.cloud) as cloud:
            _check_allowed(cloud)
            cloud.session.log_in()
            hunt = hunting.Hunt(
                run=lambda history: running.run(cloud, history),
                run_shorter=lambda history: running.run(cloud, history, failure_expected=True),
                record=lambda history, verdict: folder.record(plan.worker, history, verdict),
                until=SYSTEM_CLOCK.now() + plan.seconds,
                length=plan.length,
                seen=folder.pairs,
            )
            for number in itertools.count():
                found = hunt.search(f"{plan.seed}-{plan.worker}-{number}")
                if found is None:
                    break
                _report(found, folder.write(found))
            cloud.undo_deferred()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except StocktakeError as error:
        sys.stderr.write(f"stocktake: {error}\n")
        sys.exit(MISTAKE)


def _check_allowed(cloud: "Cloud") -> None:
    """Raise ConfigurationError unless the operator lets hosts be disrupted: histories stop and disable them."""
    settings = cloud.settings
    if not settings.allow_disruptive:
        raise ConfigurationError(
            f'{settings.file}: cloud "{settings.cloud}" does not allow what histories do to hosts: '
            "set allow_disruptive: true under stocktake:, on a cloud where that harms nobody"
        )


def _report(found: "Found", path: Path) -> None:
    said = "in each further run" if found.proved else f"in {found.repeated} of {found.runs} further runs"
    print(f"\n{path}: {', '.join(found.history.names)} ({said})\n{found.verdict.told}\n", flush=True)


def _tell(folder: "Folder", found: Sequence[Path]) -> None:
    from stocktake.support.exploring.coverage import of_histories  # noqa: PLC0415 - in the end only
    from stocktake.support.exploring.picture import drawn  # noqa: PLC0415

    entries, coverage = list(folder.entries()), of_histories(folder.histories())
    print(f"{coverage.table()}\n\n{coverage.table_of_states()}")
    print(
        f"\n{coverage.histories} histories with {coverage.operations.total()} operations: "
        f"{len(coverage.pairs)} of {len(coverage.possible_pairs)} possible pairs ({coverage.share_of_pairs:.0%}), "
        f"{len(coverage.triples)} of {len(coverage.possible_triples)} triples ({coverage.share_of_triples:.0%})"
    )
    print(f"picture: {folder.keep_picture(drawn(coverage))}")
    for outcome in ("unverified", "known"):
        for reason, count in Counter(_reason(one) for one in entries if one["outcome"] == outcome).items():
            print(f"{outcome}, {count} {'history' if count == 1 else 'histories'}: {reason}")
    print(f"found: {', '.join(map(str, found)) or 'nothing'}")


def _reason(entry: Mapping[str, Any]) -> str:
    """Say why a history was not verified, or which known defects it had met by then."""
    from stocktake.support.exploring.records import history_in  # noqa: PLC0415 - start-up time

    history = history_in(entry)
    if history is None:
        return str(entry["told"]).partition("\n")[0]
    return "; ".join(f"{DEFECTS[name].summary}; {DEFECTS[name].link}" for name in history.defects)
