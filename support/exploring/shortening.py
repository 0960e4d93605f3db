"""Shortens a history that breaks a rule, operation by operation, as long as the model allows what remains.

hypothesis would shorten the choices from which it made the history up, most of which make no history at all or the
same again; a run on a cloud takes seconds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.history import History, ImpossibleHistoryError, Step
from stocktake.support.exploring.world import FLAVORS, HOSTS, PLAIN, SERVERS, World

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
    yield from _begun_later(history)
    if history.circumstance != "plain":
        yield from _possible(replace(history, circumstance="plain"), [_simplified(step) for step in steps])
    servers = dict.fromkeys(_base(step.told["server"]) for step in steps if "server" in step.told)
    for server in servers:
        yield from _possible(history, [step for step in steps if _base(step.told.get("server", "")) != server])
    for kept, gone in combinations(servers, 2):
        yield from _possible(history, list(_merged(steps, kept, gone)))
    for size in sorted({len(steps) // 2, len(steps) // 4, 1}, reverse=True):
        for start in range(len(steps) - size + 1) if size else ():
            yield from _possible(history, [*steps[:start], *steps[start + size :]])
    for one, other in combinations(range(len(steps)), 2):  # such as a host that goes down and comes back
        yield from _possible(history, [step for n, step in enumerate(steps) if n not in (one, other)])
    if len(history.hosts) > 2:  # noqa: PLR2004 - no history has fewer
        fewer = replace(history, hosts=HOSTS[:2])
        yield from _possible(fewer, steps)
        for host in history.hosts:
            yield from _possible(fewer, [step for step in steps if step.told.get("host") != host])
    yield from _with_simpler_steps(history)


def _begun_later(history: History) -> Iterator[History]:
    """Histories that begin where all servers are at rest, by booting them where they are then; the shortest first."""
    for number in reversed(range(2, len(history.steps))):
        world = history.worlds[number]
        at_rest = not (world.down or world.disabled or world.pending is not None) and all(
            (server.status, server.kind, server.move, server.left, server.towards)
            == ("ACTIVE", "plain", None, (), None)
            for server in world.servers
        )
        if not at_rest or number <= len(world.servers):
            continue
        names = dict(zip((server.name for server in world.servers), SERVERS, strict=False))
        booted = [
            Step.of("boot", {"flavor": each.flavor, "host": str(each.host), "server": names[each.name]})
            for each in world.servers
        ]
        rest = [
            Step.of(step.operation, {**step.told, "server": names.get(step.told["server"], step.told["server"])})
            if "server" in step.told
            else step
            for step in history.steps[number:]
        ]
        yield from _possible(history, [*booted, *rest])


def _merged(steps: Sequence[Step], kept: str, gone: str) -> Iterator[Step]:
    """Yield these steps as if all happened to one server, without the step that boots the other."""
    booted = False
    for step in steps:
        if step.told.get("server") != gone:
            yield step
        elif booted:
            yield Step.of(step.operation, {**step.told, "server": kept})
        booted = booted or step.told.get("server") == gone


def _with_simpler_steps(history: History) -> Iterator[History]:
    """Histories of which one step is what it is a variant of, or begins a server with the simplest flavor."""
    for number, step in enumerate(history.steps):
        plain = step
        if step.operation.startswith("boot") and step.told["flavor"] in FLAVORS:
            plain = Step.of(step.operation, {**step.told, "flavor": PLAIN})
        for other in dict.fromkeys((_simplified(step), plain)):
            if other != step:
                yield from _possible(history, [*history.steps[:number], other, *history.steps[number + 1 :]])


def _simplified(step: Step) -> Step:
    """Return the operation of which a step is a variant, or the step."""
    if step.kind.simpler is None:
        return step
    known = {**step.told, "flavor": PLAIN} if step.told.get("flavor", PLAIN) not in FLAVORS else step.told
    return Step.of(step.kind.simpler, known)


def _base(server: str) -> str:
    """Return the name that a request gave to a server, which Nova numbers if there were several."""
    return server.partition("-")[0]


def _possible(history: History, steps: Sequence[Step]) -> Iterator[History]:
    """This history with these steps, if the model allows it, servers named in the order in which they occur, and hosts
    as well where one is like another."""
    there = dict.fromkeys(_base(step.told["server"]) for step in steps if "server" in step.told)
    names = dict(zip(there, SERVERS, strict=False))
    named = dict.fromkeys(step.told["host"] for step in steps if "host" in step.told)
    alike = CIRCUMSTANCES[history.circumstance].alike
    roles = dict(zip(named, HOSTS, strict=False)) if alike else {host: host for host in named}
    made = replace(history, steps=())
    for step in steps:
        told = dict(step.told)
        if "server" in told:
            base, dash, number = told["server"].partition("-")
            told["server"] = names.get(base, base) + dash + number
        if "host" in told:
            told["host"] = roles[told["host"]]
        made = made.then(_about_the_move(Step.of(step.operation, told), made.worlds[-1]))
        try:
            made.check()
        except ImpossibleHistoryError:
            return
    if made.steps:
        yield made


def _about_the_move(step: Step, world: World) -> Step:
    """Return a step about a server's move as one about the move that the server has now: a migration, not a resize."""
    for server in world.servers:
        if "move" in step.told and server.name == step.told["server"] and server.move:
            return Step.of(step.operation, {**step.told, "move": server.move.kind})
    return step
