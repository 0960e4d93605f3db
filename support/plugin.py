"""The pytest plugin: options, fixtures and hooks. It wires the parts together and holds no logic of its own."""

import inspect
import json
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from stocktake.support import media_types, options
from stocktake.support.errors import ConfigurationError, Crowded, FeatureError, StocktakeError, Unverified
from stocktake.support.gherkin import collecting
from stocktake.support.gherkin.bound import FoundInFolders
from stocktake.support.gherkin.pause import no_garbage_collection
from stocktake.support.protocol import ending
from stocktake.support.protocol.announcement import Announcement, cloud_of
from stocktake.support.protocol.ending import AFTER_LAST_STEP, CHECKS, LIFECYCLE, REPORTING, STEP
from stocktake.support.protocol.together import Together

if TYPE_CHECKING:
    from stocktake.support.scenario.cloud import Cloud
    from stocktake.support.scenario.context import Context

UNVERIFIED = "unverified: "
KNOWN = "known: "
REPORTS = {name: f"--{name.replace('_', '-')}" for name in ("messages", "living_doc", "summary", "compare")}
ANSWERS = "stocktake.steps.access.answers"  # the steps that may check a refusal
TRACEBACKS_FROM = 2  # -vv
OF_LIBRARIES = (  # warnings that users cannot do anything about
    "ignore:Support for InfluxDB:PendingDeprecationWarning",
    "ignore:The --rsyncdir:DeprecationWarning",  # how xdist sends features to workers on other machines
)
OF_INTERRUPTED_RUNS = "always::stocktake.support.errors.InterruptedRun"
SELF_EXPLAINING = (ConfigurationError, Crowded, FeatureError, Unverified)  # the cloud adds nothing to their explanation

FOUND = pytest.StashKey[FoundInFolders]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> Generator[None, None, None]:
    """Add Stocktake's options after all others, so that a conflict gives Stocktake's own error message."""
    yield
    options.add(parser, early_config.pluginmanager)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Resolve feature files on the command line, and set up the requested reports."""
    if options.value(config, "--stocktake-features"):
        collecting.look_in_installed_features(config)
    collecting.configure(config)
    for warning in (*OF_LIBRARIES, OF_INTERRUPTED_RUNS):
        config.addinivalue_line("filterwarnings", warning)
    config.stash[FOUND] = FoundInFolders()
    config.pluginmanager.register(Together(config))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Announcement(config))
    paths = {name: _path(config, option) for name, option in REPORTS.items()}
    config.stash[REPORTING] = any(paths.values())
    if config.stash[REPORTING]:
        from stocktake.support.reporting.writing import messages  # noqa: PLC0415 - start-up time

        messages.register(config, **paths)


def _path(config: pytest.Config, option: str) -> Path | None:
    value = options.value(config, option)
    return Path(config.invocation_params.dir, value) if value else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Pause garbage collection during the collection of tests."""
    with no_garbage_collection():
        return (yield)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect .feature files in any folder; those that were not named, after the Python tests."""
    return parent.config.stash[FOUND].collect(file_path, parent)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Collect the .feature files that no Python test has loaded, before anything is selected or sorted."""
    items.extend(session.config.stash[FOUND].rest(session, items))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Show what the scenario is waiting for while it runs, except in xdist's workers."""
    reporter = item.config.pluginmanager.getplugin("terminalreporter")
    if hasattr(item.config, "workerinput") or reporter is None or collecting.runnable(item) is None:
        return (yield)
    from stocktake.support import waiting  # noqa: PLC0415 - start-up time
    from stocktake.support.reporting.waits import display_for  # noqa: PLC0415

    display = display_for(reporter, item.config.pluginmanager.getplugin("capturemanager"))
    display.scenario = item.name
    with waiting.observed_by(display.observe):
        try:
            return (yield)
        finally:
            display.end()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Build the environment of an older release before the first scenario needs its lab."""
    release = options.value(session.config, "--lab-release")
    if release is None or hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    from stocktake.support.lab.for_run import prepare  # noqa: PLC0415 - start-up time

    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    try:
        prepare(release, lambda stage: reporter and reporter.write_line(f"environment of {release}: {stage}"))
    except StocktakeError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the lab that was started for this run."""
    if not hasattr(session.config, "workerinput"):
        from stocktake.support.lab.for_run import end_lab_of_run  # noqa: PLC0415 - start-up time

        end_lab_of_run(_run(session.config))


def _run(config: pytest.Config) -> str:
    """Name the run in all its processes, so that they share a lab."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput["testrunuid"])
    nodes = getattr(config.pluginmanager.getplugin("dsession"), "nodemanager", None)  # made when the session starts
    return str(nodes.testrunuid) if nodes else f"pid-{os.getpid()}"


@pytest.fixture(scope="session")
def stocktake_cloud(request: pytest.FixtureRequest) -> "Iterator[Cloud]":
    """The cloud under verification: `--cloud`, OS_CLOUD, or a lab. Without it, no other scenario is tried."""
    with ExitStack() as stack:
        try:
            opened = _open(request, stack)
        except StocktakeError:
            request.session.shouldfail = "without a cloud no scenario can run"
            raise
        yield opened


def _open(request: pytest.FixtureRequest, stack: ExitStack) -> "Cloud":
    """Open the cloud of this run until the stack closes, logged in, so that what is wrong with it is reported once."""
    from stocktake.support.scenario.cloud import connected  # noqa: PLC0415 - start-up time

    config = request.config
    name, release = cloud_of(config), options.value(config, "--lab-release")
    if name is not None and release is not None:
        raise ConfigurationError(
            f"--lab-release={release} asks for a lab, and cloud {name} is none; leave one of them out"
        )
    if name is None:
        from stocktake.support.lab.for_run import at_hand  # noqa: PLC0415 - start-up time

        owner = os.getppid() if hasattr(config, "workerinput") else os.getpid()
        hosts, additions = (options.value(config, option) for option in ("--lab-hosts", "--lab-with"))
        stack.enter_context(at_hand(_run(config), owner, hosts, additions, release))
    opened = stack.enter_context(connected(name or "lab"))
    stack.callback(_undo_deferred, request.session, opened)
    opened.session.log_in()
    opened.interrupted.undo()
    if config.stash[REPORTING]:
        from stocktake.support.reporting.writing import messages  # noqa: PLC0415 - start-up time
        from stocktake.support.scenario.attachments import describe  # noqa: PLC0415

        messages.attach(request.session, media_types.CLOUD, json.dumps(describe(opened, release)), "cloud")
    return opened


def _undo_deferred(session: pytest.Session, opened: "Cloud") -> None:
    """Undo what must outlive scenarios by minutes; a run that is interrupted leaves it to the sweep."""
    if session.exitstatus != pytest.ExitCode.INTERRUPTED:
        opened.undo_deferred()


@pytest.fixture
def stocktake_context(request: pytest.FixtureRequest, stocktake_cloud: "Cloud") -> "Iterator[Context]":
    """The context of this scenario: its hosts, servers, flavors and accounts."""
    from stocktake.support.scenario.lifecycle import Lifecycle  # noqa: PLC0415 - start-up time

    scenario = collecting.runnable(request.node)
    roles, needs = (collecting.roles_of(scenario), collecting.needs_of(scenario)) if scenario else ((), ())
    tags = {marker.name for marker in request.node.iter_markers()}
    lifecycle = Lifecycle(stocktake_cloud, roles, tags=tags, needs=needs)
    request.node.stash[LIFECYCLE] = lifecycle
    try:
        lifecycle.open()
        yield lifecycle.context
    finally:
        if not lifecycle.is_parked:
            lifecycle.close()


def pytest_bdd_before_step_call(request: pytest.FixtureRequest, step: Any, step_func: Any) -> None:
    """Remember the step for messages; a refusal must be checked by the very next step."""
    request.node.stash[STEP] = step
    lifecycle = request.node.stash.get(LIFECYCLE, None)
    if lifecycle and inspect.unwrap(step_func).__module__ != ANSWERS:
        lifecycle.check_spoken()


def pytest_bdd_after_step(request: pytest.FixtureRequest, step: Any) -> None:
    """Audit the scenario's accounts after each step that acts, and attach its evidence."""
    lifecycle = request.node.stash.get(LIFECYCLE, None)
    if lifecycle is None:
        return
    try:
        lifecycle.audit(always=step.type == "when")
    except BaseException:
        lifecycle.explain()
        raise
    finally:
        ending.attach(request.node, lifecycle, f"{step.keyword} {step.name}")


def pytest_bdd_step_error(request: pytest.FixtureRequest, step: Any, exception: Exception) -> None:
    """Attach the evidence of a step that failed, and what explains the failure."""
    lifecycle = request.node.stash.get(LIFECYCLE, None)
    if lifecycle is not None:
        if not isinstance(exception, SELF_EXPLAINING):
            lifecycle.explain()
        ending.attach(request.node, lifecycle, f"{step.keyword} {step.name}")


def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> None:
    """Run the implicit checks and undo everything while the scenario can still fail."""
    lifecycle = request.node.stash.get(LIFECYCLE, None)
    if lifecycle is not None:
        ending.end(request.node, lifecycle, sys.exc_info()[1])


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report unverified scenarios as skipped with the reason, and errors written for people without a traceback.

    A scenario that is known to fail is also skipped; if it passes, it is reported as failed. A Python test with such an
    error fails. Failures of scenarios that use nothing of Stocktake, in a project with its own step definitions, are
    reported as by pytest-bdd.
    """
    report = yield
    if collecting.runnable(item) is None:
        return report
    report.stocktake_checks = item.stash.get(CHECKS, []) if call.when == "call" else []  # type: ignore[attr-defined]
    error = call.excinfo.value if call.excinfo else None
    lifecycle = item.stash.get(LIFECYCLE, None)
    ours = lifecycle is not None or isinstance(item.parent, collecting.FeatureFile)
    known = lifecycle.known_failure(collecting.names_of(item)) if lifecycle and call.when == "call" else None
    if known and report.passed and known.certain:
        report.outcome, report.longrepr = "failed", f"{_sentence(item)}\n{known.outlived}"
    elif known and lifecycle and lifecycle.is_verdict(error):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"{KNOWN}{known.reason}")
        report.sections.append(("what is known to fail", f"{_sentence(item)}\n{error}"))
    elif isinstance(error, Unverified):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"{UNVERIFIED}{error}")
    elif isinstance(error, StocktakeError) or (ours and isinstance(error, AssertionError)):
        if item.config.get_verbosity() < TRACEBACKS_FROM:
            report.longrepr = f"{_sentence(item)}\n{error}"
        if lifecycle is not None:
            report.sections.extend(lifecycle.explanation)
    return report


def _sentence(item: pytest.Item) -> str:
    """The rule and the step that a failure is about."""
    step, rule = item.stash.get(STEP, None), getattr(collecting.runnable(item), "rule", None)
    said = "before its first step"
    if step is AFTER_LAST_STEP:
        said = AFTER_LAST_STEP
    elif step:
        said = f"{step.keyword} {step.name} ({item.path.name}:{step.line_number})"
    return f"Rule: {rule.name}\n{said}" if rule else said


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Call unverified scenarios, and those known to fail, by their names in the terminal."""
    if report.skipped and isinstance(report.longrepr, tuple):
        if report.longrepr[2].startswith(UNVERIFIED):
            return "unverified", "u", "UNVERIFIED"
        if report.longrepr[2].startswith(KNOWN):
            return "known", "k", "KNOWN"
    return None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """List what was not verified, with the reason and what would make it run, and what is known to fail, with why."""
    for category, prefix in (("unverified", UNVERIFIED), ("known", KNOWN)):
        reports = terminalreporter.stats.get(category, [])
        if reports:
            terminalreporter.section(category)
        for report in reports:
            terminalreporter.write_line(f"{report.nodeid}: {report.longrepr[2].removeprefix(prefix)}")
    _summarise_checks(terminalreporter)


def _summarise_checks(terminalreporter: Any) -> None:
    """Say once for all scenarios which implicit checks were not possible, and why."""
    counts = Counter(
        (check["name"], check["reason"])
        for reports in terminalreporter.stats.values()
        for report in reports
        for check in getattr(report, "stocktake_checks", ())
        if check["outcome"] == "unverified"
    )
    if counts:
        terminalreporter.section("not checked")
    for (name, reason), count in counts.items():
        scenarios = "1 scenario" if count == 1 else f"{count} scenarios"
        terminalreporter.write_line(f"{name}, at the end of {scenarios}: {reason}")
