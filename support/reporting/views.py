"""What a page or a summary tells: verdicts over scenarios, laws and clouds, what is broken and what is missing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from stocktake.support.reporting.model import Feature, Result, Rule, Run, Scenario, verdict_of
from stocktake.support.reporting.outcomes import FAILED, NOT_RUN, OUTCOMES, PASSED, UNDEFINED, UNVERIFIED, noun

OPEN_UP_TO = 150  # scenarios shown unfolded


@dataclass(frozen=True)
class Failure:
    """A scenario that does not hold on a cloud."""

    feature: Feature
    scenario: Scenario
    cloud: str
    result: Result


@dataclass
class Gap:
    """Scenarios that could not be verified for one and the same reason."""

    reason: str
    remedy: str
    where: list[tuple[Scenario, str]]


class Report:
    """Everything one page tells: runs by cloud, and features nothing is known of yet."""

    def __init__(self, runs: Sequence[Run], known: Run | None = None):
        self.runs = list(runs)
        self.known = known
        every = [run.features for run in sorted(self.runs, key=lambda run: run.started)]
        merged = {**(known.features if known else {})}
        for features in every:
            merged.update(features)
        self.features = [merged[uri] for uri in sorted(merged)]
        self.unreadable = list(
            dict.fromkeys(each for run in [*self.runs, *filter(None, [known])] for each in run.unreadable)
        )

    @property
    def several(self) -> bool:
        """Whether there is a matrix to show."""
        return len(self.runs) > 1

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
        """What became of a scenario, cloud by cloud; None where a cloud's run does not have it."""
        return [(run.cloud, run.result(scenario)) for run in self.runs]

    def outcome(self, scenario: Scenario) -> str:
        """The worst that became of a scenario on any cloud."""
        return self._outcomes[scenario.key]

    @cached_property
    def _outcomes(self) -> dict[object, str]:
        return {s.key: verdict_of([r.outcome for _, r in self.results(s) if r]) for s in self.scenarios}

    def verdict(self, part: Rule | Feature) -> str:
        """The worst of a law or a feature."""
        return verdict_of([self.outcome(scenario) for scenario in part.scenarios])

    def verdict_on(self, part: Rule | Feature, run: Run) -> str | None:
        """The worst of a law on one cloud; None where that run does not have it."""
        found = [result.outcome for result in map(run.result, part.scenarios) if result]
        return verdict_of(found) if found else None

    @cached_property
    def totals(self) -> Counter[str]:
        """Scenarios by outcome: of the one run; of several, by the worst outcome on any cloud."""
        counted = Counter(dict.fromkeys(OUTCOMES, 0))
        counted.update(self._outcomes.values())
        return counted

    @cached_property
    def laws(self) -> list[tuple[Feature, Rule]]:
        """Every rule; a feature without rules counts as one law."""
        return [(feature, rule) for feature in self.features for rule in feature.rules]

    @cached_property
    def law_totals(self) -> Counter[str]:
        """Laws by verdict."""
        return Counter(self.verdict(rule) for _, rule in self.laws)

    @cached_property
    def failures(self) -> list[Failure]:
        """What is broken, feature by feature."""
        return [
            Failure(feature, scenario, cloud, result)
            for feature in self.features
            for scenario in feature.scenarios
            for cloud, result in self.results(scenario)
            if result and result.outcome in (FAILED, UNDEFINED)
        ]

    @cached_property
    def gaps(self) -> list[Gap]:
        """What could not be verified, by reason, the most frequent first."""
        found: dict[tuple[str, str], Gap] = {}
        for scenario in self.scenarios:
            for cloud, result in self.results(scenario):
                if result and result.outcome == UNVERIFIED:
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
        """Where the laws were tried: "lab", "lab and staging"."""
        names = [run.cloud for run in self.runs]
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

    @property
    def headline(self) -> str:
        """The one sentence of the front page."""
        laws, held = len(self.laws), self.law_totals[PASSED]
        if not self.runs or not any(self.totals[o] for o in OUTCOMES if o != NOT_RUN):
            return "Nothing is verified yet."
        if held == laws:
            return f"All {laws} laws hold on {self.place}." if laws > 1 else f"The one law holds on {self.place}."
        if held == 0:
            return f"Of {noun(laws, 'law')}, none is verified on {self.place}."
        return f"{held} of {laws} laws {'holds' if held == 1 else 'hold'} on {self.place}."

    @property
    def rest(self) -> list[tuple[str, str]]:
        """What became of the other laws: (outcome, words)."""
        told = {
            FAILED: ("is broken", "are broken"),
            UNDEFINED: ("says something undefined", "say something undefined"),
            UNVERIFIED: ("could not be verified", "could not be verified"),
            NOT_RUN: ("has not been tried", "have not been tried"),
        }
        counts = [(outcome, self.law_totals[outcome]) for outcome in told]
        return [(outcome, f"{n} {told[outcome][n > 1]}") for outcome, n in counts if n]
