"""What a page or a summary shows: verdicts on scenarios, rules and clouds, what failed and what is missing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import PurePosixPath

from stocktake.support.reporting.model import Feature, Result, Rule, Run, Scenario, verdict_of
from stocktake.support.reporting.outcomes import FAILED, KNOWN, NOT_RUN, OUTCOMES, PASSED, UNDEFINED, UNVERIFIED, noun

OPEN_UP_TO = 150  # scenarios shown unfolded
NAMED = 5  # clouds in the headline


@dataclass(frozen=True)
class Attempted:
    """The result of a scenario on a cloud."""

    feature: Feature
    scenario: Scenario
    cloud: str
    result: Result


@dataclass(frozen=True)
class Folder:
    """The features of one folder; `name` is empty for features without one."""

    name: str
    features: tuple[Feature, ...]

    @property
    def anchor(self) -> str:
        """The anchor of the folder on the page."""
        return f"folder.{self.name}" if self.name else "folder"

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All scenarios of its features."""
        return tuple(scenario for feature in self.features for scenario in feature.scenarios)


def folder_of(uri: str) -> str:
    """The folder of a feature file below the one called features: "boot" of "features/boot/many.feature"."""
    folders = PurePosixPath(uri).parts[:-1]
    below = max((n for n, each in enumerate(folders, start=1) if each == "features"), default=0)
    return "/".join(folders[below:])


@dataclass
class Gap:
    """Scenarios that could not be verified for one and the same reason."""

    reason: str
    remedy: str
    where: list[tuple[Scenario, str]]


class Report:
    """The content of one page: runs by cloud, and features without results."""

    def __init__(self, runs: Sequence[Run], known: Run | None = None):
        self.runs = list(runs)
        self.known = known
        every = [run.features for run in sorted(self.runs, key=lambda run: run.started)]
        merged = {**(known.features if known else {})}
        for features in every:
            merged.update(features)
        self.features = [merged[uri] for uri in sorted(merged, key=lambda uri: (folder_of(uri), uri))]
        self.unreadable = list(
            dict.fromkeys(each for run in [*self.runs, *filter(None, [known])] for each in run.unreadable)
        )

    @property
    def several(self) -> bool:
        """Whether there is a matrix to show."""
        return len(self.runs) > 1

    @cached_property
    def folders(self) -> list[Folder]:
        """The features by folder, those without one first."""
        grouped = groupby(self.features, key=lambda feature: folder_of(feature.uri))
        return [Folder(name, tuple(features)) for name, features in grouped]

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """Every scenario of the page."""
        return [scenario for feature in self.features for scenario in feature.scenarios]

    @cached_property
    def anchors(self) -> dict[str, str]:
        """The anchor of each feature file."""
        return {feature.uri: feature.anchor for feature in self.features}

    @property
    def opened(self) -> bool:
        """Whether scenarios are shown unfolded."""
        return len(self.scenarios) <= OPEN_UP_TO

    def results(self, scenario: Scenario) -> list[tuple[str, Result | None]]:
        """The results of a scenario, cloud by cloud; None where a cloud's run does not contain it."""
        return [(run.cloud, run.result(scenario)) for run in self.runs]

    def outcome(self, scenario: Scenario) -> str:
        """The worst outcome of a scenario on any cloud."""
        return self._outcomes[scenario.key]

    @cached_property
    def _outcomes(self) -> dict[object, str]:
        return {s.key: verdict_of([r.outcome for _, r in self.results(s) if r]) for s in self.scenarios}

    def verdict(self, part: Rule | Feature | Folder) -> str:
        """The worst outcome in a rule, a feature or a folder."""
        return verdict_of([self.outcome(scenario) for scenario in part.scenarios])

    def verdict_on(self, part: Rule | Feature, run: Run) -> str | None:
        """The worst outcome in a rule on one cloud; None where that run does not contain it."""
        found = [result.outcome for result in map(run.result, part.scenarios) if result]
        return verdict_of(found) if found else None

    @cached_property
    def totals(self) -> Counter[str]:
        """Scenarios by outcome: of the one run; of several, by the worst outcome on any cloud."""
        counted = Counter(dict.fromkeys(OUTCOMES, 0))
        counted.update(self._outcomes.values())
        return counted

    @cached_property
    def rules(self) -> list[tuple[Feature, Rule]]:
        """Every rule; a feature without rules counts as one rule."""
        return [(feature, rule) for feature in self.features for rule in feature.rules]

    @cached_property
    def rule_totals(self) -> Counter[str]:
        """Rules by verdict."""
        return Counter(self.verdict(rule) for _, rule in self.rules)

    @cached_property
    def _attempted(self) -> list[Attempted]:
        return [
            Attempted(feature, scenario, cloud, result)
            for feature in self.features
            for scenario in feature.scenarios
            for cloud, result in self.results(scenario)
            if result
        ]

    @cached_property
    def failures(self) -> list[Attempted]:
        """What is broken, feature by feature."""
        return [each for each in self._attempted if each.result.outcome in (FAILED, UNDEFINED)]

    @cached_property
    def passed_later(self) -> list[Attempted]:
        """What passed, but not at the first attempt, feature by feature."""
        return [each for each in self._attempted if each.result.outcome == PASSED and each.result.earlier]

    @cached_property
    def gaps(self) -> list[Gap]:
        """What could not be verified, by reason, the most frequent first."""
        return self._by_reason(UNVERIFIED)

    @cached_property
    def defects(self) -> list[Gap]:
        """What is known to fail, by reason, with the address of its report as the remedy."""
        return self._by_reason(KNOWN)

    def _by_reason(self, outcome: str) -> list[Gap]:
        found: dict[tuple[str, str], Gap] = {}
        for scenario in self.scenarios:
            for cloud, result in self.results(scenario):
                if result and result.outcome == outcome:
                    key = result.reason, result.remedy
                    found.setdefault(key, Gap(*key, [])).where.append((scenario, cloud))
        return sorted(found.values(), key=lambda gap: -len(gap.where))

    @property
    def broken_off(self) -> list[str]:
        """Clouds whose run did not finish."""
        return [run.cloud for run in self.runs if run.finished is None]

    @property
    def tone(self) -> str:
        """bad, warn or good: green only when everything was verified."""
        if self.failures or self.unreadable or self.broken_off:
            return "bad"
        return "good" if self.scenarios and set(self._outcomes.values()) == {PASSED} else "warn"

    @property
    def place(self) -> str:
        """Where the scenarios ran: "lab", "lab and staging"."""
        names = [run.cloud for run in self.runs]
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

    @property
    def headline(self) -> str:
        """The one sentence of the front page."""
        rules, held = len(self.rules), self.rule_totals[PASSED]
        where = self.place if len(self.runs) <= NAMED else f"all {len(self.runs)} clouds"
        if not self.runs or not any(self.totals[o] for o in OUTCOMES if o != NOT_RUN):
            return "Nothing is verified yet."
        if held == rules:
            return f"All {rules} rules hold on {where}." if rules > 1 else f"The one rule holds on {where}."
        if held == 0:
            return f"Of {noun(rules, 'rule')}, none is verified on {where}."
        return f"{held} of {rules} rules {'holds' if held == 1 else 'hold'} on {where}."

    @property
    def rest(self) -> list[tuple[str, str]]:
        """The outcomes of the other rules: (outcome, words)."""
        told = {
            FAILED: ("fails", "fail"),
            UNDEFINED: ("has undefined steps", "have undefined steps"),
            KNOWN: ("is known to fail", "are known to fail"),
            UNVERIFIED: ("could not be verified", "could not be verified"),
            NOT_RUN: ("has not run", "have not run"),
        }
        counts = [(outcome, self.rule_totals[outcome]) for outcome in told]
        return [(outcome, f"{n} {told[outcome][n > 1]}") for outcome, n in counts if n]
