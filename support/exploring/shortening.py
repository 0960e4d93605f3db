"""Shortens a history that breaks a rule, operation by operation, as long as the model allows what remains.

hypothesis would shorten the choices from which it made the history up, most of which make no history at all or the
same again; a run on a cloud takes seconds.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from stocktake.support.exploring.history import History, ImpossibleHistoryError, Step
from stocktake.support.exploring.world import HOSTS, PLAIN, SERVERS

Breaks = Callable[[History], History | None]


def shorten(history: History, breaks: Breaks) -> History:
    """Return the simplest history that was found to break the same rule.

    `breaks` runs a history, and returns it up to the operation after which the same rule was broken; None if that was
    not the case, or if there is no time left.
    """
    tried = {history}
    while True:
        for candidate in _simpler(history):
            if candidate in tried:
                continue
            tried.add(candidate)
            broken = breaks(candidate)
            if broken is not None:
                tried.add(broken)
                history = broken
                break
        else:
            return history


def _simpler(history: History) -> Iterator[History]:
    """Histories that lack something of this one, those that lack most first, and those that differ in a flavor."""
    steps = history.steps
    servers = dict.fromkeys(step.told["server"] for step in steps if "server" in step.told)
    for server in servers:
        yield from _possible(history.hosts, [step for step in steps if step.told.get("server") != server])
    for size in sorted({len(steps) // 2, len(steps) // 4, 1}, reverse=True):
        for start in range(len(steps) - size + 1) if size else ():
            yield from _possible(history.hosts, [*steps[:start], *steps[start + size :]])
    for one, other in combinations(range(len(steps)), 2):  # such as a host that goes down and comes back
        yield from _possible(history.hosts, [step for n, step in enumerate(steps) if n not in (one, other)])
    if len(history.hosts) > 2:  # noqa: PLR2004 - no history has fewer
        yield from _possible(HOSTS[:2], steps)
    for number, step in enumerate(steps):
        if step.operation == "boot" and step.told["flavor"] != PLAIN:
            plain = Step.of(step.operation, {**step.told, "flavor": PLAIN})
            yield from _possible(history.hosts, [*steps[:number], plain, *steps[number + 1 :]])


def _possible(hosts: tuple[str, ...], steps: Sequence[Step]) -> Iterator[History]:
    """The history of these steps, if the model allows it, servers and hosts named in the order in which they occur."""
    booted = [step.told["server"] for step in steps if step.operation == "boot"]
    names = dict(zip(booted, SERVERS, strict=False))
    named = dict.fromkeys(step.told["host"] for step in steps if "host" in step.told)
    roles = dict(zip(named, HOSTS, strict=False))
    renamed = []
    for step in steps:
        told = dict(step.told)
        if "server" in told:
            told["server"] = names.get(told["server"], told["server"])
        if "host" in told:
            told["host"] = roles[told["host"]]
        renamed.append(Step.of(step.operation, told))
    made = History(hosts, tuple(renamed))
    try:
        made.check()
    except ImpossibleHistoryError:
        return
    yield made
