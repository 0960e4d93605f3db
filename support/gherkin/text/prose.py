"""Lines that were meant as steps or titles but that Gherkin reads as a description, so that they would not be run.

Directly below a title Gherkin accepts any line. A step whose keyword is misspelt, marked as a list or followed by a
tab becomes part of the description there, and the scenario passes without it. In the description of a scenario or a
background a step keyword is enough to refuse such a line: written correctly, it would be a step. Elsewhere, and for
words that only resemble a keyword, what follows must resemble a phrase of the vocabulary: prose may say "Given enough
time, every host is charged".
"""

from collections.abc import Iterator
from pathlib import Path

from stocktake.support.gherkin.phrases import KINDS, Vocabulary
from stocktake.support.gherkin.text import keywords, nearness
from stocktake.support.gherkin.text.elements import FeatureText, lines_of
from stocktake.support.gherkin.text.keywords import Beginning

READ_AS_PROSE = "Gherkin reads this line as part of the description, so it is not run"
LONGEST_TITLE_WORD = 4  # words of the longest title keyword


def swallowed(feature: FeatureText, vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    """Line and sentence of each such line of a feature that could be parsed."""
    for n, line, takes_steps in description_lines(feature):
        sentence = _title_sentence(line, feature.language)
        sentence = sentence or _step_sentence(line, feature, vocabulary, takes_steps=takes_steps)
        if sentence:
            yield n, sentence


def description_lines(feature: FeatureText) -> Iterator[tuple[int, str, bool]]:
    """The lines of all descriptions: number, text, and whether steps may follow the title above."""
    lines = lines_of(feature.text)
    for line, description, takes_steps in _descriptions(feature):
        number = line
        for wanted in description.split("\n") if description else ():
            number = next(n for n in range(number + 1, len(lines) + 1) if lines[n - 1].strip() == wanted.strip())
            if wanted.strip():
                yield number, wanted.strip(), takes_steps


def _descriptions(feature: FeatureText) -> Iterator[tuple[int, str, bool]]:
    yield feature.line, feature.description, False
    for rule in feature.rules:
        yield rule.line, rule.description, False
    for background in feature.backgrounds:
        yield background.line, background.description, True
    for scenario in feature.scenarios:
        yield scenario.line, scenario.description, True
        for examples in scenario.examples:
            yield examples.line, examples.description, False


def _title_sentence(line: str, language: str) -> str | None:
    shown = keywords.visible(line)
    title, colon, _ = keywords.with_plain_colon(shown).partition(":")
    if not colon or len(title.split()) > LONGEST_TITLE_WORD:
        return None
    keyword = keywords.nearest_title(shown, language)
    if keyword is None:
        return None
    if line.startswith(f"{keyword}:"):
        return f"{keyword}: is not allowed here: {READ_AS_PROSE}, and neither is what follows"
    return f"{line[: len(title)]}: is not a keyword, so what follows is not run: write {keyword}:"


def _step_sentence(line: str, feature: FeatureText, vocabulary: Vocabulary, *, takes_steps: bool) -> str | None:
    for meant in keywords.beginnings(line, feature.language):
        if meant.how == "foreign":
            certain = _is_said(meant.rest, vocabulary, feature.path)
        elif meant.how == "right" and takes_steps:
            certain = True
        else:
            certain = nearness.resembles(meant.rest, vocabulary, feature.path)
        if certain:
            return f"{READ_AS_PROSE}: {_remedy(meant, feature.language, takes_steps=takes_steps)}"
    if takes_steps and _is_said(keywords.visible(line), vocabulary, feature.path):
        return f"{READ_AS_PROSE}: begin it with {keywords.steps_begin_with(feature.language)}"
    return None


def _is_said(text: str, vocabulary: Vocabulary, path: Path) -> bool:
    return any(vocabulary.matching(kind, text, path) for kind in KINDS)


def _remedy(meant: Beginning, language: str, *, takes_steps: bool) -> str:
    if meant.how == "foreign":
        return f"{meant.keyword} is a keyword of another language; write {keywords.steps_begin_with(language)}"
    if meant.how == "misspelt":
        return f"write {meant.keyword}"
    if not takes_steps:
        return f"write a {keywords.first_title(language, 'scenario')}: above it"
    if meant.marked:
        return f"write {meant.keyword} without a list mark before it"
    return f"write one plain space after {meant.keyword}" + (f", not {meant.odd}" if meant.odd else "")
