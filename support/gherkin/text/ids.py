"""Stable ids of scenarios: one tag @id-xxxxxx each, which is kept when a title is reworded or a file moves.

`stocktake check --fix` adds one to every scenario without an id. Comparisons of runs, links into the page and
`pytest -m id-3f9a2c` find a scenario by it. The rows of an outline share the outline's id.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stocktake.support.gherkin.text.elements import FeatureText, ScenarioText, Tag
from stocktake.support.gherkin.text.problems import Problem, shown

ID = re.compile(r"id-[0-9a-f]{6}")
ALMOST = re.compile(r"id[-_:]?[0-9a-z]*", re.IGNORECASE)
EXAMPLE = "id-3f9a2c"


def ids_of(tags: Iterable[Tag]) -> list[Tag]:
    """The ids among tags."""
    return [tag for tag in tags if ID.fullmatch(tag.name)]


def misplaced(feature: FeatureText) -> Iterator[tuple[int, str]]:
    """Line and sentence of each id that does not identify one scenario."""
    elsewhere = [*feature.tags, *(tag for rule in feature.rules for tag in rule.tags)]
    elsewhere += [tag for scenario in feature.scenarios for each in scenario.examples for tag in each.tags]
    for tag in ids_of(elsewhere):
        yield tag.line, f"@{tag.name} identifies one scenario: move it to the tags of a Scenario or Scenario Outline"
    for scenario in feature.scenarios:
        for tag in ids_of(scenario.tags)[1:]:
            yield tag.line, f"a scenario has one id: remove @{tag.name}"


def missing(feature: FeatureText) -> Iterator[tuple[int, str]]:
    """Line and sentence of each scenario without an id in a file whose other scenarios have one."""
    without = [scenario for scenario in feature.scenarios if not ids_of(scenario.tags)]
    if len(without) < len(feature.scenarios):
        for scenario in without:
            yield scenario.line, 'the scenario has no id: run "stocktake check --fix"'


def repeated(features: Iterable[FeatureText]) -> list[Problem]:
    """Each id that an earlier scenario of these files already has."""
    first: dict[str, tuple[FeatureText, ScenarioText]] = {}
    found = []
    for feature in features:
        for scenario in feature.scenarios:
            for tag in ids_of(scenario.tags)[:1]:
                if tag.name in first:
                    other, owner = first[tag.name]
                    place = f'{shown(other.path)}:{owner.line} ("{owner.name}")'
                    sentence = f'@{tag.name} is the id of {place}: remove it here and run "stocktake check --fix"'
                    found.append(Problem(feature.path, tag.line, "id", sentence))
                first.setdefault(tag.name, (feature, scenario))
    return found


def taken(features: Iterable[FeatureText]) -> set[str]:
    """All ids of these files."""
    return {tag.name for feature in features for scenario in feature.scenarios for tag in ids_of(scenario.tags)}


def give(ast: Mapping[str, Any], known: set[str]) -> None:
    """Add an id to each scenario of a syntax tree that has none; ids in `known` are not used, and new ones are added to
    it."""
    for node in _scenarios(ast):
        if not any(ID.fullmatch(tag["name"].removeprefix("@")) for tag in node["tags"]):
            node["tags"].append({"name": f"@{_new(known)}", "location": node["location"]})


def _scenarios(ast: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for child in ast["feature"]["children"]:
        inner = child["rule"]["children"] if "rule" in child else [child]
        yield from (each["scenario"] for each in inner if "scenario" in each)


def _new(known: set[str]) -> str:
    """An id that is not in `known`, to which it is added."""
    while (made := f"id-{secrets.token_hex(3)}") in known:
        pass
    known.add(made)
    return made
