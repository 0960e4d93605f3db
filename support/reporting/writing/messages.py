"""`--messages=FILE.ndjson`: a run as Cucumber Messages, complete with and without xdist.

The plugin calls, in `pytest_configure` of every process (controller and workers alike):

    register(config, messages=Path or None, living_doc=Path or None, summary=Path or None, compare=Path or None)

It registers a `Recorder` (recorder.py) where scenarios run and a `Writer` in the controlling process; without any of
the four it registers nothing, and `attach()` does nothing. Evidence is added by

    attach(request.node, media_type, text or bytes, name)       beside the step that runs (media types: attachments.py)
    attach(request.session, CLOUD, json, "cloud")               once per process: what the run is about

While a step runs the evidence stands beside it, so call `attach` inside the step or in `pytest_bdd_after_step` or
`pytest_bdd_step_error` (the Recorder's own come last). Between steps and in `pytest_bdd_after_scenario` it stands
beside the last step, in fixtures beside set-up or clean-up. The implicit checks (CHECKS) get their own hook.

Outcomes, the same everywhere: *unverified* is what pytest calls skipped, its reason the reason of the skip
("unverified: REASON; REMEDY"); an audit that fails after the last step is a hook of its own; a feature file that pytest
cannot collect gives a test case to each scenario that a finding keeps from running, undefined steps as UNDEFINED, and
a `parseError` where there is no scenario. A scenario that pytest-rerunfailures runs again has one test case with
several attempts, and the outcome of the last. `Writer.totals` counts scenarios.
"""

import json
import time
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import pytest
from pytest_bdd.steps import step_function_context_registry
from stocktake.support.errors import ConfigurationError
from stocktake.support.gherkin.catalogue import catalogue
from stocktake.support.gherkin.phrases import VOCABULARY
from stocktake.support.installation import path_of
from stocktake.support.reporting.outcomes import NOT_RUN, PASSED, outcome_of, totals_line
from stocktake.support.reporting.page.render import publish
from stocktake.support.reporting.writing import envelopes
from stocktake.support.reporting.writing.documents import Document, parse_error_envelope
from stocktake.support.reporting.writing.recorder import FAILED, HOOKS, SKIPPED, Recorder, attach, definition_of, entry

__all__ = ["Recorder", "Writer", "attach", "register", "totals_line"]

STREAM_NAME = "run.ndjson"
REPEATED = "rerun"  # pytest-rerunfailures' outcome of a test that it will rerun
LINE_ENDS_TO_SOME = {ord(each): f"\\u{ord(each):04x}" for each in "\x85\u2028\u2029"}  # readers in other languages
OF_RULE = {"undefined": "UNDEFINED", "ambiguous": "AMBIGUOUS"}  # Cucumber's status for a finding; others are failures


class Writer:
    """Pytest plugin object of the controlling process: writes the stream as reports arrive."""

    def __init__(self, config: pytest.Config, path: Path):
        self.path = path
        self._root = config.rootpath
        self._documents: dict[Path, Document | None] = {}
        self._defined: set[str] = set()
        self._hooks: set[str] = set()
        self._last: dict[str, envelopes.Attempt] = {}  # of each pickle
        self._outcomes: dict[tuple[str, int], str] = {}  # of each pickle and run
        self._repeated: set[tuple[str, int]] = set()  # node and attempt
        self._described: set[tuple[str, str]] = set()
        self._file = opened(path)

    @property
    def totals(self) -> Counter[str]:
        """Scenarios by outcome; of several attempts the last counts."""
        return Counter(self._outcomes.values())

    @property
    def passed_later(self) -> int:
        """How many scenarios passed, but not at the first attempt."""
        last = ((pickle, each) for pickle, each in self._last.items() if each.number)
        return sum(self._outcomes[pickle, each.run] == PASSED for pickle, each in last)

    @property
    def all_totals(self) -> dict[str, int]:
        """`totals` with the scenarios of these files that were not reached, as the page counts them."""
        pickles = [pickle["id"] for document in self._documents.values() if document for pickle in document.pickles]
        return {**self.totals, NOT_RUN: sum(pickle not in self._last for pickle in pickles)}

    @property
    def feature_files(self) -> list[Path]:
        """The files whose documents were written."""
        return [path for path, document in self._documents.items() if document]

    def _put(self, messages: Iterable[envelopes.Message]) -> None:
        for message in messages:
            line = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
            self._file.write(line.translate(LINE_ENDS_TO_SOME) + "\n")
        self._file.flush()  # a run that is killed leaves what it had

    def pytest_sessionstart(self) -> None:
        """What writes the stream, the vocabulary, and that the run begins."""
        self._put([envelopes.meta()])
        for context in list(step_function_context_registry.values()):
            if not context.step_func.__module__.startswith("pytest_bdd."):
                self._define(definition_of(context, self._root))
        self._put([{"testRunStarted": {"id": envelopes.RUN, "timestamp": envelopes.timestamp(time.time())}}])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Every feature file with a selected scenario, also those that will not be reached."""
        self._introduce_all(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """The same, as xdist's workers tell it."""
        self._introduce_all(ids)

    def _introduce_all(self, node_ids: Iterable[str]) -> None:
        for name in dict.fromkeys(node_id.split("::")[0] for node_id in node_ids):
            if name.endswith(".feature"):
                self._introduce(path_of(name, self._root))

    def _introduce(self, path: Path) -> Document | None:
        """The document at `path`, its messages written when it is new; None when the file is gone."""
        path = path.resolve()
        if path not in self._documents:
            try:
                self._documents[path] = document = Document.read(path, self._root.resolve())
            except (OSError, UnicodeDecodeError):
                self._documents[path] = None
            else:
                self._put(document.envelopes)
        return self._documents[path]

    def _define(self, found: dict[str, Any]) -> None:
        if found["id"] not in self._defined:
            self._defined.add(found["id"])
            self._put([envelopes.definition(found)])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """The same of what a worker did not offer to run, because a feature file could not be collected."""
        self._introduce_all(getattr(node, "workeroutput", {}).get("stocktake_files", ()))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What could not be collected; of what each of xdist's workers tells, xdist passes on one."""
        found = getattr(report, "stocktake_findings", None)
        if found is not None:
            self._write_findings(Path(found["path"]), found["place"], found["findings"])

    def _write_findings(self, path: Path, place: Sequence[int] | None, findings: list[dict[str, Any]]) -> None:
        document = self._introduce(path)
        if document is None or document.errors:
            return  # unreadable: its parse errors are written already
        pickle = document.pickle(*place) if place else None
        if pickle is not None:
            self._write_case(uncollected(findings, pickle, document), pickle)
            return
        for finding in findings:
            self._put([parse_error_envelope(document.uri, max(1, finding["line"]), finding["sentence"])])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A scenario is over, or the worker that ran it is gone."""
        self._describe(getattr(report, "stocktake_run", []))
        attempt = report.nodeid, getattr(report, "rerun", 0)
        if report.outcome == REPEATED:
            self._repeated.add(attempt)
        recording = getattr(report, "stocktake", None)
        if recording is not None:
            document = self._introduce(Path(recording["path"]))
            pickle = document and document.pickle(recording["line"], recording["row"])
            if pickle:
                self._write_case(recording, pickle, retried=attempt in self._repeated)
        elif report.when not in ("setup", "call", "teardown"):
            self._write_crash(report)

    def _write_crash(self, report: pytest.TestReport) -> None:
        """xdist's only word of a worker that died: a report with no phase."""
        name, _, title = report.nodeid.partition("::")
        document = self._introduce(path_of(name, self._root)) if name.endswith(".feature") else None
        pickle = document and document.pickle_named(title)
        if pickle:
            crash = unrecorded(hooks={"clean-up": broken(FAILED, str(report.longrepr))})
            self._write_case(crash, pickle, retried=report.outcome == REPEATED)

    def _describe(self, attachments: list[dict[str, Any]]) -> None:
        new = [a for a in attachments if (a["media_type"], a["name"]) not in self._described]
        if new:
            self._described |= {(a["media_type"], a["name"]) for a in new}
            self._declare_hook("cloud")
            self._put(envelopes.of_the_run(new, time.time()))

    def _declare_hook(self, name: str) -> None:
        if name not in self._hooks:
            self._hooks.add(name)
            self._put([envelopes.hook(name)])

    def _write_case(self, recording: dict[str, Any], pickle: dict[str, Any], *, retried: bool = False) -> None:
        attempt = self._attempt(pickle["id"], retried=retried)
        for found in recording["definitions"].values():
            self._define(found)
        for name in HOOKS:
            if name in recording["hooks"] or attempt.several:
                self._declare_hook(name)
        self._put(envelopes.test_case(recording, pickle, attempt))
        statuses = [each["status"] for each in (*recording["steps"], *recording["hooks"].values())]
        self._outcomes[pickle["id"], attempt.run] = outcome_of(statuses)

    def _attempt(self, pickle: str, *, retried: bool) -> envelopes.Attempt:
        """The attempt that follows the last one at this scenario."""
        last = self._last.get(pickle)
        if last is None:
            now = envelopes.Attempt(retried=retried)
        elif last.retried:
            now = envelopes.Attempt(last.run, last.number + 1, retried)
        else:
            now = envelopes.Attempt(last.run + 1, retried=retried)
        self._last[pickle] = now
        return now

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """That the run is over, and whether pytest calls it a success."""
        finished = {
            "testRunStartedId": envelopes.RUN,
            "timestamp": envelopes.timestamp(time.time()),
            "success": exitstatus == pytest.ExitCode.OK,
        }
        self._put([{"testRunFinished": finished}])
        self._file.close()


class Publisher:
    """Pytest plugin object: makes the page and the summary once the Writer has finished, and says where they are."""

    def __init__(self, writer: Writer, living_doc: Path | None, summary: Path | None, compare: Path | None):
        self._writer, self._living_doc, self._summary, self._compare = writer, living_doc, summary, compare

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        """Outermost, so the stream is closed."""
        yield
        publish(
            [self._writer.path],
            output=self._living_doc,
            summary=self._summary,
            compare=self._compare,
            catalogue=catalogue(VOCABULARY, self._writer.feature_files),
        )

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Where the reader finds what was written."""
        terminalreporter.write_line(totals_line(self._writer.all_totals, self._writer.passed_later))
        for what, path in (("messages", self._writer.path), ("summary", self._summary)):
            if path:
                terminalreporter.write_line(f"{what}: {path}")
        if self._living_doc:
            terminalreporter.write_line(f"living documentation: {self._living_doc / 'index.html'}")


def register(
    config: pytest.Config,
    *,
    messages: Path | None = None,
    living_doc: Path | None = None,
    summary: Path | None = None,
    compare: Path | None = None,
) -> Writer | None:
    """Register what the options require; return the Writer in the controlling process, else None.

    Without `messages` the stream is written to run.ndjson in the folder of the living documentation, or beside the
    summary. ConfigurationError when a file cannot be written or `compare` does not exist.
    """
    if messages is None and (living_doc or summary):
        messages = living_doc / STREAM_NAME if living_doc else Path(str(summary)).with_suffix(".ndjson")
    if messages is None:
        return None
    config.pluginmanager.register(Recorder(config), "stocktake-recorder")
    if hasattr(config, "workerinput"):
        return None
    if compare is not None and not compare.is_file():
        raise ConfigurationError(f"--compare={compare}: there is no such file; give the message stream of an older run")
    writer = Writer(config, messages)
    config.pluginmanager.register(writer, "stocktake-writer")
    config.pluginmanager.register(Publisher(writer, living_doc, summary, compare), "stocktake-publisher")
    return writer


def opened(path: Path) -> IO[str]:
    """The stream's file, empty; ConfigurationError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: the message stream cannot be written there: {error.strerror}") from None


def unrecorded(steps: Sequence[Any] = (), hooks: dict[str, Any] | None = None) -> dict[str, Any]:
    """A recording of a scenario that no worker could record."""
    now = time.time()
    return {"steps": list(steps), "hooks": hooks or {}, "definitions": {}, "started": now, "finished": now}


def broken(status: str, message: str) -> dict[str, Any]:
    """A step or hook that came to `status` without running."""
    return entry() | {"status": status, "message": message}


def uncollected(findings: Sequence[dict[str, Any]], pickle: dict[str, Any], document: Document) -> dict[str, Any]:
    """A scenario that was refused at collection: its findings at their steps, those about the rest as its set-up."""
    steps, hooks = [entry() | {"status": SKIPPED} for _ in pickle["steps"]], {}
    lines = [document.line_of(step["astNodeIds"][0]) for step in pickle["steps"]]
    for finding in findings:
        at = document.step_line(finding["line"])
        place = broken(OF_RULE.get(finding["rule"], FAILED), finding["sentence"])
        if at in lines:
            steps[lines.index(at)] = place
        else:
            hooks["set-up"] = place
    return unrecorded(steps, hooks)
