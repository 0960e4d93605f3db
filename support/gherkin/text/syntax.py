"""What prevents a feature file from being parsed, described so that the remedy is clear."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from gherkin.errors import ParserException
from stocktake.support.gherkin.text.elements import lines_of
from stocktake.support.gherkin.text.keywords import (
    dialect,
    first_title,
    language_of,
    nearest_keyword,
    step_keywords,
    steps_begin_with,
)
from stocktake.support.gherkin.text.problems import Problem

OUT_OF_PLACE = {
    "feature": "a file contains one Feature: move this one to its own file",
    "background": "a Feature or Rule has at most one Background, before its first scenario",
    "examples": "Examples belong below the steps of a Scenario Outline",
}


def syntax_problems(path: Path, text: str, errors: Sequence[ParserException]) -> Iterator[Problem]:
    """What the parser rejected, in plain words; only the first error when a missing Feature caused the rest."""
    lines, language = lines_of(text), language_of(text)
    for error in errors:
        line = min(error.location["line"], max(len(lines), 1))
        message = str(error).partition(": ")[2]
        said = lines[line - 1].strip() if lines else ""
        yield Problem(path, line, "syntax", syntax_sentence(message, said, language))
        if "#FeatureLine" in message:
            return


def syntax_sentence(message: str, line: str, language: str = "en") -> str:
    """The parser's `message` about `line`, reworded so that the remedy is clear."""
    if "cell count" in message:
        return f"this row does not have as many cells as the first row of its table: {line}"
    if "whitespace" in message:
        return f"a tag is one word that begins with @, and tags are separated by spaces: {line}"
    if message.startswith("Language not supported"):
        return f"{message}: remove the language line for English"
    if message.startswith("unexpected end of file"):
        if "#DocStringSeparator" in message and "#StepLine" not in message:
            return "the file ends inside a doc string: close it with the marks that opened it"
        return "the file ends after a tag: tags belong above a Feature, Rule, Scenario or Examples"
    return _unexpected(line, language, starts_file="#FeatureLine" in message)


def _unexpected(line: str, language: str, *, starts_file: bool) -> str:
    keyword = nearest_keyword(line, language)
    words = dialect(language)
    if starts_file:
        hint = f" - did you mean: {keyword}" if keyword in words["feature"] else ""
        return f"the file begins with {first_title(language, 'feature')}: and a title, not with: {line}{hint}"
    if keyword and not line.startswith((keyword + ":", keyword + " ")):
        return f"this line does not begin with a keyword: {line} - did you mean: {keyword}"
    sentences = {
        "|": "this table row has no step or Examples above it",
        "@": "tags belong directly above a Feature, Rule, Scenario or Examples",
        '"""': "this doc string has no step above it",
        **{f"{word}:": OUT_OF_PLACE[kind] for kind in OUT_OF_PLACE for word in words[kind]},
        **dict.fromkeys(step_keywords(language), "steps belong in a Background or Scenario, before its Examples"),
    }
    for start, sentence in sentences.items():
        if line.startswith(start):
            return f"{sentence}: {line}"
    return f"this line is neither a title nor a step: {line} - steps begin with {steps_begin_with(language)}"
