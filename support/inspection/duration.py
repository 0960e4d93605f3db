"""How long a run takes at least on a cloud where something must be awaited that cannot be brought about, and why.

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
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.needs import CONTROLLED, LAB, PARKED_AT_MOST, REFRESH, WHOLE_CLOUD, is_disturbing

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
    """Say how long scenarios take at least on a cloud because of what must be awaited there, and why; None if nothing
    must. Nothing is requested from the cloud. Raises ConfigurationError."""
    control = control_of(target)
    possible = [scenario for scenario in scenarios if not _is_refused(scenario, target, control)]
    found = [_periodics(possible, target, control), _readings(possible, target, control)]
    waits = [wait for wait in found if wait.seconds]
    if not waits:
        return None
    hosts = target.settings.hosts or ()
    seconds = max(sum(wait.seconds for wait in waits) / workers, *(wait.longest for wait in waits))
    if hosts:
        seconds = max(seconds, _held(possible, target, control) / len(hosts))
    by = f" with {workers} workers{_on(len(hosts))}" if workers > 1 else ""
    return f"this run takes at least {_time(seconds)}{by}, because {', and because '.join(wait.why for wait in waits)}"


def _on(hosts: int) -> str:
    """Say what limits workers: the hosts that clouds.yaml lists, or those that Nova has, which are not known here."""
    return f" on {_counted(hosts, 'host', 'hosts')}" if hosts else " (longer if they wait for each other's hosts)"


def _held(scenarios: Collection[Planned], target: Target, control: Control) -> float:
    """Return for how many seconds hosts are leased at least while scenarios wait, added up over the hosts.

    Scenarios that wait together share their hosts, and such a wait may pass during a step's; a wait of a scenario that
    is alone on its hosts shares them with nothing.
    """
    interval, every = control.awaited_interval or 0.0, len(target.settings.hosts or ())

    def by_steps(scenario: Planned) -> float:
        return scenario.awaiting_steps * interval + _reading(scenario, target, control)

    alone = [scenario for scenario in scenarios if is_disturbing(scenario.tags, scenario.needs)]
    shared = [scenario for scenario in scenarios if scenario not in alone]
    seconds = 0.0
    for scenario in alone:
        hosts = every if WHOLE_CLOUD in scenario.tags else scenario.hosts
        seconds += hosts * (by_steps(scenario) + interval)
    together = sorted((scenario.hosts for scenario in shared), reverse=True)[::PARKED_AT_MOST]
    return seconds + max(interval * sum(together), sum(scenario.hosts * by_steps(scenario) for scenario in shared))


@dataclass(frozen=True)
class _Wait:
    """Seconds of waiting by all scenarios, of the longest single wait, and why."""

    seconds: float = 0.0
    longest: float = 0.0
    why: str = ""


def _periodics(scenarios: Collection[Planned], target: Target, control: Control) -> _Wait:
    """Return the waits for the periodic task, where it can only be awaited."""
    interval = control.awaited_interval or 0.0
    steps = sum(scenario.awaiting_steps for scenario in scenarios)
    waiting = [scenario for scenario in scenarios if scenario.hosts]
    alone = [scenario for scenario in waiting if is_disturbing(scenario.tags, scenario.needs)]
    together = len(waiting) - len(alone)
    intervals = steps + ceil(together / PARKED_AT_MOST) + _intervals_alone(alone, target)
    reasons = [
        _counted(together, "scenario waits", "scenarios wait") + f" for it at the end, up to {PARKED_AT_MOST} together",
        _counted(
            len(alone), "disruptive scenario waits alone on its hosts", "disruptive scenarios wait alone on their hosts"
        ),
        _counted(steps, "step waits", "steps wait"),
    ]
    told = ", ".join(reason for count, reason in zip((together, len(alone), steps), reasons, strict=True) if count)
    why = (
        f'the periodic task of the resource tracker on cloud "{target.name}" can only be awaited (every {interval:g} '
        f's): {told}; to avoid that, set "run_periodic:" under "stocktake: control:" of the cloud in {target.file}'
    )
    return _Wait(intervals * interval, interval, why)


def _readings(scenarios: Collection[Planned], target: Target, control: Control) -> _Wait:
    """Return the waits until nova-compute reads the provider tree of its host, which scenarios have changed, again."""
    interval = max((_reading(scenario, target, control) for scenario in scenarios), default=0.0)
    count = sum(_reading(scenario, target, control) > 0 for scenario in scenarios)
    told = _counted(count, "scenario waits", "scenarios wait")
    why = f'{told} until nova-compute has read the provider tree of its host again ("refresh_interval: {interval:g}")'
    return _Wait(count * interval, interval, why)


def _reading(scenario: Planned, target: Target, control: Control) -> float:
    """Return for how long a scenario waits until its change of a provider tree is read; a lab's is read at once."""
    waits = REFRESH in scenario.needs and scenario.awaiting_steps > 0 and not isinstance(control, HttpControl)
    return target.settings.refresh_interval if waits else 0.0


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
    if REFRESH in scenario.needs and not (settings.refresh_interval or isinstance(control, HttpControl)):
        return True
    needs = {*scenario.needs, *({LAB} if LAB in scenario.tags else ())}
    return LAB in needs or any(control.missing(need) for need in needs & CONTROLLED)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _time(seconds: float) -> str:
    if seconds <= MINUTE:
        return _counted(ceil(seconds), "second", "seconds")
    return _counted(ceil(seconds / MINUTE), "minute", "minutes")
