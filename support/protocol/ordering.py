"""The order of scenarios of which several wait together.

A scenario that changes its hosts, or needs a thing that only one can use at a time, ends a wait, so those are spread
among the others, which then wait with them.
Scenarios that must be alone on their hosts come last, those that need one host beside those that need more, so that
they find hosts side by side.
"""

from collections.abc import Sequence
from typing import Literal

import pytest
from stocktake.support.gherkin import collecting

Kind = Literal["quiet", "ending waits", "alone on a host", "alone on hosts", "whole cloud"]

ENDING_WAITS = frozenset({"disruption", "volumes", "users"})
"""The needs of scenarios that change hosts, or may borrow the one volume or user that the operator configured."""


def in_order_of_waiting(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the items in that order; those of a kind, and tests that are not scenarios, keep theirs."""
    kinds = [_kind(item) for item in items]

    def of(kind: Kind) -> list[pytest.Item]:
        return [item for item, its in zip(items, kinds, strict=True) if its == kind]

    return [
        *_spread(of("quiet"), of("ending waits")),
        *_spread(of("alone on hosts"), of("alone on a host")),
        *of("whole cloud"),
    ]


def _kind(item: pytest.Item) -> Kind:
    from stocktake.support.hosts.needs import WHOLE_CLOUD, is_disturbing  # noqa: PLC0415 - start-up time

    scenario = collecting.runnable(item)
    if scenario is None:
        return "quiet"
    tags, needs = {marker.name for marker in item.iter_markers()}, collecting.needs_of(scenario)
    if WHOLE_CLOUD in tags:
        return "whole cloud"
    if is_disturbing(tags, needs):
        return "alone on hosts" if len(collecting.roles_of(scenario)) > 1 else "alone on a host"
    return "ending waits" if ENDING_WAITS.intersection(needs) else "quiet"


def _spread(many: Sequence[pytest.Item], few: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Distribute some items evenly among others."""
    places = [((number + 0.5) / len(some), item) for some in (many, few) for number, item in enumerate(some)]
    return [item for _, item in sorted(places, key=lambda place: place[0])]
