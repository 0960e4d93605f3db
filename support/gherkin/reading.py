"""A feature file as written: every element with its line, and what makes it unreadable said in one sentence.

pytest-bdd keeps scenarios in a dictionary by name, drops Examples names and forgets which step came from a
background. Here nothing is lost, and each file is read and parsed once, for checking and for running.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from gherkin.errors import ParserError, ParserException
from gherkin.parser import Parser
from pytest_bdd.feature import features as pytest_bdd_features
from pytest_bdd.gherkin_parser import GherkinDocument
from pytest_bdd.parser import Feature, FeatureParser
from pytest_bdd.types import STEP_TYPE_BY_PARSER_KEYWORD
from stocktake.support.gherkin.phrases import Kind
from stocktake.support.gherkin.problems import Problem

STEP_KEYWORDS = ("Given", "When", "Then", "And", "But")
TITLE_KEYWORDS = ("Feature", "Rule", "Background", "Scenario", "Scenario Outline", "Examples")
PLACEHOLDER = re.compile(r"<([^<>]+)>")

Table = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Tag:
    """A tag without its @."""

    name: str
    line: int


@dataclass(frozen=True)
class Step:
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

    def filled(self, row: Mapping[str, str]) -> "Step":
        """The step as one row of the Examples says it; placeholders without a column stay."""
        if not row or "<" not in self.text + (self.document or "") + str(self.table):
            return self
        return Step(
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
class Examples:
    """One Examples table; `rows` pairs a line with its cells."""

    line: int
    name: str
    tags: tuple[Tag, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def contexts(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row's line and its values by column."""
        for line, cells in self.rows:
            yield line, dict(zip(self.columns, cells, strict=True))


@dataclass(frozen=True)
class Background:
    """Steps done before each scenario of the feature or of one rule."""

    line: int
    description: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Rule:
    """A law, of which its scenarios are examples."""

    line: int
    name: str
    tags: tuple[Tag, ...]
    description: str
    background: Background | None


@dataclass(frozen=True)
class Scenario:
    """One scenario or outline; `first` and `last` are the lines it occupies, tags and comments above included."""

    line: int
    first: int
    last: int
    keyword: str
    name: str
    tags: tuple[Tag, ...]
    description: str
    steps: tuple[Step, ...]
    examples: tuple[Examples, ...]
    rule: Rule | None

    @property
    def is_outline(self) -> bool:
        """Whether it is meant to run once per row of Examples."""
        return bool(self.examples) or self.keyword in ("Scenario Outline", "Scenario Template")

    @property
    def contexts(self) -> list[tuple[int, dict[str, str]]]:
        """Line and values of every row of all Examples; empty for a plain scenario."""
        return [context for examples in self.examples for context in examples.contexts]


@dataclass(frozen=True)
class FeatureText:
    """A feature file, or the problems that keep it from being read as one."""

    path: Path
    text: str
    problems: tuple[Problem, ...] = ()
    line: int = 1
    name: str = ""
    tags: tuple[Tag, ...] = ()
    description: str = ""
    background: Background | None = None
    rules: tuple[Rule, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    ast: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    @property
    def backgrounds(self) -> tuple[Background, ...]:
        """The feature's background, then those of its rules."""
        found = [self.background, *(rule.background for rule in self.rules)]
        return tuple(background for background in found if background)

    def steps_of(self, scenario: Scenario) -> tuple[Step, ...]:
        """All steps in running order: the feature's background, the rule's, the scenario's own."""
        backgrounds = [self.background, scenario.rule.background if scenario.rule else None]
        return (*(step for b in backgrounds if b for step in b.steps), *scenario.steps)

    def for_pytest_bdd(self) -> Feature:
        """The same file as pytest-bdd's Feature, registered so that pytest-bdd does not parse it again."""
        key = str(self.path)
        feature = _Parsed(self).parse()
        pytest_bdd_features[key] = feature
        return feature


class _Parsed(FeatureParser):
    """pytest-bdd's parser over a document that is parsed already."""

    def __init__(self, feature: FeatureText):
        super().__init__(str(feature.path.parent), feature.path.name)
        self.ast = feature.ast

    def _parse_feature_file(self) -> GherkinDocument:
        return GherkinDocument.from_dict(self.ast)


_read: dict[Path, tuple[tuple[int, int], FeatureText]] = {}


def read_feature(path: Path) -> FeatureText:
    """Read the file at `path` once for every state it has on disk; never raises for what the file contains."""
    path = path.absolute()
    try:
        state = path.stat()
        stamp = state.st_mtime_ns, state.st_size
        if path not in _read or _read[path][0] != stamp:
            _read[path] = stamp, parsed(path, path.read_bytes())
        return _read[path][1]
    except OSError as error:
        return unreadable(path, "", 1, "file", f"the file cannot be read: {error.strerror}")


def unreadable(path: Path, text: str, line: int, rule: str, sentence: str) -> FeatureText:
    """A file of which nothing but one problem is known."""
    return FeatureText(path, text, (Problem(path, line, rule, sentence),))


def parsed(path: Path, content: bytes) -> FeatureText:
    """The feature in `content`, which stands at `path`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        odd = content[error.start]
        return unreadable(path, "", line, "encoding", f"byte 0x{odd:02x} is not UTF-8: save the file as UTF-8")
    try:
        ast = Parser().parse(text.replace("\r\n", "\n"))
    except ParserError as error:  # one of an unknown language comes alone
        errors = getattr(error, "errors", [error])
        return FeatureText(path, text, tuple(syntax_problems(path, text, errors)))
    if "feature" not in ast:
        what = "has no Feature" if text.strip() else "is empty"
        return unreadable(path, text, 1, "syntax", f"the file {what}: it begins with Feature: and a title")
    return _feature(path, text, ast)


def _feature(path: Path, text: str, ast: Any) -> FeatureText:
    top = ast["feature"]
    lines = text.split("\n")
    last = len(text.splitlines())
    background: Background | None = None
    rules: list[Rule] = []
    found: list[tuple[Any, Rule | None]] = []  # the scenarios' nodes, each with its rule
    heads: list[int] = []  # first lines of rules, which end the scenario above
    for child in top["children"]:
        if "background" in child:
            background = _background(child["background"])
        elif "scenario" in child:
            found.append((child["scenario"], None))
        else:
            rule = _rule(child["rule"])
            rules.append(rule)
            heads.append(_first_line(rule.line, rule.tags, lines))
            found += [(inner["scenario"], rule) for inner in child["rule"]["children"] if "scenario" in inner]
    firsts = [_first_line(node["location"]["line"], _tags(node), lines) for node, _ in found]
    starts = sorted([*heads, *firsts, last + 1])
    scenarios = tuple(
        _scenario(node, rule, first, next(start for start in starts if start > first) - 1)
        for (node, rule), first in zip(found, firsts, strict=True)
    )
    return FeatureText(
        path,
        text,
        line=top["location"]["line"],
        name=top["name"],
        tags=_tags(top),
        description=top["description"],
        background=background,
        rules=tuple(rules),
        scenarios=scenarios,
        ast=ast,
    )


def _first_line(line: int, tags: Sequence[Tag], lines: Sequence[str]) -> int:
    """The first of the tags and comments above `line`; the formatter puts an empty line below a comment."""
    first = min([line, *(tag.line for tag in tags)])
    for above in range(first - 1, 0, -1):
        text = lines[above - 1].strip()
        if text.startswith("#"):
            first = above
        elif text:
            break
    return first


def _tags(node: Mapping[str, Any]) -> tuple[Tag, ...]:
    return tuple(Tag(tag["name"].removeprefix("@"), tag["location"]["line"]) for tag in node["tags"])


def _background(node: Mapping[str, Any]) -> Background:
    return Background(node["location"]["line"], node["description"], _steps(node["steps"]))


def _rule(node: Mapping[str, Any]) -> Rule:
    backgrounds = [_background(child["background"]) for child in node["children"] if "background" in child]
    return Rule(
        node["location"]["line"],
        node["name"],
        _tags(node),
        node["description"],
        backgrounds[0] if backgrounds else None,
    )


def _scenario(node: Mapping[str, Any], rule: Rule | None, first: int, last: int) -> Scenario:
    return Scenario(
        node["location"]["line"],
        first,
        last,
        node["keyword"],
        node["name"],
        _tags(node),
        node["description"],
        _steps(node["steps"]),
        tuple(_examples(examples) for examples in node["examples"]),
        rule,
    )


def _examples(node: Mapping[str, Any]) -> Examples:
    return Examples(
        node["location"]["line"],
        node["name"],
        _tags(node),
        _cells(node["tableHeader"]) if "tableHeader" in node else (),
        tuple((row["location"]["line"], _cells(row)) for row in node.get("tableBody", ())),
    )


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(cell["value"] for cell in row["cells"])


def _steps(nodes: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    kind: Kind | None = None
    steps = []
    for node in nodes:
        kind = cast("Kind | None", STEP_TYPE_BY_PARSER_KEYWORD.get(node["keywordType"], kind))
        table, document = node.get("dataTable"), node.get("docString")
        steps.append(
            Step(
                node["location"]["line"],
                node["keyword"].strip(),
                kind,
                node["text"],
                tuple(_cells(row) for row in table["rows"]) if table else None,
                table["location"]["line"] if table else 0,
                document["content"] if document else None,
                document["location"]["line"] if document else 0,
                document.get("mediaType", "") if document else "",
            )
        )
    return tuple(steps)


def filled(text: str, row: Mapping[str, str]) -> str:
    """`text` with each <column> replaced by its value; a placeholder without a column stays as it is."""
    return PLACEHOLDER.sub(lambda found: row.get(found[1], found[0]), text) if "<" in text else text


def syntax_problems(path: Path, text: str, errors: Sequence[ParserException]) -> Iterator[Problem]:
    """What the parser refused, in the words of the reader; only the first when a missing Feature caused the rest."""
    lines = text.splitlines()
    for error in errors:
        line = min(error.location["line"], max(len(lines), 1))
        message = str(error).partition(": ")[2]
        yield Problem(path, line, "syntax", syntax_sentence(message, lines[line - 1].strip() if lines else ""))
        if "#FeatureLine" in message:
            return


def syntax_sentence(message: str, line: str) -> str:
    """The parser's `message` about `line`, said so that the remedy is plain."""
    if "cell count" in message:
        return f"this row has not as many cells as the first of its table: {line}"
    if "whitespace" in message:
        return f"a tag is one word, and tags are separated by one space and an @ each: {line}"
    if message.startswith("Language not supported"):
        return f"{message}: leave the language line out for English"
    if message.startswith("unexpected end of file"):
        if "#DocStringSeparator" in message and "#StepLine" not in message:
            return "the file ends inside a doc string: close it with the marks that opened it"
        return "the file ends after a tag: tags stand above a Feature, Rule, Scenario or Examples"
    return _unexpected(line, starts_file="#FeatureLine" in message)


def _unexpected(line: str, *, starts_file: bool) -> str:
    keyword = nearest_keyword(line)
    if starts_file:
        hint = " - did you mean: Feature" if keyword == "Feature" else ""
        return f"the file begins with Feature: and a title, not with: {line}{hint}"
    if keyword and not line.startswith((keyword + ":", keyword + " ")):
        return f"no keyword begins this line: {line} - did you mean: {keyword}"
    sentences = {
        "|": "a table row stands here without a step or Examples above it",
        "@": "tags stand directly above a Feature, Rule, Scenario or Examples",
        '"""': "a doc string stands here without a step above it",
        "Feature:": "a file holds one Feature: move this one to a file of its own",
        "Background:": "a Background stands once, before the first scenario of its Feature or Rule",
        "Examples:": "Examples stand under the steps of a Scenario Outline",
        **{f"{word} ": "a step stands in a Background or Scenario, before its Examples" for word in STEP_KEYWORDS},
    }
    for start, sentence in sentences.items():
        if line.startswith(start):
            return f"{sentence}: {line}"
    return f"neither a keyword nor a step begins this line: {line} - steps begin with {', '.join(STEP_KEYWORDS)}"


def nearest_keyword(line: str) -> str | None:
    """The keyword that `line` begins with or nearly begins with; for a title the colon counts."""
    title, colon, _ = line.partition(":")
    if colon:
        near = difflib.get_close_matches(title.strip().title(), TITLE_KEYWORDS, n=1, cutoff=0.75)
        if near:
            return near[0]
    word = line.partition(" ")[0].rstrip(":,").title()
    near = difflib.get_close_matches(word, (*STEP_KEYWORDS, *TITLE_KEYWORDS), n=1, cutoff=0.7)
    return near[0] if near else None
