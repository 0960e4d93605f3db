"""The vocabulary for readers: by noun, each sentence with what it does, what it waits for and an example.

A step's docstring is its entry: the first paragraph says what the step does or checks, the following ones what it
waits for and when it refuses, and the text below `Example:` is Gherkin to be copied.
"""

import importlib
import inspect
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from stocktake.support.gherkin.phrases import KINDS, VOCABULARY, Phrase, PhraseError, Vocabulary
from stocktake.support.gherkin.text.elements import FeatureText
from stocktake.support.gherkin.text.problems import shown
from stocktake.support.gherkin.text.reading import read_feature

Entry = dict[str, Any]


def load_vocabulary(package: str = "stocktake.steps") -> Vocabulary:
    """Import the chapters that the table of contents of `package` names, and return all phrases known afterwards.

    Raises PhraseError, and whatever the import of a chapter raises.
    """
    contents = importlib.import_module(package)
    chapters = contents.CHAPTERS
    for chapter in chapters:
        importlib.import_module(chapter)
    return VOCABULARY


def documented(docstring: str) -> tuple[str, str, str]:
    """What a step does, what it waits for, and its example, from its docstring; each may be empty."""
    prose, _, example = docstring.partition("Example:")
    does, _, waits = prose.strip().partition("\n\n")
    return " ".join(does.split()), " ".join(waits.split()), textwrap.dedent(example).strip("\n")


def features_in(paths: Iterable[Path]) -> list[Path]:
    """The .feature files among `paths` and in the folders among them, sorted, once each."""
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(sorted(path.rglob("*.feature")) if path.is_dir() else [path]))
    return list(found)


def catalogue(vocabulary: Vocabulary, features: Sequence[Path] = ()) -> list[Entry]:
    """The chapters in order of import, as plain dictionaries that JSON and templates can take:

    `{"noun", "about", "steps": [{"sentence", "kinds", "does", "waits", "example", "table", "document", "place",
    "parameters": [{"name", "regexp", "meaning"}], "features": [path, ...]}]}`.
    One sentence with several keywords is one step; `table` and `document` are "required", "optional" or "refused".
    """
    used = _uses(vocabulary, [read_feature(path) for path in features])
    chapters: dict[str, Entry] = {}
    steps: dict[tuple[Any, str], Entry] = {}
    for phrase in vocabulary.phrases:
        chapter = chapters.setdefault(phrase.noun, {"noun": phrase.noun, "about": _about(phrase), "steps": []})
        step = steps.get((phrase.function, phrase.text))
        if step is None:
            step = steps[phrase.function, phrase.text] = _entry(phrase)
            chapter["steps"].append(step)
        step["kinds"] = [kind for kind in KINDS if kind in (*step["kinds"], phrase.kind)]
        step["features"] = sorted({*step["features"], *used.get(phrase, ())})
    return list(chapters.values())


def _entry(phrase: Phrase) -> Entry:
    does, waits, example = documented(phrase.documentation)
    return {
        "sentence": phrase.text,
        "kinds": [],
        "does": does,
        "waits": waits,
        "example": example,
        "table": phrase.table,
        "document": phrase.document,
        "place": str(phrase.place),
        "parameters": [{"name": p.name, "regexp": p.regexp, "meaning": p.meaning} for p in phrase.parameters],
        "features": [],
    }


def _about(phrase: Phrase) -> str:
    """The first paragraph of the chapter's own docstring."""
    documentation = inspect.getdoc(sys.modules[phrase.function.__module__]) or ""
    return " ".join(documentation.partition("\n\n")[0].split())


def _uses(vocabulary: Vocabulary, features: Sequence[FeatureText]) -> dict[Phrase, set[str]]:
    """Which features use which phrase, with the rows of outlines filled in."""
    used: dict[Phrase, set[str]] = {}
    for feature in features:
        for phrase in phrases_said(vocabulary, feature):
            used.setdefault(phrase, set()).add(shown(feature.path))
    return used


def phrases_said(vocabulary: Vocabulary, feature: FeatureText) -> set[Phrase]:
    """The phrases that the steps of `feature` use."""
    said = {(step.kind, step.text) for background in feature.backgrounds for step in background.steps}
    for scenario in feature.scenarios:
        rows = [row for _, row in scenario.contexts] or [{}]
        said |= {(step.kind, step.filled(row).text) for step in scenario.steps for row in rows}
    return {m.phrase for kind, text in said if kind for m in vocabulary.matching(kind, text, feature.path)}


def about(chapters: Sequence[Entry], words: Sequence[str]) -> list[Entry]:
    """The chapters with only the steps that contain all of `words`, regardless of case."""
    found = []
    for chapter in chapters:
        steps = [step for step in chapter["steps"] if _speaks_of(chapter, step, words)]
        if steps:
            found.append({**chapter, "steps": steps})
    return found


def _speaks_of(chapter: Entry, step: Entry, words: Sequence[str]) -> bool:
    text = " ".join([chapter["noun"], *step["kinds"], step["sentence"], step["does"], step["waits"]]).lower()
    return all(word.lower() in text for word in words)


def as_text(chapters: Sequence[Entry]) -> str:
    """The chapters as text for a terminal."""
    return "\n".join(line for chapter in chapters for line in [*_chapter_lines(chapter), ""]).rstrip("\n")


def _chapter_lines(chapter: Entry) -> list[str]:
    lines = [f"{chapter['noun'].upper()}", f"  {chapter['about']}" if chapter["about"] else ""]
    for step in chapter["steps"]:
        keywords = " / ".join(kind.title() for kind in step["kinds"])
        lines += ["", f"  {keywords} {step['sentence']}", *_wrapped(step["does"]), *_wrapped(step["waits"])]
        lines += textwrap.indent(step["example"], " " * 8).splitlines()
        if step["features"]:
            lines += _wrapped("used in " + ", ".join(step["features"]))
    return [line for n, line in enumerate(lines) if line or n != 1]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 110, initial_indent=" " * 6, subsequent_indent=" " * 6)


def vocabulary_problems(vocabulary: Vocabulary) -> list[str]:
    """What is wrong with the phrases themselves, as `FILE:LINE: what`: every violation that Python accepts.

    Every step has a docstring with an example and a name that a traceback can show, is not async, and is not the same
    as another phrase of its keyword.
    """
    found = []
    for phrase in vocabulary.phrases:
        does, _, example = documented(phrase.documentation)
        if not does or not example:
            found.append(f"{phrase.place}: {phrase.text!r} needs a docstring that says what it does, and an Example:")
        if phrase.function.__name__.strip("_") == "":
            found.append(f"{phrase.place}: {phrase.text!r} needs a function with a name: tracebacks show it")
        if phrase.is_async:
            found.append(f"{phrase.place}: {phrase.text!r} is async and would never be awaited")
    texts = [(phrase.kind, phrase.text) for phrase in vocabulary.phrases]
    repeated = {(kind, text) for kind, text in texts if texts.count((kind, text)) > 1}
    found += [
        f"{p.place}: {p.kind} {p.text!r} is declared twice" for p in vocabulary.phrases if (p.kind, p.text) in repeated
    ]
    return found


__all__ = ["PhraseError", "about", "as_text", "catalogue", "features_in", "load_vocabulary", "phrases_said"]
