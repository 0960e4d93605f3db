"""What happens to a scenario, recorded where it runs (in xdist: on the worker) as plain lists and dictionaries.

A `Recording` is finished with the item's teardown and travels on that report as `report.stocktake`; the Writer in
messages.py turns it into messages. Nothing is parsed or serialised here, so the cost for a run is negligible.
"""

import inspect
import re
import time
import traceback
from collections.abc import Callable, Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.parser import ScenarioTemplate, Step
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry
from stocktake.support.errors import StocktakeError
from stocktake.support.media_types import CHECKS
from stocktake.support.reporting.outcomes import KNOWN_PREFIX
from stocktake.support.reporting.writing.attachments import Attachment
from stocktake.support.reporting.writing.documents import address

MACHINERY = ("/_pytest/", "/pytest_bdd/", "/pluggy/")
FOUND_IN_COLLECTION = re.compile(r"\.feature:(?P<line>\d+): (?P<sentence>.*)")
EXPLAIN_THEMSELVES = (AssertionError, StocktakeError, pytest.fail.Exception, pytest.skip.Exception)
SET_UP, AUDIT, CHECKED, CLEAN_UP = HOOKS = "set-up", "audit", "checks", "clean-up"  # in the order of the stream

PASSED, FAILED, SKIPPED, UNDEFINED = "PASSED", "FAILED", "SKIPPED", "UNDEFINED"
PENDING = "PENDING"  # of a scenario that is known to fail; nothing else is pending


class Recording:
    """One scenario as it runs: its steps so far, and what happened before, after and beneath them."""

    def __init__(self, path: str, line: int, row: int | None, worker: str | None):
        self.path, self.line, self.row, self.worker = path, line, row, worker
        self.started = time.time()
        self.phase = SET_UP
        self.steps: list[dict[str, Any]] = []
        self.hooks: dict[str, dict[str, Any]] = {}
        self.definitions: dict[str, dict[str, Any]] = {}
        self.blamed: BaseException | None = None
        self._open = False

    def begin(self, definition: dict[str, Any] | None = None, arguments: list[dict[str, Any]] | None = None) -> None:
        """A step begins."""
        self.phase, self._open = AUDIT, True
        if definition:
            self.definitions[definition["id"]] = definition
        self.steps.append(entry() | {"definition": definition and definition["id"], "arguments": arguments or []})

    def end(self, status: str, error: BaseException | None = None) -> None:
        """The open step ends."""
        self._open = False
        close(self.steps[-1], status, error)
        self.blamed = error or self.blamed

    def outcome(self, report: pytest.TestReport, error: BaseException | None) -> None:
        """Record pytest's report of a phase, which includes skips and failures outside of steps.

        Sections that explain a failure become evidence of the step or hook that failed.
        """
        if report.when == "setup":
            self._hook_outcome(SET_UP, report, error)
            self.phase = AUDIT
        elif report.when == "teardown":
            self._hook_outcome(CLEAN_UP, report, error)
        else:
            self._call_outcome(report, error)
            self.phase = CLEAN_UP
        if report.failed or skipped(report) == PENDING:
            places = (*self.steps[-1:], *self.hooks.values())
            place = next(each for each in places if each["status"] not in (PASSED, SKIPPED))
            told = [asdict(Attachment.of("text/plain", text, name)) for name, text in report.sections]
            explained = [each for each in told if not each["name"].startswith("Captured ")]
            place["attachments"] += [each for each in explained if each not in place["attachments"]]

    def _call_outcome(self, report: pytest.TestReport, error: BaseException | None) -> None:
        if report.passed:
            return
        if self._open:  # neither after_step nor step_error was called: a skip
            self.end(skipped(report) if report.skipped else FAILED, error)
        elif error is None or error is not self.blamed:
            self._hook_outcome(AUDIT if self.steps else SET_UP, report, error)
            return
        if report.skipped:
            self.steps[-1] |= {"status": skipped(report), "message": reason(report), "exception": None}

    def _hook_outcome(self, name: str, report: pytest.TestReport, error: BaseException | None) -> None:
        if report.passed and name not in self.hooks:
            return
        hook = self.hooks.setdefault(name, entry(report.start))
        close(hook, PASSED if report.passed else skipped(report) if report.skipped else FAILED, error, report.stop)
        if report.skipped or (report.failed and error is None):
            hook |= {"message": reason(report), "exception": None}

    def attach(self, attachment: Attachment) -> None:
        """Put evidence beside the step that runs or, between steps, ran last; else beside set-up or clean-up.

        The implicit checks belong to no step, and get their own hook.
        """
        if attachment.media_type == CHECKS:
            place = self.hooks.setdefault(CHECKED, entry())
        elif self.phase == AUDIT and self.steps:
            place = self.steps[-1]
        else:
            name = SET_UP if self.phase == AUDIT else self.phase
            place = self.hooks.setdefault(name, entry())
        place["attachments"].append(asdict(attachment))

    def finished(self) -> dict[str, Any]:
        """The recording as values that can cross from an xdist worker."""
        keep = ("path", "line", "row", "worker", "started", "steps", "hooks", "definitions")
        return {name: getattr(self, name) for name in keep} | {"finished": time.time()}


RECORDING = pytest.StashKey[Recording]()
OF_THE_RUN = pytest.StashKey[list[dict[str, Any]]]()


def entry(started: float | None = None) -> dict[str, Any]:
    """An unfinished step or hook."""
    started = started or time.time()
    return {"status": PASSED, "started": started, "ended": started, "attachments": [], "message": None}


def close(place: dict[str, Any], status: str, error: BaseException | None, ended: float | None = None) -> None:
    """Finish a step or hook."""
    place |= {"status": status, "ended": ended or time.time()}
    if error is not None:
        place |= {"message": said(error), "exception": described(error)}


def attach(node: pytest.Item | pytest.Session, media_type: str, content: str | bytes, name: str) -> None:
    """Put evidence into the message stream: beside the current step of a scenario, or beside the run.

    `node` is `request.node` (a scenario) or `request.session` (the run: the cloud's description). Media types and the
    shapes of JSON are in attachments.py; `name` is what the reader sees. Does nothing when no stream is written.
    """
    if isinstance(node, pytest.Session):
        of_the_run = node.config.stash.get(OF_THE_RUN, None)
        if of_the_run is not None:
            of_the_run.append(asdict(Attachment.of(media_type, content, name)))
        return
    recording = node.stash.get(RECORDING, None)
    if recording is not None:
        recording.attach(Attachment.of(media_type, content, name))


class Recorder:
    """Pytest plugin object: watches scenarios where they run."""

    def __init__(self, config: pytest.Config):
        self._config = config
        self._worker: str | None = getattr(config, "workerinput", {}).get("workerid")
        self._contexts: dict[Callable[..., object], list[StepFunctionContext]] = {}
        config.stash[OF_THE_RUN] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Open a recording before the first fixture is set up, at each attempt to run the scenario."""
        template = scenario_of(item)
        if template is not None:
            callspec = getattr(item, "callspec", None)
            row = callspec.indices.get("_pytest_bdd_example") if callspec else None
            path = str(Path(template.feature.filename).absolute())
            item.stash[RECORDING] = Recording(path, template.line_number, row, self._worker)
        return (yield)

    def pytest_bdd_before_step(self, request: pytest.FixtureRequest, step: Step, step_func: Callable[..., Any]) -> None:
        """A step begins, its fixtures not yet set up."""
        recording = request.node.stash.get(RECORDING, None)
        if recording is not None:
            context = self._context(step, step_func)
            definition = context and definition_of(context, self._config.rootpath)
            recording.begin(definition, context and arguments_of(context.parser, step.name))

    @pytest.hookimpl(trylast=True)
    def pytest_bdd_after_step(self, request: pytest.FixtureRequest) -> None:
        """A step has passed; last, so that others may still attach to it."""
        recording = request.node.stash.get(RECORDING, None)
        if recording is not None:
            recording.end(PASSED)

    @pytest.hookimpl(trylast=True)
    def pytest_bdd_step_error(self, request: pytest.FixtureRequest, exception: BaseException) -> None:
        """A step has failed, or turns out to be unverified; makereport knows which."""
        recording = request.node.stash.get(RECORDING, None)
        if recording is not None:
            recording.end(FAILED, exception)

    def pytest_bdd_step_func_lookup_error(self, request: pytest.FixtureRequest, exception: BaseException) -> None:
        """No phrase matches this step."""
        recording = request.node.stash.get(RECORDING, None)
        if recording is not None:
            recording.begin()
            recording.end(UNDEFINED, exception)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Outermost, so it sees the outcome that is reported; the last phase takes the recording along."""
        report = yield
        recording = item.stash.get(RECORDING, None)
        if recording is not None:
            recording.outcome(report, call.excinfo.value if call.excinfo else None)
            if call.when == "teardown":
                of_the_run, self._config.stash[OF_THE_RUN] = self._config.stash[OF_THE_RUN], []
                vars(report).update(stocktake=recording.finished(), stocktake_run=of_the_run)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Attach the findings to a scenario or feature file that cannot be collected, line by line."""
        report = yield
        path = getattr(collector, "path", None)
        if report.failed and path is not None and path.suffix == ".feature":
            place = getattr(collector, "place", None)
            vars(report).update(
                stocktake_findings={"path": str(path), "place": place and list(place), "findings": findings(report)}
            )
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let the controlling process know of every feature file with a scenario, also when none will be run."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["stocktake_files"] = sorted({item.nodeid.partition("::")[0] for item in items})

    def _context(self, step: Step, step_func: Callable[..., Any]) -> StepFunctionContext | None:
        if step_func not in self._contexts:
            known = list(step_function_context_registry.values())
            self._contexts[step_func] = [each for each in known if each.step_func is step_func]
        same = self._contexts[step_func]
        return next((c for c in same if c.type in (None, step.type) and c.parser.is_matching(step.name)), None)


def scenario_of(item: pytest.Item) -> ScenarioTemplate | None:
    """The scenario a pytest item runs, or None for an ordinary test."""
    function = getattr(item, "function", None)
    try:
        return scenario_wrapper_template_registry.get(function) if function is not None else None
    except TypeError:  # weak references are not possible
        return None


def reason(report: pytest.TestReport) -> str:
    """The reason why a scenario was skipped, as given to pytest."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr or "")
    return text.removeprefix("Skipped: ")


def skipped(report: pytest.TestReport) -> str:
    """The status of a scenario that pytest calls skipped: pending if it is known to fail."""
    return PENDING if report.skipped and reason(report).startswith(KNOWN_PREFIX) else SKIPPED


def findings(report: pytest.CollectReport) -> list[dict[str, Any]]:
    """What a collection error says, as lines and sentences; line 0 when it names none."""
    error = getattr(getattr(report, "call", None), "excinfo", None)
    problems = getattr(error and error.value, "problems", None)
    if problems:
        return [{"line": p.line, "rule": p.rule, "sentence": p.sentence} for p in problems]
    found = [
        {"line": int(match["line"]), "rule": "", "sentence": match["sentence"]}
        for match in FOUND_IN_COLLECTION.finditer(report.longreprtext)
    ]
    return found or [{"line": 0, "rule": "", "sentence": report.longreprtext.strip()}]


def definition_of(context: StepFunctionContext, root: Path) -> dict[str, Any]:
    """Where and as what a step is defined; `id` is the same in every process."""
    code = inspect.unwrap(context.step_func).__code__
    path = Path(code.co_filename)
    # What is installed elsewhere is named by its module, so that reports do not show this machine's folders.
    module = context.step_func.__module__.replace(".", "/") + ".py"
    uri = address(path, root) if path.is_relative_to(root) else module
    regexp = getattr(context.parser, "regex", None)
    pattern = re.sub(r"{(\w+):[^{}]*}", r"{\1}", context.parser.name)
    return {
        "id": f"{uri}:{code.co_firstlineno}:{context.type or 'step'}:{pattern}",
        "pattern": pattern,
        "type": "REGULAR_EXPRESSION" if regexp else "CUCUMBER_EXPRESSION",
        "uri": uri,
        "line": code.co_firstlineno,
    }


def arguments_of(parser: Any, text: str) -> list[dict[str, Any]]:
    """The arguments of a step as {name, start, value}, in order of appearance; `start` counts from 0."""
    phrase = getattr(parser, "phrase", None)
    if phrase is not None:
        return [{"name": a.parameter.name, "start": a.start, "value": a.text} for a in phrase.match(text) or ()]
    spans: dict[str, tuple[int, int]] = {}
    if hasattr(parser, "parser"):  # parse and cfparse
        spans = getattr(parser.parser.parse(text), "spans", {})
    elif hasattr(parser, "regex") and (match := parser.regex.fullmatch(text)):
        spans = {name: match.span(name) for name in match.groupdict() if match[name] is not None}
    ordered = sorted(spans.items(), key=lambda each: each[1])
    return [{"name": str(name), "start": start, "value": text[start:end]} for name, (start, end) in ordered]


def said(error: BaseException) -> str:
    """The message of an exception, for each part of a group, with its type unless it is written for people."""
    if isinstance(error, BaseExceptionGroup):
        return "\n".join(said(each) for each in error.exceptions)
    if isinstance(error, pytest.FixtureLookupError):
        return f"fixture {error.argname!r} not found"
    if isinstance(error, EXPLAIN_THEMSELVES) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def described(error: BaseException) -> dict[str, Any]:
    """The exception for the stream; with a traceback unless it is written for people."""
    found = {"type": type(error).__name__, "message": said(error)}
    if not isinstance(error, EXPLAIN_THEMSELVES):
        frames = [f for f in traceback.extract_tb(error.__traceback__) if not any(m in f.filename for m in MACHINERY)]
        lines = traceback.format_list(frames) + traceback.format_exception_only(error)
        found["stackTrace"] = "".join(lines).rstrip()
    return found
