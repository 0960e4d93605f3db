"""The audit: do Placement's allocations and usages say what Nova's servers, migrations and flavors say?

The rules are those an operator may rely on at any moment, whatever has been done to a server before (rules 1 to 4
of the audit; that a scenario's ledger returns to its baseline is a comparison of two ledgers). A cloud is not read
in one instant, and Nova settles some accounts a moment after an operation has ended: judge two snapshots, and
believe what `lasting` finds in both.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain

from stocktake.support.accounting.findings import Finding, NotJudged, Rule, lasting
from stocktake.support.accounting.rules.accelerators import (
    missing_device_profiles,
    requests_for_no_server,
    wrong_accelerator_requests,
)
from stocktake.support.accounting.rules.consumers import wrong_consumers
from stocktake.support.accounting.rules.figures import differing_inventories, wrong_figures
from stocktake.support.accounting.rules.nodes import (
    hosts_without_service,
    nodes_without_provider,
    providers_without_node,
    services_without_node,
)
from stocktake.support.accounting.rules.providers import exceeded_capacities, wrong_usages
from stocktake.support.accounting.rules.volumes import unfinished_volumes, wrong_volumes
from stocktake.support.accounting.snapshot import Snapshot

__all__ = ["Finding", "Judgement", "Rule", "Snapshot", "audit", "judge", "lasting"]

Judgement = tuple[list[Finding], list[NotJudged]]
Checks = Sequence[Callable[[Snapshot], Iterable[Finding | NotJudged]]]

OF_ANY_PART: Checks = (
    wrong_usages,
    exceeded_capacities,
    wrong_consumers,
    nodes_without_provider,
    providers_without_node,
    wrong_volumes,
    wrong_accelerator_requests,
)
"""The rules that hold for any part of a cloud."""

OF_A_SCENARIO: Checks = (*OF_ANY_PART, unfinished_volumes, requests_for_no_server)
"""Further rules, for things that nobody else uses, and operations that have ended."""

OF_A_WHOLE_CLOUD: Checks = (
    *OF_ANY_PART,
    services_without_node,
    hosts_without_service,
    wrong_figures,
    differing_inventories,
    missing_device_profiles,
)
"""Further rules, for a snapshot that holds every service, compute node and server of a cloud."""


def audit(snapshot: Snapshot) -> list[Finding]:
    """Audit what a scenario has read; return the findings, ordered by rule, host and consumer. Empty if there are none.

    The volumes and accelerator requests of the snapshot are the scenario's own.
    """
    return judge(snapshot, OF_A_SCENARIO)[0]


def judge(snapshot: Snapshot, checks: Checks = OF_A_WHOLE_CLOUD) -> Judgement:
    """Return the findings, ordered by rule, host and consumer, and what could not be judged, by its reason."""
    order = {rule: position for position, rule in enumerate(Rule)}
    found: list[Finding] = []
    unjudged: list[NotJudged] = []
    for check in checks:
        for one in check(snapshot):
            if isinstance(one, Finding):
                found.append(one)
            else:
                unjudged.append(one)
    return sorted(found, key=lambda one: (order[one.rule], one.host or "", one.server or "", one.key)), merged(unjudged)


def merged(parts: Iterable[NotJudged]) -> list[NotJudged]:
    """Put together what was not judged for the same reason, so that each reason is given once."""
    by_reason: dict[NotJudged, list[NotJudged]] = {}
    for part in parts:
        by_reason.setdefault(part.about(), []).append(part)
    return [
        replace(
            reason,
            consumers=_each(part.consumers for part in parts),
            providers=_each(part.providers for part in parts),
            volumes=_each(part.volumes for part in parts),
            accelerator_requests=_each(part.accelerator_requests for part in parts),
        )
        for reason, parts in by_reason.items()
    ]


def _each(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(lists)))
