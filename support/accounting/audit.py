"""The audit: do Placement's allocations and usages say what Nova's servers, migrations and flavors say?

The rules are those an operator may rely on at any moment, whatever has been done to a server before (rules 1 to 4
of the audit; that a scenario's ledger returns to its baseline is a comparison of two ledgers). A cloud is not read
in one instant, and Nova settles some accounts a moment after an operation has ended: judge two snapshots, and
believe what `lasting` finds in both.
"""

from stocktake.support.accounting.consumer_rules import wrong_consumers
from stocktake.support.accounting.findings import Finding, Rule, lasting
from stocktake.support.accounting.provider_rules import (
    exceeded_capacities,
    nodes_without_provider,
    providers_without_node,
    wrong_usages,
)
from stocktake.support.accounting.snapshot import Snapshot

__all__ = ["Finding", "Rule", "Snapshot", "audit", "lasting"]

_RULES = (wrong_usages, exceeded_capacities, wrong_consumers, nodes_without_provider, providers_without_node)


def audit(snapshot: Snapshot) -> list[Finding]:
    """Audit a snapshot and return the findings, ordered by rule, host and consumer; an empty list if there are none."""
    order = {rule: position for position, rule in enumerate(Rule)}
    found = (finding for rule in _RULES for finding in rule(snapshot))
    return sorted(found, key=lambda one: (order[one.rule], one.host or "", one.server or "", one.key))
