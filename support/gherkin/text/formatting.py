"""The layout of a feature: that of the editor's Format Document, which uses @cucumber/gherkin-utils.

Two spaces a level, one empty line before each element, tables aligned with numbers to the right. Comments keep their
own indentation and remain before the element that they precede; descriptions are unchanged. Tests compare this module
with the npm package, peculiarities included (a comment is followed by the empty line, not preceded by it), with one
exception: a comment between the rows of a table stays there, whereas the package moves it below the table.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gherkin.errors import ParserError
from gherkin.parser import Parser
from stocktake.support.errors import FeatureError

NUMBER = re.compile(r"\s*[+-]?(?:Infinity|[0-9]|[.][0-9])")  # what JavaScript's parseFloat begins to read
WIDE = re.compile(r"[\u3000-\u9fff\uac00-\ud7af\uff01-\uff60]")  # drawn two columns wide
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "|": "\\|"})
FENCES = {'"""': '\\"\\"\\"', "```": "\\`\\`\\`"}

Node = Mapping[str, Any]


def formatted(text: str) -> str:
    """The feature in `text` with the standard layout; FeatureError when it cannot be parsed."""
    try:
        return laid_out(parsed(text))
    except ParserError as error:
        raise FeatureError(f"only a feature without syntax errors can be formatted: {error}") from None


def laid_out(ast: Node) -> str:
    """The formatted text of a parsed feature."""
    return "".join(f"{line}\n" for line in _Layout(ast).lines())


def parsed(text: str) -> Node:
    """The AST of `text`, whatever its line ends."""
    ast: Node = Parser().parse(text.replace("\r\n", "\n"))
    return ast


def same_meaning(one: str, other: str) -> bool:
    """Whether two texts differ only in layout: same elements, words, cells and comments in the same order."""
    return _bare(parsed(one)) == _bare(parsed(other))


def _bare(node: Any) -> Any:
    """An AST without places and ids."""
    if isinstance(node, list):
        return [_bare(each) for each in node]
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key not in ("location", "id")}
    return node


class _Layout:
    """Writes one document, with each comment before the element that it precedes."""

    def __init__(self, ast: Node):
        self.feature: Node | None = ast.get("feature")
        self.comments: list[Node] = list(ast["comments"])

    def lines(self) -> Iterator[str]:
        if self.feature is not None:
            yield from self._comments_before(self.feature)
            if self.feature["language"] != "en":
                yield f"# language: {self.feature['language']}"
            yield from _heading(self.feature, 0)
            for child in self.feature["children"]:
                yield from self._rule(child["rule"]) if "rule" in child else self._block(child, 1)
        yield from (comment["text"] for comment in self.comments)

    def _rule(self, rule: Node) -> Iterator[str]:
        yield from self._comments_before(rule)
        yield from _heading(rule, 1)
        for child in rule["children"]:
            yield from self._block(child, 2)

    def _block(self, child: Node, level: int) -> Iterator[str]:
        block = child.get("background") or child["scenario"]
        yield from self._comments_before(block)
        yield from _heading(block, level)
        for step in block["steps"]:
            yield from self._comments_before(step)
            yield f"{_indent(level + 1)}{step['keyword']}{step['text']}"
            if "docString" in step:
                yield from self._comments_before(step["docString"])
                yield from _document(step["docString"], level + 2)
            if "dataTable" in step:
                yield from self._table(step["dataTable"]["rows"], level + 2)
        for examples in block.get("examples", ()):
            yield from self._comments_before(examples)
            yield from _heading(examples, level + 1)
            if "tableHeader" in examples:
                yield from self._table([examples["tableHeader"], *examples["tableBody"]], level + 2)

    def _table(self, rows: Sequence[Node], level: int) -> Iterator[str]:
        """The rows of a table, aligned, with the comments that stand between them."""
        for row, line in zip(rows, _aligned_rows(rows), strict=True):
            yield from self._comments_before(row)
            yield _indent(level) + line

    def _comments_before(self, node: Node) -> Iterator[str]:
        while self.comments and self.comments[0]["location"]["line"] < node["location"]["line"]:
            yield self.comments.pop(0)["text"]


def _indent(level: int) -> str:
    return "  " * level


def _heading(node: Node, level: int) -> Iterator[str]:
    """The tags, keyword, title and description of a feature, rule, background, scenario or Examples."""
    if level > 0:
        yield ""
    if node.get("tags"):
        yield _indent(level) + " ".join(tag["name"] for tag in node["tags"])
    yield f"{_indent(level)}{node['keyword']}:" + (f" {node['name']}" if node["name"] else "")
    if node["description"]:
        yield from node["description"].split("\n")
        if node.get("steps"):
            yield ""


def _document(document: Node, level: int) -> Iterator[str]:
    fence = document["delimiter"][:3]
    yield f"{_indent(level)}{fence}{document.get('mediaType', '')}"
    for line in document["content"].split("\n"):
        yield _indent(level) + line.replace(fence, FENCES[fence])
    yield _indent(level) + fence


def _aligned_rows(rows: Sequence[Node]) -> Iterator[str]:
    texts = [[cell["value"].translate(ESCAPES) for cell in row["cells"]] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        cells = [_aligned(text, width) for text, width in zip(row, widths, strict=True)]
        yield f"| {' | '.join(cells)} |"


def _aligned(text: str, width: int) -> str:
    space = " " * (width - _width(text))
    return space + text if NUMBER.match(text) else text + space


def _width(text: str) -> int:
    return len(text) + len(WIDE.findall(text))
