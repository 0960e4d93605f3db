"""Feature files as Cucumber Messages describe them: source, syntax tree and pickles (the scenarios as they run).

Ids are the file's address plus a counter, so every process that reads the same file gives the same ids.
"""

import itertools
import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from gherkin.ast_builder import AstBuilder
from gherkin.errors import CompositeParserException, ParserError
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler
from gherkin.stream.id_generator import IdGenerator
from stocktake.support.installation import FEATURES, name_of
from stocktake.support.media_types import GHERKIN

AT_PLACE = re.compile(r"^\(\d+:\d+\): ")


class Ids(IdGenerator):
    """Ids that every reader of the same file agrees on."""

    def __init__(self, prefix: str):
        super().__init__()
        self._prefix = prefix
        self._numbers = itertools.count()

    def get_next_id(self) -> str:
        """The next id; the name is the one gherkin-official asks for."""
        return f"{self._prefix}:{next(self._numbers)}"


def address(path: Path, root: Path) -> str:
    """The name of `path` in reports: relative to `root`, with forward slashes, also from outside of it.

    Installed features have the same names as in a checkout.
    """
    if path.is_relative_to(FEATURES):
        return name_of(path, root)
    try:
        return Path(os.path.relpath(path, root)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


class Document:
    """One feature file, read once; a file that cannot be parsed has `errors` and no pickles."""

    def __init__(self, uri: str, text: str):
        self.uri = uri
        self.text = text
        self.tree: dict[str, Any] = {"comments": [], "uri": uri}
        self.pickles: list[dict[str, Any]] = []
        self.errors: list[tuple[int, str]] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self._places: list[tuple[int, tuple[str, ...]]] = []
        ids = Ids(uri)
        try:
            self.tree = {**Parser(AstBuilder(ids)).parse(text), "uri": uri}
        except CompositeParserException as error:
            self.errors = [parse_error(each) for each in error.errors]
        except ParserError as error:
            self.errors = [parse_error(error)]
        if "feature" in self.tree:
            self.pickles = cast(list[dict[str, Any]], Compiler(ids).compile(cast(Any, self.tree)))
            self._places = sorted(self._walk())
        elif not self.errors:
            self.errors = [(1, "the file has no Feature: begin it with a line such as Feature: Booting a server")]

    @classmethod
    def read(cls, path: Path, root: Path) -> "Document":
        """Read the file at `path`; OSError or UnicodeDecodeError when it cannot be read."""
        return cls(address(path, root), path.read_text(encoding="utf-8-sig"))

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        """The messages that introduce this file."""
        source = {"source": {"uri": self.uri, "data": self.text, "mediaType": GHERKIN}}
        if self.errors:
            return [source, *(parse_error_envelope(self.uri, line, what) for line, what in self.errors)]
        return [source, {"gherkinDocument": self.tree}, *({"pickle": pickle} for pickle in self.pickles)]

    def _walk(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every part of the syntax tree that has an id: its line, and the ids from the outermost part to itself."""
        rest: list[tuple[Any, tuple[str, ...]]] = [(self.tree, ())]
        while rest:
            node, above = rest.pop()
            if isinstance(node, list):
                rest.extend((each, above) for each in node)
            elif isinstance(node, dict):
                if "id" in node:
                    above = (*above, node["id"])
                    yield node["location"]["line"], above
                    self.nodes[node["id"]] = node
                rest.extend((value, above) for value in node.values() if isinstance(value, dict | list))

    def pickles_at(self, line: int) -> list[dict[str, Any]]:
        """The scenarios that `line` belongs to; none for parts of the feature or a rule as a whole."""
        standing = [ids for at, ids in self._places if at <= line]
        for node in reversed(standing[-1] if standing else ()):
            owners = [pickle for pickle in self.pickles if node in self._parts(pickle)]
            if owners:
                return owners
        return []

    def _parts(self, pickle: dict[str, Any]) -> set[str]:
        steps = {node for step in pickle["steps"] for node in step["astNodeIds"]}
        return steps | set(pickle["astNodeIds"]) | {tag["astNodeId"] for tag in pickle["tags"]}

    def step_line(self, line: int) -> int:
        """The line of the step that the table or doc string at `line` belongs to; else `line` itself."""
        standing = [ids for at, ids in self._places if at <= line]
        for node in reversed(standing[-1] if standing else ()):
            if "keywordType" in self.nodes[node]:
                return self.line_of(node)
        return line

    @cached_property
    def _by_line(self) -> dict[int, list[dict[str, Any]]]:
        found: dict[int, list[dict[str, Any]]] = {}
        for pickle in self.pickles:
            found.setdefault(self.line_of(pickle["astNodeIds"][0]), []).append(pickle)
        return found

    def line_of(self, node_id: str) -> int:
        """The line (from 1) of a part of the syntax tree."""
        line: int = self.nodes[node_id]["location"]["line"]
        return line

    def pickle(self, line: int, row: int | None) -> dict[str, Any] | None:
        """The scenario whose title is at `line`; of an outline, its `row`-th example (from 0)."""
        pickles = self._by_line.get(line, [])
        index = row or 0
        return pickles[index] if index < len(pickles) else None

    def pickle_named(self, name: str) -> dict[str, Any] | None:
        """The scenario a pytest node id ends with: its title, followed by an outline's row in brackets."""
        for pickle in self.pickles:
            scenario, *row = (self.nodes[node] for node in pickle["astNodeIds"])
            suffix = f"[{'-'.join(cell['value'] for cell in row[0]['cells'])}]" if row else ""
            if name == scenario["name"] + suffix:
                return pickle
        return None


def parse_error(error: ParserError) -> tuple[int, str]:
    """Line and sentence of a syntax error."""
    location = getattr(error, "location", None) or {}
    return int(location.get("line", 1)), AT_PLACE.sub("", str(error))


def parse_error_envelope(uri: str, line: int, message: str) -> dict[str, Any]:
    """The message that says a file could not be used."""
    return {"parseError": {"source": {"uri": uri, "location": {"line": line}}, "message": message}}
