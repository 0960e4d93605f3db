"""What an audit can find, and what it could not judge, in words for people and values for machines."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from stocktake.support.accounting.resources import Resources, in_column_order

WHEN_CELLS_ANSWER = "audit the cloud again when every cell of Nova answers"
"""The remedy for what a cell hides that does not answer."""

IN_PROGRESS = "an operation on it is in progress"
"""The doubt about a consumer that is being built, moved or deleted right now."""


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
    OTHER_USER = "other-user"
    NO_PROVIDER = "compute-node-without-provider"
    NO_COMPUTE_NODE = "provider-without-compute-node"
    SERVICE_WITHOUT_NODE = "service-without-compute-node"
    HOST_WITHOUT_SERVICE = "host-without-service"
    FIGURES = "hypervisor-figures-differ"
    INVENTORY = "inventory-differs-from-hypervisor"
    ATTACHMENT = "attachment-differs-from-server"
    VOLUME_STATUS = "volume-left-in-transition"
    ACCELERATOR = "accelerator-request-differs-from-server"
    DEVICE_PROFILE = "missing-device-profile"


class Certainty(StrEnum):
    """How sure a finding is: certain, or probable where something that cannot be seen might explain it."""

    CERTAIN = "certain"
    PROBABLE = "probable"


@dataclass(frozen=True)
class Finding:
    """One broken rule: one sentence, the amounts, and the command that shows it, which changes nothing.

    `consumer` and `provider` are uuids, `server` and `host` the names to show; what a rule is not about is None.
    `volume`, `accelerator_request` and `flavor` are ids of what else it may be about, at most one of them.
    `expected` and `found` are amounts, in the units of their classes.
    `doubt` says what might explain it and cannot be seen; None for a finding that is certain.
    """

    rule: Rule
    sentence: str
    command: str
    server: str | None = None
    consumer: str | None = None
    host: str | None = None
    provider: str | None = None
    volume: str | None = None
    accelerator_request: str | None = None
    flavor: str | None = None
    expected: Resources = field(default_factory=Resources)
    found: Resources = field(default_factory=Resources)
    doubt: str | None = None

    @property
    def certainty(self) -> Certainty:
        """How sure it is."""
        return Certainty.PROBABLE if self.doubt else Certainty.CERTAIN

    @property
    def settled(self) -> bool:
        """Whether nothing is being done to its consumer, so that its accounts must be right now."""
        return self.doubt != IN_PROGRESS

    @property
    def classes(self) -> tuple[str, ...]:
        """The resource classes that it is about, in the order of columns."""
        return in_column_order([*self.expected, *self.found])

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two findings the same one: rule, consumer, provider (or host), and what else it is about."""
        beside = self.volume or self.accelerator_request or self.flavor
        return (self.rule.value, self.consumer or "", self.provider or self.host or "", *([beside] if beside else []))

    def as_json(self) -> dict[str, Any]:
        """Return plain values for machines."""
        subjects = ("server", "consumer", "host", "provider", "volume", "accelerator_request", "flavor")
        plain = ("sentence", *subjects, "doubt", "command")
        amounts = {"expected": self.expected.as_json(), "found": self.found.as_json()}
        named = {name: getattr(self, name) for name in plain}
        return {"rule": self.rule.value, "certainty": self.certainty.value, **named, **amounts}

    def __str__(self) -> str:
        return self.sentence


class Reason(StrEnum):
    """Why something could not be judged. The values are stable, for machines."""

    CELL_DOWN = "cell-down"
    FORBIDDEN = "forbidden"
    OLD_API = "old-api"
    FLAVOR_GONE = "flavor-gone"
    OTHER_SERVICE = "other-service"
    RECENT_CHANGE = "recent-change"
    NO_SERVICE = "no-service"


SUBJECTS = {
    "consumers": "consumer",
    "providers": "resource provider",
    "volumes": "volume",
    "accelerator_requests": "accelerator request",
}
"""What something that was not judged may be about: its member, and what to call one of these."""


@dataclass(frozen=True)
class NotJudged:
    """What could not be judged: why, in one sentence, and what would let it be judged (None: nothing has to be done).

    `rules` are those that were not applied; `consumers`, `providers`, `volumes` and `accelerator_requests` to which, as
    uuids. If these are empty, the rules were applied to nothing at all.
    """

    reason: Reason
    sentence: str
    remedy: str | None = None
    rules: tuple[Rule, ...] = ()
    consumers: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    accelerator_requests: tuple[str, ...] = ()

    def about(
        self,
        consumer: str | None = None,
        *,
        provider: str | None = None,
        volume: str | None = None,
        accelerator_request: str | None = None,
    ) -> Self:
        """Return the same about one consumer, provider, volume or accelerator request."""
        return replace(
            self,
            consumers=(consumer,) if consumer else (),
            providers=(provider,) if provider else (),
            volumes=(volume,) if volume else (),
            accelerator_requests=(accelerator_request,) if accelerator_request else (),
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values for machines."""
        lists = {name: list(getattr(self, name)) for name in SUBJECTS}
        rules = [rule.value for rule in self.rules]
        return {
            "reason": self.reason.value,
            "sentence": self.sentence,
            "remedy": self.remedy,
            "rules": rules,
            **lists,
        }

    def __str__(self) -> str:
        """Return the sentence, with the number of those that it is about."""
        counts = {what: len(getattr(self, kind)) for kind, what in SUBJECTS.items()}
        said = [f"{count} {what}{'' if count == 1 else 's'}" for what, count in counts.items() if count]
        return f"{self.sentence} ({', '.join(said)})" if said else self.sentence


@dataclass(frozen=True)
class Audited:
    """The result of an audit: how much was read (what -> how many), what was found, and what could not be judged."""

    read: dict[str, int]
    findings: tuple[Finding, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()


def lasting(earlier: Iterable[Finding], later: Iterable[Finding]) -> list[Finding]:
    """Return the later findings that were there earlier too: no late clean-up, nothing between two readings."""
    before = {finding.key for finding in earlier}
    return [finding for finding in later if finding.key in before]
