"""A feature as written: all of its elements, each with its line.

pytest-bdd keeps scenarios in a dictionary by name, drops Examples names and forgets which step came from a background.
A line is what Gherkin and editors call one: it ends with LF or CR LF. The other characters at which `str.splitlines`
breaks (U+2028, U+0085, form feed, ...) are ordinary characters of a line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stocktake.support.gherkin.phrases import Kind
from stocktake.support.gherkin.text.keywords import outline_keywords
from stocktake.support.gherkin.text.problems import Problem

PLACEHOLDER = re.compile(r"<([^<>]+)>")

Table = tuple[tuple[str, ...], ...]


def lines_of(text: str) -> list[str]:
    """The lines of `text` without their ends, as an editor numbers them (the first is number 1)."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


@dataclass(frozen=True)
class Tag:
    """A tag without its @."""

    name: str
    line: int


@dataclass(frozen=True)
class StepText:
    """One step; `kind` is None for an And, But or * that has no step before it to continue."""

    line: int
    keyword: str
    kind: Kind | None
    text: str
    table: Table | None = None
    table_line: int = 0
    document: str | None = None
    document_line: int = 0
    media_type: str = ""

    def filled(self, row: Mapping[str, str]) -> "StepText":
        """The step with one row of the Examples filled in; placeholders without a column are unchanged."""
        if not row or "<" not in self.text + (self.document or "") + str(self.table):
            return self
        return StepText(
            self.line,
            self.keyword,
            self.kind,
            filled(self.text, row),
            self.table and tuple(tuple(filled(cell, row) for cell in cells) for cells in self.table),
            self.table_line,
            self.document and filled(self.document, row),
            self.document_line,
            self.media_type,
        )

    @property
    def texts(self) -> Iterator[tuple[int, str]]:
        """Every text in which a placeholder is filled, with its line."""
        yield self.line, self.text
        for n, cells in enumerate(self.table or ()):
            for cell in cells:
                yield self.table_line + n, cell
        if self.document is not None:
            yield self.document_line, self.document


@dataclass(frozen=True)
class ExamplesText:
    """One Examples table; `rows` pairs a line with its cells."""

    line: int
    name: str
    tags: tuple[Tag, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    description: str = ""

    @property
    def contexts(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row's line and its values by column."""
        for line, cells in self.rows:
            yield line, dict(zip(self.columns, cells, strict=True))


@dataclass(frozen=True)
class BackgroundText:
    """Steps that run before each scenario of the feature or of one rule."""

    line: int
    description: str
    steps: tuple[StepText, ...]


@dataclass(frozen=True)
class RuleText:
    """A rule, which its scenarios illustrate."""

    line: int
    name: str
    tags: tuple[Tag, ...]
    description: str
    background: BackgroundText | None


@dataclass(frozen=True)
class ScenarioText:
    """One scenario or outline; `first` and `last` are the lines it occupies, tags and comments above included."""

    line: int
    first: int
    last: int
    keyword: str
    name: str
    tags: tuple[Tag, ...]
    description: str
    steps: tuple[StepText, ...]
    examples: tuple[ExamplesText, ...]
    rule: RuleText | None

    @property
    def is_outline(self) -> bool:
        """Whether it is meant to run once per row of Examples."""
        return bool(self.examples) or self.keyword in outline_keywords()

    @property
    def contexts(self) -> list[tuple[int, dict[str, str]]]:
        """Line and values of every row of all Examples; empty for a plain scenario."""
        return [context for examples in self.examples for context in examples.contexts]


@dataclass(frozen=True)
class FeatureText:
    """A feature file, or the problems that prevent it from being read."""

    path: Path
    text: str
    problems: tuple[Problem, ...] = ()
    line: int = 1
    name: str = ""
    tags: tuple[Tag, ...] = ()
    description: str = ""
    background: BackgroundText | None = None
    rules: tuple[RuleText, ...] = ()
    scenarios: tuple[ScenarioText, ...] = ()
    ast: Mapping[str, Any] = field(default_factory=dict, repr=False)
    language: str = "en"

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(lines_of(self.text))

    @property
    def backgrounds(self) -> tuple[BackgroundText, ...]:
        """The feature's background, then those of its rules."""
        found = [self.background, *(rule.background for rule in self.rules)]
        return tuple(background for background in found if background)

    def steps_of(self, scenario: ScenarioText) -> tuple[StepText, ...]:
        """All steps in running order: the feature's background, the rule's, the scenario's own."""
        backgrounds = [self.background, scenario.rule.background if scenario.rule else None]
        return (*(step for b in backgrounds if b for step in b.steps), *scenario.steps)


def filled(text: str, row: Mapping[str, str]) -> str:
    """`text` with each <column> replaced by its value; a placeholder without a column is unchanged."""
    return PLACEHOLDER.sub(lambda found: row.get(found[1], found[0]), text) if "<" in text else text
