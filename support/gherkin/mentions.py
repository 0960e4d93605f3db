"""What the steps of a scenario mention: the hosts to be leased before it starts, and what a cloud must offer."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pytest_bdd.parser import Scenario
from stocktake.support.gherkin.phrases import INTRODUCED, VOCABULARY, Kind, Match, Vocabulary

HOST_COLUMN = "host"
OF_HOSTS = frozenset({"disruption", "stop_host", "fail_host", "return_host", "lose_guests", "drop_messages"})
"""Needs that concern the hosts that a step names; they do not apply to a host that the scenario adds."""


class Said(NamedTuple):
    """The parts of a step that matter here: its kind (None when it has none), its text, and its table if any."""

    kind: Kind | None
    text: str
    table: Sequence[Sequence[Any]] = ()


def steps_of(scenario: Scenario) -> list[Said]:
    """The steps of a scenario of pytest-bdd, backgrounds included."""
    tables = ((step, step.datatable.raw() if step.datatable is not None else ()) for step in scenario.steps)
    return [Said(step.type, step.name, table) for step, table in tables]  # type: ignore[arg-type]


def roles_of(scenario: Scenario, vocabulary: Vocabulary = VOCABULARY) -> tuple[str, ...]:
    """The hosts that a scenario of pytest-bdd mentions, as `roles_in` has it."""
    return roles_in(steps_of(scenario), vocabulary)


def needs_of(scenario: Scenario, vocabulary: Vocabulary = VOCABULARY) -> frozenset[str]:
    """What a cloud must offer for a scenario of pytest-bdd, as `needs_in` has it."""
    return needs_in(steps_of(scenario), vocabulary)


def roles_in(steps: Iterable[Said], vocabulary: Vocabulary = VOCABULARY) -> tuple[str, ...]:
    """The hosts ("alpha", "beta") that the steps of a scenario mention, backgrounds included, in order, once each.

    A host is mentioned by an argument of a host parameter and by a row of a table with the column `host` (`alpha/numa0`
    mentions alpha). What a step adds (parameters `special`, `storage`) is left out, wherever else it is mentioned.
    """
    steps = list(steps)
    mentioned: dict[str, None] = {}
    for step in steps:
        for match in _matches(step, vocabulary):
            mentioned.update(dict.fromkeys(_named(match)))
        if step.table:
            mentioned.update(dict.fromkeys(_listed(step.table)))
    introduced = _introduced(steps, vocabulary)
    return tuple(host for host in mentioned if host not in introduced)


def needs_in(steps: Iterable[Said], vocabulary: Vocabulary = VOCABULARY) -> frozenset[str]:
    """What a cloud must offer for the steps of a scenario, as their phrases say.

    Needs in `OF_HOSTS` are not required for hosts that the scenario adds.
    """
    steps = list(steps)
    introduced = _introduced(steps, vocabulary)
    needs: set[str] = set()
    for match in (match for step in steps for match in _matches(step, vocabulary)):
        named = set(_named(match))
        needs |= match.needs - OF_HOSTS if named and named <= introduced else match.needs
    return frozenset(needs)


def _matches(step: Said, vocabulary: Vocabulary) -> tuple[Match, ...]:
    return vocabulary.matching(step.kind, step.text) if step.kind else ()


def _introduced(steps: Iterable[Said], vocabulary: Vocabulary) -> set[str]:
    """The hosts and the storage that steps add."""
    return {
        argument.text
        for step in steps
        for match in _matches(step, vocabulary)
        for argument in match.arguments
        if argument.parameter.name in INTRODUCED
    }


def _named(match: Match) -> Iterator[str]:
    return (argument.text for argument in match.arguments if argument.parameter.is_host)


def _listed(table: Sequence[Sequence[Any]]) -> Iterator[str]:
    header, *rows = table
    if HOST_COLUMN in header:
        column = header.index(HOST_COLUMN)
        yield from (row[column].partition("/")[0] for row in rows if row[column])
