"""Features as written, from the syntax tree and the pickles of a Gherkin document (of a stream or of a file)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stocktake.support.errors import ConfigurationError
from stocktake.support.reporting.model import Examples, Feature, Outline, Rule, Run, Scenario, Step, Table, id_in
from stocktake.support.reporting.writing.documents import Document

NOT_IN_ANCHORS = re.compile(r"[^\w]+")
Node = Mapping[str, Any]


class Anchors:
    """Unique names for links, derived from titles, so that they are the same in every run."""

    def __init__(self, prefix: str):
        self._prefix = prefix
        self._given: Counter[str] = Counter()

    def __call__(self, *words: str) -> str:
        """An anchor from the file's name and these words."""
        return self.once(self._prefix, *words)

    def once(self, start: str, *words: str) -> str:
        """An unused anchor that begins with `start`; for a stable id, the id itself."""
        slug = "-".join(filter(None, (NOT_IN_ANCHORS.sub("-", word).strip("-").lower() for word in words)))
        anchor = f"{start}.{slug}" if slug else start
        self._given[anchor] += 1
        return anchor if self._given[anchor] == 1 else f"{anchor}.{self._given[anchor]}"


class Reader:
    """Builds the Feature of one document."""

    def __init__(self, tree: Node, pickles: Iterable[Node]):
        self._tree, self._uri = tree, tree["uri"]
        stem = self._uri.removesuffix(".feature").removeprefix("features/")
        self._anchor = Anchors(NOT_IN_ANCHORS.sub("-", stem).strip("-").lower() or "feature")
        self._steps: dict[str, Node] = {}
        self._pickles: dict[str, list[Node]] = {}
        self.by_pickle: dict[str, Scenario] = {}
        for pickle in pickles:
            self._pickles.setdefault(pickle["astNodeIds"][0], []).append(pickle)
        self._comments = {c["location"]["line"]: c["text"].strip() for c in tree.get("comments", ())}

    def feature(self) -> Feature:
        """The whole feature; scenarios outside of a Rule come first, in a rule without a name."""
        top = self._tree["feature"]
        anchor = self._anchor()
        children = top["children"]
        background = self._background(children)
        loose = self._parts(children, "", background)
        rules = [Rule("", f"{anchor}.", "", (), (), loose)] if loose else []
        rules += [self._rule(child["rule"], background) for child in children if "rule" in child]
        return Feature(
            uri=self._uri,
            anchor=anchor,
            name=top["name"] or self._uri,
            description=dedented(top.get("description", "")),
            tags=tags(top),
            background=background,
            rules=tuple(rules),
        )

    def _rule(self, node: Node, above: tuple[Step, ...]) -> Rule:
        own = self._background(node["children"])
        parts = self._parts(node["children"], node["name"], above + own)
        description = dedented(node.get("description", ""))
        return Rule(node["name"], self._anchor("rule", node["name"]), description, tags(node), own, parts)

    def _background(self, children: Sequence[Node]) -> tuple[Step, ...]:
        found = [step for child in children if "background" in child for step in child["background"]["steps"]]
        self._steps.update((step["id"], step) for step in found)
        return tuple(written(step) for step in found)

    def _parts(
        self, children: Sequence[Node], rule: str, background: tuple[Step, ...]
    ) -> tuple[Scenario | Outline, ...]:
        return tuple(self._part(child["scenario"], rule, background) for child in children if "scenario" in child)

    def _part(self, node: Node, rule: str, background: tuple[Step, ...]) -> Scenario | Outline:
        self._steps.update((step["id"], step) for step in node["steps"])
        pickles = self._pickles.get(node["id"], [])
        start = id_in(tags(node))
        anchor = self._anchor.once(start) if start else self._anchor(node["name"])
        comments = tuple(self._comments_above(node))
        if not node.get("examples"):
            return self._scenario(node, pickles[0] if pickles else None, rule, background, anchor, (), comments)
        by_row = {pickle["astNodeIds"][-1]: pickle for pickle in pickles}
        tables = []
        for examples in node["examples"]:
            rows = []
            for row in examples.get("tableBody", ()):
                values = cells(row)
                if row["id"] in by_row:
                    value = "-".join(values)
                    of_row = self._anchor.once(start, value) if start else self._anchor(node["name"], value)
                    found = self._scenario(node, by_row[row["id"]], rule, background, of_row, values, ())
                    rows.append((values, found))
            header = cells(examples["tableHeader"]) if "tableHeader" in examples else ()
            tables.append(Examples(examples["name"], tags(examples), header, tuple(rows)))
        description, steps = dedented(node.get("description", "")), tuple(written(step) for step in node["steps"])
        return Outline(anchor, node["name"], description, tags(node), steps, tuple(tables), comments)

    def _scenario(
        self,
        node: Node,
        pickle: Node | None,
        rule: str,
        background: tuple[Step, ...],
        anchor: str,
        row: tuple[str, ...],
        comments: tuple[str, ...],
    ) -> Scenario:
        name = pickle["name"] if pickle else node["name"]
        steps = [filled(self._steps[s["astNodeIds"][0]], s) for s in pickle["steps"]] if pickle else []
        before = len(background) if steps else 0
        found = Scenario(
            key=(self._uri, rule, name, row),
            anchor=anchor,
            uri=self._uri,
            line=node["location"]["line"],
            name=name,
            rule=rule,
            tags=tuple(tag["name"] for tag in pickle["tags"]) if pickle else tags(node),
            background=tuple(steps[:before]) or background,
            steps=tuple(steps[before:]),
            description=dedented(node.get("description", "")),
            comments=comments,
        )
        if pickle:
            self.by_pickle[pickle["id"]] = found
        return found

    def _comments_above(self, node: Node) -> list[str]:
        """The comment lines directly above a scenario and its tags, such as the bug it guards against."""
        line = min([node["location"]["line"], *(tag["location"]["line"] for tag in node["tags"])]) - 1
        found: list[str] = []
        while line in self._comments:
            found.insert(0, self._comments[line].lstrip("# "))
            line -= 1
        return found


def read_feature(tree: Node, pickles: Iterable[Node]) -> tuple[Feature, dict[str, Scenario]]:
    """The feature of a document, and its scenarios by the id of their pickle."""
    reader = Reader(tree, pickles)
    return reader.feature(), reader.by_pickle


def written(step: Node) -> Step:
    """A step as written in the file."""
    document = step.get("docString") or {}
    table = tuple(cells(row) for row in (step.get("dataTable") or {}).get("rows", ()))
    return Step(step["keyword"].strip(), step["text"], table, document.get("content"), document.get("mediaType", ""))


def filled(step: Node, pickled: Node) -> Step:
    """A step as it runs, with its placeholders filled."""
    argument = pickled.get("argument") or {}
    table: Table = tuple(cells(row) for row in (argument.get("dataTable") or {}).get("rows", ()))
    document = argument.get("docString") or {}
    content, media_type = document.get("content"), document.get("mediaType", "")
    return Step(step["keyword"].strip(), pickled["text"], table, content, media_type)


def cells(row: Node) -> tuple[str, ...]:
    """The texts of a row."""
    return tuple(cell["value"] for cell in row["cells"])


def tags(node: Node) -> tuple[str, ...]:
    """The tags of a part, each with its @."""
    return tuple(tag["name"] for tag in node.get("tags", ()))


def dedented(text: str) -> str:
    """A description without its indentation."""
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def features_at(paths: Iterable[Path]) -> Run:
    """The features of files and folders, none of them verified yet; ConfigurationError when a path does not exist."""
    run = Run("")
    for path in paths:
        if not path.exists():
            raise ConfigurationError(f"{path}: there is no such feature file or folder")
        root = path.parent if path.is_file() else path
        root = next((above.parent for above in (root, *root.parents) if above.name == "features"), root)
        for file in sorted(path.rglob("*.feature")) if path.is_dir() else [path]:
            try:
                document = Document.read(file, root)
            except (OSError, UnicodeDecodeError) as error:
                run.unreadable.append((str(file), 1, str(error)))
                continue
            run.unreadable += [(document.uri, line, what) for line, what in document.errors]
            if not document.errors:
                run.features[document.uri], _ = read_feature(document.tree, document.pickles)
    return run
