"""A feature file, read and parsed once, for checking and for running."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from gherkin.errors import ParserError
from gherkin.parser import Parser
from pytest_bdd.feature import features as pytest_bdd_features
from pytest_bdd.gherkin_parser import GherkinDocument
from pytest_bdd.parser import Feature, FeatureParser
from pytest_bdd.types import STEP_TYPE_BY_PARSER_KEYWORD
from stocktake.support.gherkin.phrases import Kind
from stocktake.support.gherkin.text.elements import (
    BackgroundText,
    ExamplesText,
    FeatureText,
    RuleText,
    ScenarioText,
    StepText,
    Tag,
    lines_of,
)
from stocktake.support.gherkin.text.problems import Problem
from stocktake.support.gherkin.text.syntax import syntax_problems

STRAY_RETURN = re.compile(r"\r(?!\n)")  # editors begin a new line there, but Gherkin does not


class _Parsed(FeatureParser):
    """pytest-bdd's parser over an already parsed document."""

    def __init__(self, feature: FeatureText):
        super().__init__(str(feature.path.parent), feature.path.name)
        self.ast = feature.ast

    def _parse_feature_file(self) -> GherkinDocument:
        return GherkinDocument.from_dict(self.ast)


def for_pytest_bdd(feature: FeatureText) -> Feature:
    """The same file as pytest-bdd's Feature, registered so that pytest-bdd does not parse it again."""
    made = _Parsed(feature).parse()
    pytest_bdd_features[str(feature.path)] = made
    return made


_read: dict[Path, tuple[tuple[int, int], FeatureText]] = {}


def read_feature(path: Path) -> FeatureText:
    """Read the file at `path`, once for each version of it on disk; never raises for its content."""
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
    """A file that cannot be read, with its one problem."""
    return FeatureText(path, text, (Problem(path, line, rule, sentence),))


def parsed(path: Path, content: bytes) -> FeatureText:
    """The feature in `content`, the content of `path`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        odd = content[error.start]
        return unreadable(path, "", line, "encoding", f"byte 0x{odd:02x} is not UTF-8: save the file as UTF-8")
    if (stray := STRAY_RETURN.search(text)) is not None:
        line = text.count("\n", 0, stray.start()) + 1
        return unreadable(path, text, line, "line-end", "a carriage return alone does not end a line: save it with LF")
    try:
        ast = Parser().parse(text.replace("\r\n", "\n"))
    except ParserError as error:  # an unknown language is the only error
        errors = getattr(error, "errors", [error])
        return FeatureText(path, text, tuple(syntax_problems(path, text, errors)))
    if "feature" not in ast:
        what = "has no Feature" if text.strip() else "is empty"
        return unreadable(path, text, 1, "syntax", f"the file {what}: it begins with Feature: and a title")
    return _feature(path, text, ast)


def _feature(path: Path, text: str, ast: Any) -> FeatureText:
    top = ast["feature"]
    lines = lines_of(text)
    last = len(lines)
    background: BackgroundText | None = None
    rules: list[RuleText] = []
    found: list[tuple[Any, RuleText | None]] = []  # the scenarios' nodes, each with its rule
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
        language=top["language"],
    )


def _first_line(line: int, tags: Sequence[Tag], lines: Sequence[str]) -> int:
    """The first line of the tags and comments above `line`; the formatter puts an empty line below a comment."""
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


def _background(node: Mapping[str, Any]) -> BackgroundText:
    return BackgroundText(node["location"]["line"], node["description"], _steps(node["steps"]))


def _rule(node: Mapping[str, Any]) -> RuleText:
    backgrounds = [_background(child["background"]) for child in node["children"] if "background" in child]
    return RuleText(
        node["location"]["line"],
        node["name"],
        _tags(node),
        node["description"],
        backgrounds[0] if backgrounds else None,
    )


def _scenario(node: Mapping[str, Any], rule: RuleText | None, first: int, last: int) -> ScenarioText:
    return ScenarioText(
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


def _examples(node: Mapping[str, Any]) -> ExamplesText:
    return ExamplesText(
        node["location"]["line"],
        node["name"],
        _tags(node),
        _cells(node["tableHeader"]) if "tableHeader" in node else (),
        tuple((row["location"]["line"], _cells(row)) for row in node.get("tableBody", ())),
        node["description"],
    )


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(cell["value"] for cell in row["cells"])


def _steps(nodes: Sequence[Mapping[str, Any]]) -> tuple[StepText, ...]:
    kind: Kind | None = None
    steps = []
    for node in nodes:
        kind = cast("Kind | None", STEP_TYPE_BY_PARSER_KEYWORD.get(node["keywordType"], kind))
        table, document = node.get("dataTable"), node.get("docString")
        steps.append(
            StepText(
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
