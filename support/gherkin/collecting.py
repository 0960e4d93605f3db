"""Feature files as test modules of pytest: found by path, name or FILE:LINE, and checked before they run.

A plugin calls `collect_feature` in pytest_collect_file and `configure` first in pytest_configure (also in xdist's
workers, which receive the original command line).
"""

import difflib
import re
import types
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.parser import Scenario as RunnableScenario
from pytest_bdd.scenario import scenario, scenario_wrapper_template_registry
from pytest_bdd.utils import registry_get_safe
from stocktake.support import installation
from stocktake.support.errors import FeatureError
from stocktake.support.gherkin import checks
from stocktake.support.gherkin.mentions import needs_of, roles_of
from stocktake.support.gherkin.phrases import VOCABULARY
from stocktake.support.gherkin.text import tags
from stocktake.support.gherkin.text.elements import FeatureText, ScenarioText
from stocktake.support.gherkin.text.problems import Problem, shown
from stocktake.support.gherkin.text.reading import for_pytest_bdd, read_feature

__all__ = [
    "FeatureFile",
    "collect_feature",
    "configure",
    "names_of",
    "needs_of",
    "register_markers",
    "resolve_arguments",
    "resolve_line_argument",
    "roles_of",
    "runnable",
]

AT_LINE = re.compile(r"(?P<file>.+\.feature):(?P<line>[0-9]+)")
UNREADABLE_TO_PYTEST_BDD = frozenset({"keyword"})  # rules: otherwise it would read nothing from such a file
BY_NAME = re.compile(r"(?P<file>.+?\.feature)::(?P<name>[^\[]+)(?:\[.*)?", re.DOTALL)


# UsageError is the only error that pytest prints as a sentence, with status 4; it is final only for type checkers.
class NoSuchScenarioError(FeatureError, pytest.UsageError):  # type: ignore[misc]
    """The command line names a file, line or scenario that is not there; pytest exits with status 4."""


class UnusableFeatureError(FeatureError):
    """A feature file has problems that prevent it from being run, one per line."""

    def __init__(self, problems: Sequence[Problem]):
        super().__init__("\n".join(problem.as_line() for problem in problems))
        self.problems = tuple(problems)


class FeatureFile(pytest.Module):
    """A .feature file, collected as if it were a module of test functions named after its scenarios."""

    def _getobj(self) -> types.ModuleType:
        return types.ModuleType(self.path.stem, self.text.description)

    @property
    def text(self) -> FeatureText:
        """The file as written."""
        return read_feature(self.path)

    def funcnamefilter(self, name: str) -> bool:  # noqa: ARG002 - every function of the module is a scenario
        """Accept every name, because scenarios have titles in prose."""
        return True

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """One item per scenario and row of Examples; those that cannot be run are collected as errors.

        Each such scenario or row is a separate error, so that pytest's counts match those of a report. Raises
        UnusableFeatureError for a file in which no scenario can be recognised.
        """
        declared = tags.marker_names(self.config.getini("markers"))
        found = checks.errors(self.text, VOCABULARY, declared)
        if found and not self.text.scenarios:
            raise UnusableFeatureError(found)
        refused = {each: concerning(each, self.text, found) for each in self.text.scenarios}
        nodes: list[pytest.Item | pytest.Collector] = []
        told: set[Problem] = set()
        for each, problems in refused.items():
            for row in range(len(each.contexts)) or [None] if problems else ():
                nodes.append(RefusedScenario.of(self, each, row, problems, told))
                told.update(problems)
        sound = [each for each, problems in refused.items() if not problems]
        if not sound or any(problem.rule in UNREADABLE_TO_PYTEST_BDD for problem in found):
            return nodes
        self._let_pytest_know({tag.name for tag in checks.all_tags(self.text)} - declared)
        for_pytest_bdd(self.text)
        for each in sound:
            setattr(self.obj, each.name, test_function(self.path, each))
        return [*nodes, *super().collect()]

    def _let_pytest_know(self, undeclared: Iterable[str]) -> None:
        """Register tags of the grammar, and declared ones such as @severity:critical, which pytest's settings cannot
        name."""
        for tag in sorted(undeclared):
            self.config.addinivalue_line("markers", f"{tag}: a tag of the grammar")
        written = {tag.name for tag in checks.all_tags(self.text)}
        pytest.mark._markers.update(filter(tags.unknown_to_pytest, written))  # pytest has no public way

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *arguments: Any, **options: Any) -> Any:
        """The problems only, one per line, without a traceback."""
        if isinstance(excinfo.value, UnusableFeatureError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *arguments, **options)


class RefusedScenario(pytest.Collector):
    """A scenario, or one row of its Examples, that cannot be run: collecting it fails with its problems.

    `place` is the line of the scenario's title and the number of the row (from 0; None without Examples).
    """

    place: tuple[int, int | None]
    problems: tuple[Problem, ...]
    told_before: frozenset[Problem]

    @classmethod
    def of(
        cls,
        file: FeatureFile,
        written: ScenarioText,
        row: int | None,
        problems: Sequence[Problem],
        told: Iterable[Problem],
    ) -> "RefusedScenario":
        """The collector of a scenario or row, named as its test would be; `told` are problems already reported for
        earlier ones."""
        suffix = "" if row is None else f"[{'-'.join(written.contexts[row][1].values())}]"
        node: RefusedScenario = cls.from_parent(file, name=written.name + suffix)
        node.place, node.problems, node.told_before = (written.line, row), tuple(problems), frozenset(told)
        return node

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """Raises UnusableFeatureError, always."""
        raise UnusableFeatureError(self.problems)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_arguments: Any, **_options: Any) -> str:
        """The problems only, one per line; each text is unique, because xdist merges errors with equal texts."""
        if not isinstance(excinfo.value, UnusableFeatureError):
            return str(super().repr_failure(excinfo))
        again = f' - so "{self.name}" cannot be run either'
        return "\n".join(each.as_line() + (again if each in self.told_before else "") for each in self.problems)


def concerning(written: ScenarioText, text: FeatureText, problems: Iterable[Problem]) -> list[Problem]:
    """The problems that prevent this scenario from being run: its own, and those outside of any single scenario."""

    def concerns(problem: Problem) -> bool:
        owner = next((each for each in text.scenarios if each.first <= problem.line <= each.last), None)
        if owner is not None:
            return owner is written or (problem.rule == "repeated-name" and owner.name == written.name)
        rule = next((each for each in reversed(text.rules) if each.line <= problem.line), None)
        return rule is None or rule is written.rule

    return [problem for problem in problems if concerns(problem)]


def test_function(path: Path, written: ScenarioText) -> Callable[..., Any]:
    """The test that runs the scenario's steps; pytest reports it at the scenario's line."""

    def steps() -> None:
        """The steps are the test."""

    function: Callable[..., Any] = scenario(str(path), written.name, features_base_dir=str(path.parent))(steps)
    place = steps.__code__.replace(co_filename=str(path), co_firstlineno=written.line)
    function.place_as = types.FunctionType(place, {})  # type: ignore[attr-defined]
    return function


class NothingRunsAfterErrors:
    """Makes xdist behave like pytest: an error in a feature file prevents all scenarios from starting.

    Otherwise workers would run what they could collect, and the controller would report status 1 instead of 2.
    """

    def __init__(self) -> None:
        self.failed = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Deselect everything in a worker."""
        if self.failed and hasattr(session.config, "workerinput"):
            items.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Mark the report of a feature file or scenario, for xdist's controlling process."""
        report = yield
        vars(report)["refused_feature"] = report.failed and isinstance(collector, (FeatureFile, RefusedScenario))
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record that a feature file, or a scenario of it, could not be collected."""
        self.failed = self.failed or getattr(report, "refused_feature", False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End with pytest's own status for an interrupted collection."""
        if self.failed and session.exitstatus in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.INTERRUPTED


def configure(config: pytest.Config) -> None:
    """Resolve FILE:LINE on the command line, describe the tags, and make xdist handle errors as pytest does."""
    config.args[:] = resolve_arguments(config.args, config.invocation_params.dir)
    register_markers(config)
    if not config.option.continue_on_collection_errors:
        config.pluginmanager.register(NothingRunsAfterErrors())


def look_in_installed_features(config: pytest.Config) -> None:
    """Find the command line's paths among the installed features too; without a path, take all of those.

    Raises NoSuchScenarioError for a feature file that is neither in a folder nor among them.
    """
    folder = config.invocation_params.dir
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(installation.FEATURES)]
    for argument in config.args:
        near = installation.nearest(argument, folder)
        if near is not None and installation.found(argument, folder) == argument:
            raise NoSuchScenarioError(f"there is no feature {argument} - did you mean {near}")
    config.args[:] = [installation.found(argument, folder) for argument in config.args]


def collect_feature(path: Path, parent: pytest.Collector) -> FeatureFile | None:
    """The collector for a .feature file, None for any other; what pytest_collect_file returns."""
    if path.suffix != ".feature":
        return None
    # Outside of its root folder pytest would omit the file's name.
    name: Any = installation.name_of(path, parent.config.rootpath)
    collector: FeatureFile = FeatureFile.from_parent(parent, path=path, nodeid=name)
    return collector


def runnable(item: pytest.Item) -> RunnableScenario | None:
    """The scenario of a collected item with its Examples row filled in, or None for a test that is not a scenario."""
    function = getattr(item, "function", None)
    template = function and registry_get_safe(scenario_wrapper_template_registry, function)
    if not template:
        return None
    call = getattr(item, "callspec", None)
    return template.render(call.params.get("_pytest_bdd_example", {}) if call else {})


def names_of(item: pytest.Item) -> tuple[str, ...]:
    """The name of a collected scenario as in its file, and with its Examples row filled in; none for other tests."""
    filled, function = runnable(item), getattr(item, "function", None)
    if filled is None:
        return ()
    template = registry_get_safe(scenario_wrapper_template_registry, function)
    return (template.name, filled.name) if template else ()


def register_markers(config: pytest.Config) -> None:
    """Describe the grammar of tags in `pytest --markers`; the tags themselves are registered when they occur."""
    for kind in tags.GRAMMAR:
        config.addinivalue_line("markers", f"{kind.example}: {kind.meaning}")


def resolve_arguments(arguments: Sequence[str], folder: Path) -> list[str]:
    """The command line's paths with each FILE:LINE replaced by the scenarios there, in order and once each."""
    resolved: dict[str, None] = {}
    for argument in arguments:
        check_name(argument, folder)
        resolved.update(dict.fromkeys(resolve_line_argument(argument, folder)))
    return list(resolved)


def resolve_line_argument(argument: str, folder: Path) -> list[str]:
    """What pytest should collect instead of `argument` (relative to `folder`); anything but FILE:LINE is unchanged.

    A line of a scenario, including its tags and the comments above it, means that scenario; a row of its Examples means
    that row; another line of a Rule means the scenarios of the rule; a line above them means the file.
    Raises NoSuchScenarioError when the file or the line does not exist.
    """
    match = AT_LINE.fullmatch(argument)
    if match is None or (folder / argument).exists():
        return [argument]
    file, line = match["file"], int(match["line"])
    if not (folder / file).is_file():
        raise NoSuchScenarioError(f"{argument}: there is no file {file}")
    feature = read_feature(folder / file)
    if feature.problems:
        return [file]
    if not 1 <= line <= feature.lines:
        raise NoSuchScenarioError(f"{argument}: {file} has {feature.lines} lines")
    return [f"{file}::{name}" for name in names_at(feature, line)] or [file]


def names_at(feature: FeatureText, line: int) -> Iterator[str]:
    """The pytest names of the scenarios at `line`; none when it belongs to the feature as a whole."""
    for each in feature.scenarios:
        if each.first <= line <= each.last:
            yield each.name + row_suffix(each, line)
            return
    rules = [rule for rule in feature.rules if rule.line <= line]
    if rules:
        yield from (each.name for each in feature.scenarios if each.rule is rules[-1])


def row_suffix(written: ScenarioText, line: int) -> str:
    """`[id]` of the Examples row at `line` as pytest spells it, or nothing when that id is not unique."""
    ids = {row: "-".join(values.values()) for row, values in written.contexts}
    own = ids.get(line)
    if own is None or not own.isascii() or not own.isprintable() or list(ids.values()).count(own) > 1:
        return ""
    return f"[{own.replace(chr(92), chr(92) * 2)}]"


def check_name(argument: str, folder: Path) -> None:
    """Raise NoSuchScenarioError with the nearest name when `argument` is FILE::NAME and FILE has no such scenario."""
    match = BY_NAME.fullmatch(argument)
    if match is None or not (folder / match["file"]).is_file():
        return
    feature = read_feature(folder / match["file"])
    names = [each.name for each in feature.scenarios]
    if feature.problems or argument.partition("::")[2] in names or match["name"] in names:
        return
    near = difflib.get_close_matches(match["name"], names, n=1, cutoff=0.4)
    hint = f'did you mean "{near[0]}"' if near else "it has: " + ", ".join(f'"{name}"' for name in names)
    raise NoSuchScenarioError(f'{shown(match["file"])} has no scenario "{match["name"]}" - {hint}')
