"""How long a run takes at least on a cloud whose periodic task can only be awaited, and why.

Only waits that are certain count: whatever Nova itself takes comes on top.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from stocktake.support.config.target import Target
from stocktake.support.gherkin.mentions import Said, needs_in, roles_in
from stocktake.support.gherkin.phrases import VOCABULARY, Vocabulary
from stocktake.support.gherkin.text.elements import FeatureText, ScenarioText
from stocktake.support.hosts.control import Control, control_of
from stocktake.support.hosts.disruption import may_disrupt
from stocktake.support.hosts.needs import CONTROLLED, LAB, PARKED_AT_MOST, WHOLE_CLOUD, is_disturbing

MINUTE = 60.0


@dataclass(frozen=True)
class Planned:
    """A scenario that is to be run, or one row of its Examples: what it needs, how many hosts it names, and how many
    of its steps await the periodic task."""

    tags: Collection[str]
    needs: Collection[str]
    hosts: int
    awaiting_steps: int


def planned(
    feature: FeatureText, selected: Collection[str] | None = None, vocabulary: Vocabulary = VOCABULARY
) -> Iterator[Planned]:
    """Yield the scenarios of a feature file, one for each row of an outline.

    `selected` are names as pytest has them, `NAME` or `NAME[ROW]`; None selects all.
    """
    for scenario in feature.scenarios:
        rows = [row for _, row in scenario.contexts] or [{}]
        if selected is not None:
            rows = rows[: sum(_belongs(name, scenario) for name in selected)]
        for row in rows:
            filled = (step.filled(row) for step in feature.steps_of(scenario))
            steps = [Said(step.kind, step.text, step.table or ()) for step in filled]
            yield Planned(
                _tags(feature, scenario),
                needs_in(steps, vocabulary),
                len(roles_in(steps, vocabulary)),
                sum("run_periodic" in needs_in([step], vocabulary) for step in steps),
            )


def _belongs(name: str, scenario: ScenarioText) -> bool:
    return name == scenario.name or (scenario.is_outline and name.startswith(f"{scenario.name}["))


def _tags(feature: FeatureText, scenario: ScenarioText) -> set[str]:
    rule = scenario.rule.tags if scenario.rule else ()
    return {tag.name for tag in (*feature.tags, *rule, *scenario.tags)}


def least_duration(target: Target, scenarios: Iterable[Planned], workers: int = 1) -> str | None:
    """Say how long scenarios take at least on a cloud because of its periodic task, and why; None if they need not wait
    for it. Nothing is requested from the cloud. Raises ConfigurationError."""
    control = control_of(target)
    interval = control.awaited_interval
    if interval is None:
        return None
    possible = [scenario for scenario in scenarios if not _is_refused(scenario, target, control)]
    steps = sum(scenario.awaiting_steps for scenario in possible)
    waiting = [scenario for scenario in possible if scenario.hosts]
    alone = [scenario for scenario in waiting if is_disturbing(scenario.tags, scenario.needs)]
    together = len(waiting) - len(alone)
    intervals = steps + ceil(together / PARKED_AT_MOST) + _intervals_alone(alone, target)
    if not intervals:
        return None
    reasons = [
        _counted(together, "scenario waits", "scenarios wait") + f" for it at the end, up to {PARKED_AT_MOST} together",
        _counted(
            len(alone), "disruptive scenario waits alone on its hosts", "disruptive scenarios wait alone on their hosts"
        ),
        _counted(steps, "step waits", "steps wait"),
    ]
    told = ", ".join(reason for count, reason in zip((together, len(alone), steps), reasons, strict=True) if count)
    by = f" with {workers} workers" if workers > 1 else ""
    seconds = max(interval, intervals * interval / workers)
    return (
        f"this run takes at least {_time(seconds)}{by}, because the periodic task of the resource tracker on cloud "
        f'"{target.name}" can only be awaited (every {interval:g} s): {told}; to avoid that, set "run_periodic:" under '
        f'"stocktake: control:" of the cloud in {target.file}'
    )


def _intervals_alone(scenarios: Collection[Planned], target: Target) -> int:
    """Return how many intervals scenarios wait that share their hosts with no other; several may find hosts at the same
    time."""
    whole = [scenario for scenario in scenarios if WHOLE_CLOUD in scenario.tags]
    hosts = sum(scenario.hosts for scenario in scenarios if scenario not in whole)
    return len(whole) + ceil(hosts / max(1, len(target.settings.hosts or ())))


def _is_refused(scenario: Planned, target: Target, control: Control) -> bool:
    """Whether it is certain that a scenario is unverified at once."""
    settings = target.settings
    if "disruption" in scenario.needs and may_disrupt(settings, next(iter(settings.hosts or ()), ""), ()):
        return True
    needs = {*scenario.needs, *({LAB} if LAB in scenario.tags else ())}
    return LAB in needs or any(control.missing(need) for need in needs & CONTROLLED)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _time(seconds: float) -> str:
    if seconds <= MINUTE:
        return _counted(ceil(seconds), "second", "seconds")
    return _counted(ceil(seconds / MINUTE), "minute", "minutes")
