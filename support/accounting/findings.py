"""What an audit can find, in words for people and values for machines."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stocktake.support.accounting.resources import Resources


class Rule(StrEnum):
    """The rules of the audit. The values are stable, for machines."""

    USAGE = "usage-differs-from-allocations"
    CAPACITY = "capacity-exceeded"
    UNKNOWN_CONSUMER = "unknown-consumer"
    FINISHED_MIGRATION = "finished-migration"
    OTHER_HOST = "other-host"
    DOUBLED = "doubled-allocation"
    OFFLOADED = "offloaded-server"
    FAILED_BOOT = "failed-boot"
    MISSING = "missing-allocation"
    AMOUNTS = "unexplained-amounts"
    OTHER_PROJECT = "other-project"
    NO_PROVIDER = "compute-node-without-provider"
    NO_COMPUTE_NODE = "provider-without-compute-node"


@dataclass(frozen=True)
class Finding:
    """One broken rule: one sentence, the amounts, and the command an operator would look at next.

    `consumer` and `provider` are uuids, `server` and `host` the names to show; what a rule is not about is None.
    `expected` and `found` are amounts, in the units of their classes.
    A finding that is not `settled` concerns a consumer that is being built, moved or deleted right now.
    """

    rule: Rule
    sentence: str
    look_next: str
    server: str | None = None
    consumer: str | None = None
    host: str | None = None
    provider: str | None = None
    expected: Resources = field(default_factory=Resources)
    found: Resources = field(default_factory=Resources)
    settled: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two findings the same one: rule, consumer and provider (or host)."""
        return (self.rule.value, self.consumer or "", self.provider or self.host or "")

    def as_json(self) -> dict[str, Any]:
        """Return plain values for machines."""
        plain = ("sentence", "server", "consumer", "host", "provider", "settled", "look_next")
        amounts = {"expected": self.expected.as_json(), "found": self.found.as_json()}
        return {"rule": self.rule.value, **{name: getattr(self, name) for name in plain}, **amounts}

    def __str__(self) -> str:
        return self.sentence


def lasting(earlier: Iterable[Finding], later: Iterable[Finding]) -> list[Finding]:
    """Return the later findings that were there earlier too: no late clean-up, nothing between two readings."""
    before = {finding.key for finding in earlier}
    return [finding for finding in later if finding.key in before]
