"""What features need from a cloud, as their phrases declare.

Steps and tags count, scenario by scenario with its backgrounds; a step that matches no phrase needs nothing, so that a
feature need not be complete.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stocktake.support.api.microversions import Microversion
from stocktake.support.gherkin.mentions import Said, needs_in, roles_in
from stocktake.support.gherkin.phrases import VOCABULARY, Vocabulary
from stocktake.support.gherkin.text.elements import FeatureText
from stocktake.support.hosts.needs import LAB, LIVE_MOVES, MOVES, VERSION_TAGS

SERVICES = ("compute", "placement")
EXCHANGES = (MOVES, LIVE_MOVES)
FLAVOR_COLUMN = "flavor"
QUOTAS = {"cores": "VCPU", "ram": "MEMORY_MB"}
"""Quotas that a single flavor may exceed, and the column of flavors' tables that counts towards each."""


@dataclass(frozen=True)
class Needs:
    """What one feature file needs from a cloud: capabilities by name, the number of hosts, microversions by service.

    `exchanging` is how many hosts servers move between: while they are off (`MOVES`), while they run (`LIVE_MOVES`).
    `largest` is what the largest flavor of its tables takes of each quota: cores, and ram in MB.
    """

    capabilities: frozenset[str]
    hosts: int
    versions: Mapping[str, str] = field(default_factory=dict)
    exchanging: Mapping[str, int] = field(default_factory=dict)
    largest: Mapping[str, int] = field(default_factory=dict)


def needs_of(feature: FeatureText, vocabulary: Vocabulary = VOCABULARY) -> Needs:
    """Determine what a feature file needs from a cloud, from the steps and the tags of its scenarios."""
    needs = set(_of_tags(feature))
    hosts, exchanging, largest = 0, dict.fromkeys(EXCHANGES, 0), dict.fromkeys(QUOTAS, 0)
    for steps in _scenarios(feature):
        own, roles = needs_in(steps, vocabulary), len(roles_in(steps, vocabulary))
        hosts = max(hosts, roles)
        exchanging |= {need: max(exchanging[need], roles) for need in own.intersection(EXCHANGES)}
        needs |= own.difference(EXCHANGES)
        for quota, column in QUOTAS.items():
            largest[quota] = max(largest[quota], *_of_flavors(steps, column), 0)
    named = [need.partition(" ") for need in needs]
    versions = {service: [version for kind, _, version in named if kind == service] for service in SERVICES}
    return Needs(
        frozenset(capability for capability, _, version in named if not version),
        hosts,
        {service: max(found, key=Microversion.parse) for service, found in versions.items() if found},
        {need: count for need, count in exchanging.items() if count > 1},
        {quota: amount for quota, amount in largest.items() if amount},
    )


def _of_flavors(steps: Iterable[Said], column: str) -> Iterator[int]:
    """Yield the amounts in a column of the tables that list flavors."""
    for header, *rows in (step.table for step in steps if step.table):
        if header and header[0] == FLAVOR_COLUMN and column in header:
            cells = (str(row[header.index(column)]) for row in rows)
            yield from (int(cell) for cell in cells if cell.isdecimal())


def _scenarios(feature: FeatureText) -> Iterator[list[Said]]:
    """Yield the steps of each scenario in running order, once for each row of an outline."""
    for scenario in feature.scenarios:
        steps = feature.steps_of(scenario)
        for row in [row for _, row in scenario.contexts] or [{}]:
            filled = (step.filled(row) for step in steps)
            yield [Said(step.kind, step.text, step.table or ()) for step in filled]


def _of_tags(feature: FeatureText) -> Iterable[str]:
    """Yield what tags require: microversions, as phrases do, and the lab."""
    scenarios = feature.scenarios
    rules = [tag for rule in feature.rules for tag in rule.tags]
    rows = [tag for scenario in scenarios for examples in scenario.examples for tag in examples.tags]
    for tag in [*feature.tags, *rules, *rows, *(tag for scenario in scenarios for tag in scenario.tags)]:
        if tag.name == LAB:
            yield LAB
        for prefix, service in VERSION_TAGS.items():
            if tag.name.startswith(prefix):
                yield f"{service} {tag.name.removeprefix(prefix)}"
