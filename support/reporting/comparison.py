"""Two runs compared as behaviours: which scenarios were added, removed or reworded, and which no longer pass."""

import difflib
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from stocktake.support.reporting.model import NOT_YET, Result, Run, Scenario
from stocktake.support.reporting.outcomes import FAILED, KNOWN, NOT_RUN, PASSED, UNDEFINED, UNVERIFIED

ALIKE = 0.6  # ratio of common text from which a new scenario counts as an old one reworded
MOST_PAIRS = 20_000  # most comparisons of texts; beyond that, all scenarios count as new
SLOWER, AT_LEAST = 2.0, 1.0  # times as long, and seconds longer, from which a scenario is reported as slower
BROKEN = (FAILED, UNDEFINED)

KINDS = {  # in the order in which they are reported
    "newly broken": "passed before and fails now",
    "still broken": "failed before and fails now",
    "newly known to fail": "passed before and fails now for a known reason",
    "no longer verified": "was verified before and could not be verified this time",
    "mended": "failed before and passes now",
    "newly verified": "was not verified before and passes now",
    "added": "did not exist before",
    "withdrawn": "no longer exists",
    "reworded": "is worded differently and has the same outcome",
    "moved": "is in another file, with the same words",
    "slower": "takes at least twice as long as before, and at least a second longer",
}


@dataclass(frozen=True)
class Change:
    """One scenario's difference; `lines` are (sign, text) of the rewording, sign "+", "-" or " "."""

    kind: str
    scenario: Scenario
    old: Result = NOT_YET
    new: Result = NOT_YET
    old_name: str = ""
    old_rule: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    old_uri: str = ""


@dataclass
class RuleChange:
    """The changes of one kind under one rule (or feature without rules); `whole` when the rule itself was added or
    removed."""

    kind: str
    rule: str
    whole: bool
    changes: list[Change] = field(default_factory=list)


@dataclass
class Comparison:
    """All changes from one run to a later one."""

    old: Run
    new: Run
    rules: list[RuleChange]

    @property
    def title(self) -> str:
        """What it is about, as a heading."""
        if self.old.cloud == self.new.cloud:
            return "Changes since the previous run"
        return f"Changes from {self.old.cloud} to {self.new.cloud}"

    def of_kind(self, kind: str) -> list[RuleChange]:
        """The rules with changes of one kind."""
        return [rule for rule in self.rules if rule.kind == kind]

    def count(self, kind: str) -> int:
        """The number of scenarios with changes of one kind."""
        return sum(len(rule.changes) for rule in self.of_kind(kind))


def compare(old: Run, new: Run) -> Comparison:
    """What differs in `new` from `old`, in the order of KINDS."""
    before = [s for feature in old.features.values() for s in feature.scenarios]
    after = [s for feature in new.features.values() for s in feature.scenarios]
    pairs, added, withdrawn = paired(before, after)
    changes = [change for was, now in pairs for change in differences(old, was, new, now)]
    changes += [Change("added", s, new=new.result(s) or NOT_YET) for s in added]
    changes += [Change("withdrawn", s, old=old.result(s) or NOT_YET) for s in withdrawn]
    rank = {kind: number for number, kind in enumerate(KINDS)}
    titles = {uri: feature.name for run in (old, new) for uri, feature in run.features.items()}
    rules: dict[tuple[str, str, str], RuleChange] = {}
    known = {"added": {(s.uri, s.rule) for s in before}, "withdrawn": {(s.uri, s.rule) for s in after}}
    for change in sorted(changes, key=lambda each: rank[each.kind]):
        uri, rule = change.scenario.uri, change.scenario.rule
        whole = change.kind in known and (uri, rule) not in known[change.kind]
        rules.setdefault((change.kind, uri, rule), RuleChange(change.kind, rule or titles[uri], whole)).changes.append(
            change
        )
    return Comparison(old, new, list(rules.values()))


def in_turn(runs: Sequence[Run]) -> list[Comparison]:
    """What differs in each run from the one before it; the times of different clouds are not compared."""
    found = [compare(old, new) for old, new in itertools.pairwise(runs)]
    for each in found:
        each.rules = [rule for rule in each.rules if rule.kind != "slower"]
    return found


def paired(
    before: Sequence[Scenario], after: Sequence[Scenario]
) -> tuple[list[tuple[Scenario, Scenario]], list[Scenario], list[Scenario]]:
    """Match scenarios of two runs: by id, else by place and title, by title, by steps, or by most of the text.

    Returns the pairs in the order of `after`, then those only in `after`, then those only in `before`.
    """
    found: dict[int, Scenario] = {}
    rest, free = list(after), list(before)
    keys: tuple[Callable[[Scenario], object], ...] = (
        lambda s: (s.id, s.key[3]) if s.id else None,
        lambda s: s.key,
        lambda s: (s.uri, s.name, s.key[3]),
        lambda s: (s.name, s.key[3]),
        lambda s: (s.uri, tuple(s.lines)),
        lambda s: (s.rule, tuple(s.lines)),
    )
    for key in keys:
        rest, free = match_by(key, rest, free, found)
    for now in list(rest) if len(rest) * len(free) <= MOST_PAIRS else ():
        was = most_alike(now, [s for s in free if s.uri == now.uri])
        if was is not None:
            found[id(now)] = was
            rest.remove(now)
            free.remove(was)
    return [(found[id(now)], now) for now in after if id(now) in found], rest, free


def match_by(
    key: Callable[[Scenario], object], rest: list[Scenario], free: list[Scenario], found: dict[int, Scenario]
) -> tuple[list[Scenario], list[Scenario]]:
    """Pair those with equal keys into `found` (None equals nothing); return the rest of both."""
    by_key: dict[object, list[Scenario]] = {}
    for was in free:
        if (of := key(was)) is not None:
            by_key.setdefault(of, []).append(was)
    left = []
    for now in rest:
        same = by_key.get(key(now))
        if same:
            found[id(now)] = same.pop(0)
        else:
            left.append(now)
    taken = {id(was) for was in found.values()}
    return left, [was for was in free if id(was) not in taken]


def most_alike(scenario: Scenario, candidates: Iterable[Scenario]) -> Scenario | None:
    """The candidate with the most similar text, if it is similar enough."""
    text = [scenario.name, *scenario.lines]
    best, closeness = None, ALIKE
    for each in candidates:
        matcher = difflib.SequenceMatcher(None, [each.name, *each.lines], text, autojunk=False)
        words = difflib.SequenceMatcher(None, each.name.split(), scenario.name.split(), autojunk=False)
        alike = max(matcher.ratio(), (matcher.ratio() + words.ratio()) / 2)
        if alike >= closeness:
            best, closeness = each, alike
    return best


def differences(old: Run, was: Scenario, new: Run, now: Scenario) -> Iterable[Change]:
    """How one scenario differs: its outcome, else its wording; and its time."""
    before, after = old.result(was) or NOT_YET, new.result(now) or NOT_YET
    reworded = (was.name, was.rule, was.lines) != (now.name, now.rule, now.lines)
    lines = tuple(diff(was, now)) if reworded else ()
    unchanged = "reworded" if reworded else "moved" if was.uri != now.uri else ""
    kind = outcome_change(before.outcome, after.outcome) or unchanged
    if kind:
        yield Change(kind, now, before, after, was.name, was.rule, lines, was.uri)
    slower = after.seconds >= before.seconds * SLOWER and after.seconds - before.seconds >= AT_LEAST
    if before.outcome == after.outcome == PASSED and slower:
        yield Change("slower", now, before, after, was.name, was.rule)


def outcome_change(before: str, after: str) -> str:
    """The kind of change from one outcome to another, empty if it is not relevant."""
    if after in BROKEN:
        return "still broken" if before in BROKEN else "newly broken"
    if after == PASSED and before != PASSED:
        return "mended" if before in (*BROKEN, KNOWN) else "newly verified"
    if before == PASSED and after == KNOWN:
        return "newly known to fail"
    if before == PASSED and after in (UNVERIFIED, NOT_RUN):
        return "no longer verified"
    return ""


def diff(was: Scenario, now: Scenario) -> Iterable[tuple[str, str]]:
    """The changed lines with their sign; unchanged ones are omitted."""
    old = [f"Rule: {was.rule}"] * bool(was.rule) + [f"Scenario: {was.name}", *was.lines]
    new = [f"Rule: {now.rule}"] * bool(now.rule) + [f"Scenario: {now.name}", *now.lines]
    for line in difflib.ndiff(old, new):
        if line[0] in "+-":
            yield line[0], line[2:]
