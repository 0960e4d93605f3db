"""The model of the page: features as written, and the result of each scenario in each run."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stocktake.support.reporting.ledgers import Ledger
from stocktake.support.reporting.outcomes import FAILED, KNOWN, NOT_RUN, OUTCOMES, PASSED, UNDEFINED, UNVERIFIED

Table = tuple[tuple[str, ...], ...]
ID_TAG = re.compile(r"@id-[0-9a-f]{6}")
Key = tuple[str, str, str, tuple[str, ...]]  # file, rule, title, an outline's row


def id_in(tags: Iterable[str]) -> str:
    """The stable id among tags, without its @; empty when there is none."""
    return next((tag.removeprefix("@") for tag in tags if ID_TAG.fullmatch(tag)), "")


@dataclass(frozen=True)
class Step:
    """One step as it runs: placeholders filled."""

    keyword: str
    text: str
    table: Table = ()
    document: str | None = None
    media_type: str = ""

    @property
    def lines(self) -> list[str]:
        """The step as text, for comparing."""
        body = ["  | " + " | ".join(row) + " |" for row in self.table]
        body += [f'  """ {line}' for line in (self.document or "").split("\n") if line or self.document]
        return [f"{self.keyword} {self.text}", *body]


@dataclass(frozen=True)
class Scenario:
    """One scenario, or one row of an outline; the steps of its backgrounds run before its own."""

    key: Key
    anchor: str
    uri: str
    line: int
    name: str
    rule: str
    tags: tuple[str, ...]
    background: tuple[Step, ...]
    steps: tuple[Step, ...]
    description: str = ""
    comments: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The stable id among its tags, as in "id-3f9a2c"; empty when it has none. Rows of an outline share one."""
        return id_in(self.tags)

    @property
    def lines(self) -> list[str]:
        """Everything it claims, as text."""
        told = [line.strip() for line in self.description.split("\n") if line.strip()]
        return told + [line for step in (*self.background, *self.steps) for line in step.lines]


@dataclass(frozen=True)
class Examples:
    """One table of an outline's examples; each row is a scenario."""

    name: str
    tags: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], Scenario], ...]


@dataclass(frozen=True)
class Outline:
    """A scenario outline: its steps with their placeholders, and its examples."""

    anchor: str
    name: str
    description: str
    tags: tuple[str, ...]
    steps: tuple[Step, ...]
    examples: tuple[Examples, ...]
    comments: tuple[str, ...] = ()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All rows."""
        return tuple(scenario for table in self.examples for _, scenario in table.rows)


@dataclass(frozen=True)
class Rule:
    """One rule; scenarios outside of any Rule belong to a rule without a name."""

    name: str
    anchor: str
    description: str
    tags: tuple[str, ...]
    background: tuple[Step, ...]
    parts: tuple[Scenario | Outline, ...]

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All scenarios, rows of outlines included, in order."""
        return tuple(s for part in self.parts for s in (part.scenarios if isinstance(part, Outline) else (part,)))


@dataclass(frozen=True)
class Feature:
    """One feature file."""

    uri: str
    anchor: str
    name: str
    description: str
    tags: tuple[str, ...]
    background: tuple[Step, ...]
    rules: tuple[Rule, ...]

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All scenarios in order."""
        return tuple(scenario for rule in self.rules for scenario in rule.scenarios)


@dataclass(frozen=True)
class Moment:
    """A server's state from then on, `seconds` after the start of the scenario; empty texts for none."""

    seconds: float
    server: str
    status: str
    task_state: str
    host: str


@dataclass(frozen=True)
class Check:
    """An implicit check of every scenario: its name, its outcome ("checked", "unverified" or "failed"), and a reason if
    any."""

    name: str
    outcome: str
    reason: str


@dataclass
class Evidence:
    """The attachments of one step."""

    ledgers: list[Ledger] = field(default_factory=list)
    history: list[Moment] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)  # name, text
    images: list[tuple[str, str]] = field(default_factory=list)  # name, data URI
    checks: list[Check] = field(default_factory=list)

    @property
    def documents(self) -> dict[str, str]:
        """The texts by name, those with the same name joined."""
        found: dict[str, list[str]] = {}
        for name, text in self.texts:
            found.setdefault(name, []).append(text.rstrip())
        return {name: "\n".join(texts) for name, texts in found.items()}


@dataclass(frozen=True)
class Done:
    """The result of one step or hook."""

    status: str
    seconds: float
    message: str = ""
    trace: str = ""
    hook: str = ""
    arguments: tuple[tuple[int, int], ...] = ()  # start, end in the step's text
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True)
class Result:
    """The result of a scenario in one run; `done` begins with the background's steps, hooks are separate."""

    outcome: str
    seconds: float = 0.0
    done: tuple[Done, ...] = ()
    hooks: tuple[Done, ...] = ()
    reason: str = ""
    remedy: str = ""
    message: str = ""
    finished: float = 0.0
    earlier: tuple[str, ...] = ()  # the failure of each earlier attempt

    @property
    def checks(self) -> list[Check]:
        """The implicit checks."""
        return [check for hook in self.hooks for check in hook.evidence.checks]

    @property
    def has_texts(self) -> bool:
        """Whether exchanges, logs or images were attached."""
        return any(each.evidence.texts or each.evidence.images for each in (*self.done, *self.hooks))


NOT_YET = Result(NOT_RUN)


@dataclass
class Run:
    """One or more message streams about one cloud."""

    cloud: str
    features: dict[str, Feature] = field(default_factory=dict)
    results: dict[Key, Result] = field(default_factory=dict)
    unreadable: list[tuple[str, int, str]] = field(default_factory=list)  # file, line, what
    description: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    started: float = 0.0
    finished: float | None = None  # None: the run broke off

    def result(self, scenario: Scenario) -> Result | None:
        """The result of a scenario; None when this run does not contain it."""
        found = self.results.get(scenario.key)
        if found is None and scenario.uri in self.features and scenario.key in self._known:
            return NOT_YET
        return found

    @cached_property
    def _known(self) -> frozenset[Key]:
        return frozenset(s.key for feature in self.features.values() for s in feature.scenarios)

    @property
    def totals(self) -> Counter[str]:
        """Scenarios by outcome, every outcome present."""
        counted = Counter(dict.fromkeys(OUTCOMES, 0))
        counted.update(self.results[key].outcome if key in self.results else NOT_RUN for key in self._known)
        return counted

    def merge(self, other: "Run") -> None:
        """Add another stream about the same cloud: a shard, or a later run whose results replace older ones."""
        newer = other.started >= self.started
        self.features = {**self.features, **other.features} if newer else {**other.features, **self.features}
        for key, result in other.results.items():
            if key not in self.results or result.finished >= self.results[key].finished:
                self.results[key] = result
        self.unreadable += [each for each in other.unreadable if each not in self.unreadable]
        if newer or not self.description:
            self.description = {**self.description, **other.description}
        self.meta = self.meta or other.meta
        self.started = min(self.started, other.started)
        ends = (self.finished, other.finished)
        self.finished = None if None in ends else max(end for end in ends if end is not None)
        self.__dict__.pop("_known", None)


def verdict_of(outcomes: Sequence[str]) -> str:
    """The verdict on a rule: the worst outcome of its scenarios; without any, not yet verified."""
    for worst in (FAILED, UNDEFINED, KNOWN, UNVERIFIED, NOT_RUN):
        if worst in outcomes:
            return worst
    return PASSED if outcomes else NOT_RUN
