"""Which hosts a scenario speaks of, so that it can be given that many before it starts."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from pytest_bdd.parser import Scenario
from stocktake.support.gherkin.phrases import INTRODUCED_HOST, VOCABULARY, Kind, Match, Vocabulary

HOST_COLUMN = "host"


def roles_of(scenario: Scenario, vocabulary: Vocabulary = VOCABULARY) -> tuple[str, ...]:
    """The hosts ("alpha", "beta") that the steps of `scenario` mention, backgrounds included, in order, once each.

    A host is mentioned by an argument of a host parameter and by a row of a table with the column `host`
    (`alpha/numa0` mentions alpha). A host that a step brings by itself (parameter `special`) is left out,
    wherever else it is mentioned.
    """
    mentioned: dict[str, None] = {}
    introduced: set[str] = set()
    for step in scenario.steps:
        for match in vocabulary.matching(cast("Kind", step.type), step.name):
            introduced.update(a.text for a in match.arguments if a.parameter.name == INTRODUCED_HOST)
            mentioned.update(dict.fromkeys(_named(match)))
        if step.datatable is not None:
            mentioned.update(dict.fromkeys(_listed(step.datatable.raw())))
    return tuple(host for host in mentioned if host not in introduced)


def _named(match: Match) -> Iterator[str]:
    return (argument.text for argument in match.arguments if argument.parameter.is_host)


def _listed(table: Sequence[Sequence[Any]]) -> Iterator[str]:
    header, *rows = table
    if HOST_COLUMN in header:
        column = header.index(HOST_COLUMN)
        yield from (row[column].partition("/")[0] for row in rows if row[column])
