"""What is wrong with a feature, found before anything is booted.

`errors` are what the suite cannot carry out; pytest refuses to run a file that has any.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from stocktake.support.errors import FeatureError
from stocktake.support.gherkin.phrases import Match, Vocabulary
from stocktake.support.gherkin.text import ids, nearness, prose, tags
from stocktake.support.gherkin.text.elements import (
    PLACEHOLDER,
    BackgroundText,
    FeatureText,
    ScenarioText,
    StepText,
    Tag,
)
from stocktake.support.gherkin.text.problems import Problem

Say = Callable[[int, str, str], Problem]

NOT_IN_NAMES = ("::", "[", "/")  # they have a meaning in `FILE::NAME[ROW]`
MODULE_NAMES = ("pytestmark", "pytest_plugins", "pytest_generate_tests", "setUpModule", "tearDownModule")
MODULE_PREFIXES = ("__", "setup_", "teardown_")


def errors(feature: FeatureText, vocabulary: Vocabulary, declared_tags: Collection[str] = ()) -> list[Problem]:
    """Everything that prevents `feature` from being run, in the order of its lines, each error once."""
    if feature.problems:
        return sorted(feature.problems)

    def say(line: int, rule: str, sentence: str) -> Problem:
        return Problem(feature.path, line, rule, sentence)

    found = set(_tag_problems(feature, declared_tags, say))
    found.update(say(line, "keyword", sentence) for line, sentence in prose.swallowed(feature, vocabulary))
    if not feature.scenarios:
        found.add(say(feature.line, "no-scenario", "the feature has no scenario, so it verifies nothing"))
    found.update(_name_problems(feature.scenarios, say))
    for background in feature.backgrounds:
        found.update(_block_problems(background, feature.path, vocabulary, say))
    for scenario in feature.scenarios:
        found.update(_block_problems(scenario, feature.path, vocabulary, say))
        found.update(_outline_problems(scenario, say))
        if not scenario.steps:
            found.add(
                say(scenario.line, "no-steps", f'scenario "{scenario.name}" has no steps, so it verifies nothing')
            )
    return sorted(found)


def _tag_problems(feature: FeatureText, declared: Collection[str], say: Say) -> Iterator[Problem]:
    for tag in all_tags(feature):
        if (objection := tags.objection(tag.name, declared)) is not None:
            yield say(tag.line, "tag", objection)
    for line, sentence in ids.misplaced(feature):
        yield say(line, "id", sentence)


def all_tags(feature: FeatureText) -> Iterator[Tag]:
    """Every tag as written, on the feature, its rules, scenarios and Examples."""
    yield from feature.tags
    for rule in feature.rules:
        yield from rule.tags
    for scenario in feature.scenarios:
        yield from scenario.tags
        for examples in scenario.examples:
            yield from examples.tags


def _name_problems(scenarios: Iterable[ScenarioText], say: Say) -> Iterator[Problem]:
    first: dict[str, ScenarioText] = {}
    for scenario in scenarios:
        name = scenario.name
        if not name:
            yield say(scenario.line, "name", "the scenario has no name: write what it verifies after Scenario:")
            continue
        if name in first:
            line = first[name].line
            yield say(scenario.line, "repeated-name", f'the scenario in line {line} is also named "{name}": rename one')
        first.setdefault(name, scenario)
        for odd in NOT_IN_NAMES:
            if odd in name:
                yield say(scenario.line, "name", f'the name "{name}" contains {odd}, which FILE::NAME[ROW] needs')
        if name in MODULE_NAMES or name.startswith(MODULE_PREFIXES):
            yield say(scenario.line, "name", f'the name "{name}" has a special meaning in pytest: write a sentence')


def _block_problems(
    block: BackgroundText | ScenarioText, path: Path, vocabulary: Vocabulary, say: Say
) -> Iterator[Problem]:
    """Problems of the steps of a background or scenario, for every row of its Examples."""
    rows = [row for _, row in block.contexts] if isinstance(block, ScenarioText) else []
    for step in block.steps:
        for said in dict.fromkeys(step.filled(row) for row in rows or [{}]):
            if not (rows and PLACEHOLDER.search(said.text)):  # a placeholder without a column is reported separately
                yield from step_problems(said, path, vocabulary, say)


def step_problems(step: StepText, path: Path, vocabulary: Vocabulary, say: Say) -> Iterator[Problem]:
    """What is wrong with one step whose placeholders are filled."""
    if step.kind is None:
        yield say(step.line, "keyword", f"{step.keyword} has no step before it: begin with Given, When or Then")
        return
    matches = vocabulary.matching(step.kind, step.text, path)
    said = f"{step.kind.title()} {step.text}"
    if not matches:
        yield say(step.line, "undefined", nearness.explained(step.kind, step.text, vocabulary, path))
        return
    if len(matches) > 1:
        places = ", ".join(f'"{match.phrase.text}" ({match.phrase.place})' for match in matches)
        yield say(step.line, "ambiguous", f"{len(matches)} phrases match: {said} - {places}: reword one of them")
        return
    phrase = matches[0].phrase
    if phrase.is_async:
        yield say(step.line, "async", f"the step at {phrase.place} is async and would never be awaited, for: {said}")
    yield from _argument_problems(matches[0], step, say)
    pairs = (
        (phrase.table, step.table, "table", step.table_line),
        (phrase.document, step.document, "doc string", step.document_line),
    )
    for wanted, given, what, line in pairs:
        rule = what.replace(" ", "-")
        if wanted == "required" and given is None:
            yield say(step.line, f"{rule}-missing", f"a {what} is missing under: {said}")
        elif wanted == "refused" and given is not None:
            yield say(line, f"{rule}-unwanted", f"this step takes no {what}: {said}")


def _argument_problems(match: Match, step: StepText, say: Say) -> Iterator[Problem]:
    for argument in match.arguments:
        try:
            _ = argument.value
        except (ValueError, FeatureError) as error:
            yield say(step.line, "argument", f'"{argument.text}" is not a valid {argument.parameter.name}: {error}')


def _outline_problems(scenario: ScenarioText, say: Say) -> Iterator[Problem]:
    if not scenario.is_outline:
        return
    if not scenario.examples:
        yield say(
            scenario.line, "examples", f'the outline "{scenario.name}" has no Examples: add some, or write Scenario:'
        )
        return
    for examples in scenario.examples:
        if not examples.rows:
            yield say(examples.line, "examples", "these Examples have no rows, so nothing is verified")
            continue
        for column, times in Counter(examples.columns).items():
            if times > 1:
                yield say(examples.line, "examples", f"the column {column} occurs {times} times in these Examples")
        yield from _placeholder_problems(scenario, examples.columns, say)
    yield from _repeated_rows(scenario, say)


def _placeholder_problems(scenario: ScenarioText, columns: tuple[str, ...], say: Say) -> Iterator[Problem]:
    places = [(scenario.line, scenario.name), *(text for step in scenario.steps for text in step.texts)]
    for line, text in places:
        for name in PLACEHOLDER.findall(text) if "<" in text else ():
            if name not in columns:
                has = ", ".join(columns)
                yield say(line, "placeholder", f"<{name}> has no column in the Examples, whose columns are {has}")


def _repeated_rows(scenario: ScenarioText, say: Say) -> Iterator[Problem]:
    first: dict[tuple[tuple[str, str], ...], int] = {}
    for line, row in scenario.contexts:
        key = tuple(row.items())
        if key in first:
            yield say(line, "examples", f"this row repeats the row of line {first[key]}")
        first.setdefault(key, line)
