"""How a feature should be written: what `stocktake check` requires beyond what pytest needs to run it.

Each rule makes a feature easier to review for someone who will never run it: one action, a table in a known shape,
a short title that is different for every row of an outline, the layout that every editor produces.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

import os_resource_classes
from stocktake.support.gherkin.text import ids
from stocktake.support.gherkin.text.elements import (
    BackgroundText,
    FeatureText,
    ScenarioText,
    StepText,
    filled,
    lines_of,
)
from stocktake.support.gherkin.text.formatting import laid_out
from stocktake.support.gherkin.text.problems import Problem

LONGEST_TITLE = 70  # characters
LONGEST_DESCRIPTION = 2  # lines
AMOUNTS = ("VCPU", "MEMORY_MB", "DISK_GB")
SHAPES = (("consumer", "host", *AMOUNTS), ("host", *AMOUNTS), ("flavor", *AMOUNTS))  # the first of equals is used
RESOURCE_CLASS = re.compile("CUSTOM_[A-Z0-9_]+|" + "|".join(os_resource_classes.STANDARDS))
ORDER = {"given": 0, "when": 1, "then": 2}

Found = Iterator[tuple[int, str, str]]  # line, rule, what to write instead


def style_problems(feature: FeatureText) -> list[Problem]:
    """What should be written differently, in the order of the lines; nothing for a file that cannot be read."""
    if feature.problems:
        return []
    found = [*_about_feature(feature), *_about_layout(feature)]
    blocks: list[BackgroundText | ScenarioText] = [*feature.backgrounds, *feature.scenarios]
    found += [(line, "id", sentence) for line, sentence in ids.missing(feature)]
    for background in feature.backgrounds:
        found += _about_background(background)
    for scenario in feature.scenarios:
        found += [*_about_title(scenario), *_about_flow(scenario), *_about_examples(scenario)]
    for block in blocks:
        found += [each for step in block.steps for each in _about_step(step)]
    return sorted({Problem(feature.path, line, rule, sentence) for line, rule, sentence in found})


def _about_feature(feature: FeatureText) -> Found:
    if not feature.name:
        yield feature.line, "title", "write after Feature: the sentence an operator would say"
    lines = lines_of(feature.description)
    if len(lines) > LONGEST_DESCRIPTION:
        yield (
            feature.line,
            "description",
            f"say in at most {LONGEST_DESCRIPTION} lines why the rules hold; it has {len(lines)}",
        )
    for rule in feature.rules:
        if not rule.name:
            yield rule.line, "title", "write after Rule: the rule that its scenarios illustrate"


def _about_layout(feature: FeatureText) -> Found:
    """The first line with a wrong layout; one is enough, because one command corrects all."""
    is_, should = feature.text.split("\n"), laid_out(feature.ast).split("\n")
    if is_ == should:
        return
    line = next((n for n, (one, other) in enumerate(zip(is_, should, strict=False)) if one != other), None)
    if line is None or (line == len(should) - 1 and not should[line]):  # all is there, and more
        sentence = "remove this line" if len(is_) > len(should) else "end the file with a line feed"
        line = min(len(is_), len(should)) - 1
    elif is_[line].rstrip("\r") == should[line]:
        sentence = "end lines with a line feed alone"
    else:
        sentence = f'write "{should[line]}"' if should[line] else "leave an empty line here"
    yield line + 1, "formatting", f"{sentence}; stocktake check --fix formats the file"


def _about_background(background: BackgroundText) -> Found:
    for step in background.steps:
        if step.kind in ("when", "then"):
            sentence = f"a Background describes a state with Given: move this {step.kind.title()} into the scenarios"
            yield step.line, "background", sentence


def _about_title(scenario: ScenarioText) -> Found:
    length = len(scenario.name)
    if length > LONGEST_TITLE:
        yield scenario.line, "title", f"shorten the title to {LONGEST_TITLE} characters; it has {length}"
    rows = scenario.contexts
    if len({filled(scenario.name, row) for _, row in rows}) < len(rows):
        columns = " or ".join(f"<{column}>" for column in scenario.examples[0].columns)
        yield (
            scenario.line,
            "title",
            f"put {columns} into the title, so that each row has its own name",
        )


def _about_flow(scenario: ScenarioText) -> Found:
    whens = [step for step in scenario.steps if step.kind == "when"]
    for step in whens[1:]:
        sentence = (
            f"keep one When (line {whens[0].line}): what comes before it is a Given, what comes after another scenario"
        )
        yield step.line, "one-when", sentence
    highest = "given"
    for step in scenario.steps:
        if step.kind is None:
            continue
        if ORDER[step.kind] < ORDER[highest]:
            yield (
                step.line,
                "order",
                f"write Given, When, Then in this order: this {step.kind.title()} follows a {highest.title()}",
            )
        else:
            highest = step.kind
    if scenario.steps and not any(step.kind == "then" for step in scenario.steps):
        yield scenario.line, "outcome", "end with a Then: a scenario that checks nothing cannot fail"


def _about_examples(scenario: ScenarioText) -> Found:
    for examples in scenario.examples:
        if not examples.name:
            yield examples.line, "examples", "write after Examples: what these rows have in common"


def _about_step(step: StepText) -> Found:
    if step.document is not None and not step.media_type:
        yield step.document_line, "media-type", 'name the media type after the opening quotes, as in """json'
    if step.table:
        yield from _about_columns(step.table[0], step.table_line)


def _about_columns(columns: tuple[str, ...], line: int) -> Found:
    """Accounting tables have fixed columns; other tables have none of their headings."""
    if not any(_nearly(column, AMOUNTS) for column in columns):
        return
    shape = next((shape for shape in SHAPES if _nearly(columns[0], shape[:1])), None)
    if shape is None and _nearly(columns[0], AMOUNTS):
        shape = SHAPES[1]
    if shape is None:
        return
    wanted = f"| {' | '.join(shape)} |"
    if columns[: len(shape)] != shape:
        yield line, "columns", f"write the columns {wanted}, further resource classes after them"
    elif shape[0] != "flavor":
        for column in columns[len(shape) :]:
            if not RESOURCE_CLASS.fullmatch(column):
                yield (
                    line,
                    "columns",
                    f"{column} is not a resource class: after {wanted}, write only classes spelled as in Placement",
                )


@cache
def _nearly(word: str, words: tuple[str, ...]) -> bool:
    return bool(get_close_matches(word.lower(), [each.lower() for each in words], n=1, cutoff=0.75))
