"""Hunts for histories that break a rule: hypothesis makes them up from the model; what is found is shortened.

A history is made up completely before it runs, since the model knows what is possible. So it can be run as often as
need be, and what has been run once is remembered.
"""

import itertools
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from stocktake.support.errors import CloudError
from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.graph import Chain
from stocktake.support.exploring.guide import Choice, Guide
from stocktake.support.exploring.history import History, Step
from stocktake.support.exploring.operations import OPERATIONS, Operation
from stocktake.support.exploring.running import Check, Verdict
from stocktake.support.exploring.shortening import shorten
from stocktake.support.exploring.world import World
from stocktake.support.waiting import SYSTEM_CLOCK, Clock

SHORTEST = 2  # operations; one alone is what features verify
TIRES_AFTER = 3  # failures of the cloud in a row
SHORTENING = 300.0  # seconds at most
REPEATS = 2  # further runs that prove a finding
PAIR = 10  # what a pair of operations that have never come after one another is worth, if a chain of three is worth 1
MODESTY = 0.97  # by which less is expected of a history for each one that was made up and not run
BATCH = 10  # histories; hypothesis does not allow that what has been seen changes meanwhile what it may draw

WHOLE: frozenset[Check | None] = frozenset({"periodic", "clean-up"})
"""Checks that come once, after the last operation: a longer history need not fail in them."""

Runner = Callable[[History], Verdict]
Recorder = Callable[[History, Verdict], None]


@dataclass(frozen=True)
class Found:
    """The shortest history that was found to break a rule, what it came to, and in how many of `runs` it did."""

    history: History
    verdict: Verdict
    repeated: int
    runs: int

    @property
    def proved(self) -> bool:
        """Whether it breaks the rule every time."""
        return self.repeated == self.runs


class RuleBroken(AssertionError):  # noqa: N818 - a verdict, like the assertion it is
    """A history breaks a rule; it ends with the operation after which that was seen."""

    def __init__(self, history: History, verdict: Verdict):
        super().__init__(verdict.told)
        self.history = history
        self.verdict = verdict


class _Ended(BaseException):
    """Ends hypothesis' search from within, which takes any Exception for a finding: time is up, or the cloud has
    failed too often (`why`)."""

    def __init__(self, why: CloudError | None = None):
        self.why = why


@dataclass
class Hunt:
    """One worker's search.

    `run` runs a history, `run_shorter` one that is expected to break a rule, for which it may wait less (by default it
    is the same), and `record` is told of each that was made up and run. `until` is the moment on the clock at which
    the search ends, `length` how many operations a history has at most. `seen` returns the pairs of operations that
    have come after one another so far, in any worker's histories.
    """

    run: Runner
    record: Recorder
    until: float
    length: int
    seen: Callable[[], Collection[Chain]] = tuple
    run_shorter: Runner | None = None
    clock: Clock = SYSTEM_CLOCK
    found: list[Found] = field(default_factory=list)
    _verdicts: dict[History, Verdict] = field(default_factory=dict)
    _happened: set[tuple[str, ...]] = field(default_factory=set)
    _offered: set[str] = field(default_factory=set)
    _left_out: set[str] = field(default_factory=set)
    _expected: float = 0.0
    _tired: int = 0

    def __post_init__(self) -> None:
        self.guide = Guide(self.length)

    def search(self, named: str) -> Found | None:
        """Search with this seed until something is found that earlier findings do not explain; None when time is up.

        Raises CloudError when the cloud has failed several times in a row.
        """
        try:
            for batch in itertools.count():
                self.guide.look_round(self.seen(), self._left_out)
                run_state_machine_as_test(seed(f"{named}-{batch}")(_machine(self)), settings=self._settings())
        except _Ended as ended:
            if ended.why:
                raise ended.why from None
        except RuleBroken as broken:
            return self._shortened(broken)
        return None

    def _settings(self) -> settings:
        return settings(
            max_examples=BATCH,
            stateful_step_count=self.length,
            deadline=None,
            database=None,  # what it would keep depends on what has been seen; findings are kept as features
            phases=(Phase.generate,),
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )

    def judge(self, history: History) -> None:
        """Run a history, unless it is known what it comes to. Raises RuleBroken for one that breaks a rule, unless an
        earlier finding explains that."""
        if len(history.steps) < SHORTEST or history.circumstance in self._left_out:
            return
        verdict = self._known(history)
        if verdict is None and self._is_new(history):
            verdict = self._tried(history)
        if verdict is not None and verdict.outcome == "broken":
            broken = history.until(verdict.step)
            if not any(_explains(each, broken, verdict) for each in self.found):
                raise RuleBroken(broken, verdict)

    def _known(self, history: History) -> Verdict | None:
        """What a history is known to come to: it was run before, or its beginning broke a rule already."""
        for number in range(SHORTEST, len(history.steps) + 1):
            known = self._verdicts.get(history.until(number))
            whole = number == len(history.steps)
            if known is not None and (whole or (known.outcome == "broken" and known.check not in WHOLE)):
                return known
        return None

    def _is_new(self, history: History) -> bool:
        """Whether a history is worth a run: it has as many new pairs and triples of operations as the last one had.

        Making one up takes a moment, and running it many seconds; so what is expected falls only little by little."""
        chains = set(zip(history.names, history.names[1:], history.names[2:], strict=False))
        new_pairs = set(pairwise(history.names)).difference(self.seen())
        worth = PAIR * len(new_pairs) + len(chains - self._happened)
        if worth < self._expected:
            self._expected *= MODESTY
            return False
        self._expected = worth
        self._happened |= chains
        return True

    def _tried(self, history: History) -> Verdict:
        """Run a history. Raises _Ended when time is up, and for a cloud that fails again and again."""
        if self.clock.now() > self.until:
            raise _Ended
        verdict = self._run(history)
        self._verdicts[history] = self._verdicts[history.until(verdict.step or len(history.steps))] = verdict
        return verdict

    def _run(self, history: History) -> Verdict:
        verdict = self.run(history)
        self.record(history, verdict)
        self.guide.learn(history, verdict)
        if verdict.outcome != "unverified":
            self._offered.add(history.circumstance)
        elif history.circumstance not in self._offered | {"plain"}:
            self._left_out.add(history.circumstance)
        self._tired = self._tired + 1 if verdict.outcome == "failed" else 0
        if self._tired >= TIRES_AFTER:
            why = f"the cloud has failed {TIRES_AFTER} times in a row, the last time so: {verdict.told}"
            raise _Ended(CloudError(why))
        return verdict

    def _shortened(self, broken: RuleBroken) -> Found:
        """Return the shortest history that breaks the same rule, of those for which there is time, and run it again to
        see that it is no accident."""
        kind, until = _kind(broken.history, broken.verdict), self.clock.now() + SHORTENING
        run = self.run_shorter or self.run
        verdicts = {broken.history: broken.verdict}

        def breaks(history: History) -> History | None:
            if self.clock.now() > until or len(history.steps) < SHORTEST:
                return None
            verdict = self._verdicts.get(history) or run(history)
            self._verdicts[history] = verdict
            ended = history.until(verdict.step)
            if verdict.outcome != "broken" or _kind(ended, verdict) != kind:
                return None
            verdicts[ended] = verdict
            return ended

        shortest = shorten(broken.history, breaks)
        again = [self.run(shortest) for _ in range(REPEATS)]
        found = Found(shortest, verdicts[shortest], sum(_kind(shortest, each) == kind for each in again), REPEATS)
        self.found.append(found)
        return found


def _kind(broken: History, verdict: Verdict) -> tuple[Any, ...]:
    """What findings have in common that are the same fault: the check, and the operation after which it was seen."""
    return verdict.outcome, verdict.check, _simply(broken)[-1]


def _explains(found: Found, broken: History, verdict: Verdict) -> bool:
    """Whether a finding happens within this history as well: its operations in the same order, and the same end."""
    if _kind(found.history, found.verdict) != _kind(broken, verdict):
        return False
    rest = iter(_simply(broken))
    return all(name in rest for name in _simply(found.history))


def _simply(history: History) -> list[str]:
    """Return the names of its operations, variants by what they are variants of."""
    return [step.kind.simpler or step.operation for step in history.steps]


def _machine(hunt: Hunt) -> type[RuleBasedStateMachine]:
    """A state machine with a rule for every operation, which only makes up a history; the hunt judges it at the end."""

    @initialize(name=st.sampled_from(hunt.guide.circumstances), data=st.data())
    def begin(self: Any, name: str, data: st.DataObject) -> None:
        hosts = data.draw(st.sampled_from(CIRCUMSTANCES[name].hosts))
        self.history = History(hosts, circumstance=name)
        self.world = World(hosts, circumstance=name)
        self.next = hunt.guide.beginnings(self.world)
        _happens(self, hunt, OPERATIONS[data.draw(st.sampled_from(sorted(self.next)))], data)

    def teardown(self: Any) -> None:
        if sys.exc_info()[0] is None:  # otherwise hypothesis has given up making it up
            hunt.judge(self.history)

    members: dict[str, Any] = {"begin": begin, "teardown": teardown}
    for operation in OPERATIONS.values():
        for number in range(operation.weight):
            members[f"{operation.name} {number}"] = _rule(hunt, operation)
    return type("Exploration", (RuleBasedStateMachine,), members)


def _rule(hunt: Hunt, operation: Operation) -> Any:
    may_come = precondition(lambda self: operation.name in self.next)

    def happens_now(self: Any, data: st.DataObject) -> None:
        _happens(self, hunt, operation, data)

    return may_come(rule(data=st.data())(happens_now))


def _happens(machine: Any, hunt: Hunt, operation: Operation, data: st.DataObject) -> None:
    """Add an operation to the history of a machine, with arguments that it may have."""
    choice: Choice = machine.next
    told = data.draw(st.sampled_from(choice[operation.name]))
    machine.history = machine.history.then(Step.of(operation.name, told))
    machine.world = operation.happen(machine.world, told)
    machine.next = hunt.guide.next(machine.history, machine.world)
