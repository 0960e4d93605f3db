"""A history: its hosts, what happens there one operation after the other, and the scenario that says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.rendering import indented, render
from stocktake.support.exploring.choices import Arguments
from stocktake.support.exploring.circumstances import CIRCUMSTANCES, Circumstance
from stocktake.support.exploring.operations import OPERATIONS, Operation
from stocktake.support.exploring.world import ALL_FLAVORS, TOO_LARGE, ServerState, World
from stocktake.support.gherkin.mentions import Said, needs_in
from stocktake.support.known import TAG

DISRUPTION = "disruption"
LONGEST_TITLE = 70  # characters, as `stocktake check` has it


@dataclass(frozen=True)
class Step:
    """One operation with its arguments, in the order of their names."""

    operation: str
    arguments: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, operation: str, arguments: Arguments) -> "Step":
        """Make a step from arguments by name."""
        return cls(operation, tuple(sorted(arguments.items())))

    @property
    def told(self) -> Mapping[str, str]:
        """The arguments by name."""
        return dict(self.arguments)

    @property
    def kind(self) -> Operation:
        """The operation."""
        return OPERATIONS[self.operation]

    @property
    def when(self) -> str:
        """The step as the action of a scenario, without its keyword."""
        return self.kind.when.format(**self.told)

    @property
    def given(self) -> str:
        """The step as what a scenario presupposes, without its keyword."""
        return self.kind.given.format(**self.told)


class ImpossibleHistoryError(ValueError):
    """A history has a step that is not possible where it stands."""


@dataclass(frozen=True)
class History:
    """The hosts and the steps of one history, and what is special about its cloud."""

    hosts: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    circumstance: str = "plain"

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        """The world before the first step, and after each. Raises ImpossibleHistoryError."""
        worlds = [World(self.hosts, circumstance=self.circumstance)]
        for step in self.steps:
            before = worlds[-1]
            if step.told not in list(step.kind.possible(before)):
                raise ImpossibleHistoryError(f"{step.when}: this is not possible here")
            worlds.append(step.kind.happen(before, step.told))
        return tuple(worlds)

    def check(self) -> None:
        """Raise ImpossibleHistoryError for a step that is not possible where it stands, or if there is none."""
        if not self.steps or not self.worlds:
            raise ImpossibleHistoryError("nothing happens")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its operations."""
        return tuple(step.operation for step in self.steps)

    def then(self, step: Step) -> "History":
        """Return this history with one step more."""
        return replace(self, steps=(*self.steps, step))

    def until(self, number: int | None) -> "History":
        """Return its first steps; all of them for None."""
        return replace(self, steps=self.steps[:number])

    @property
    def special(self) -> Circumstance:
        """What is special about its cloud."""
        return CIRCUMSTANCES[self.circumstance]

    @property
    def leased(self) -> tuple[str, ...]:
        """The hosts that are leased."""
        return self.special.leased(self.hosts)

    @property
    def defects(self) -> tuple[str, ...]:
        """The names of the known defects that its operations meet, once each."""
        return tuple(dict.fromkeys(step.kind.known for step in self.steps if step.kind.known))

    @property
    def flavors(self) -> tuple[Flavor, ...]:
        """The flavors that its steps name, in the order of the model."""
        named = {step.told.get("flavor") for step in self.steps}
        return tuple(flavor for flavor in (*ALL_FLAVORS.values(), TOO_LARGE) if flavor.name in named)

    @property
    def background(self) -> tuple[Said, ...]:
        """The steps that make hosts, what is special about the cloud, and flavors."""
        flavors = [Said("given", "these flavors", _flavor_table(self.flavors))] if self.flavors else []
        return (*self.special.introduce(self.hosts), *flavors)

    @property
    def needs(self) -> frozenset[str]:
        """What a cloud must offer for its steps."""
        return needs_in([*self.background, *(Said("when", step.when) for step in self.steps)])

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of its scenario, without @."""
        disruptive = ("disruptive",) if DISRUPTION in self.needs else ()
        return (*disruptive, *self.special.tags, *(TAG + defect for defect in self.defects))

    def lines(self) -> Iterator[tuple[str, str]]:
        """Return its operations as the steps of a scenario: keyword and text of each.

        After operations during which another one was requested, it is said what they have come to.
        """
        *before, last = zip(self.steps, self.worlds[:-1], self.worlds[1:], strict=True)
        for step, old, new in before:
            yield "Given", step.given
            for server in new.servers if new.pending is None else ():
                if server.name == old.pending:
                    yield "Given", f'server "{server.name}" has become {server.status}'
        yield "When", last[0].when


def _flavor_table(flavors: Sequence[Flavor]) -> list[list[str]]:
    """The table of flavors, with the optional columns that one of them needs."""
    columns = {"flavor": [each.name for each in flavors]}
    columns |= {"VCPU": [str(each.vcpus) for each in flavors], "MEMORY_MB": [str(each.ram) for each in flavors]}
    columns |= {"DISK_GB": [str(each.disk) for each in flavors]}
    if any(each.ephemeral for each in flavors):
        columns["ephemeral GB"] = [str(each.ephemeral) for each in flavors]
    if any(each.swap for each in flavors):
        columns["swap MB"] = [str(each.swap) for each in flavors]
    if any(each.extra_specs for each in flavors):
        columns["extra specs"] = [
            ", ".join(f"{key}={value}" for key, value in each.extra_specs.items()) for each in flavors
        ]
    return [list(columns), *(list(row) for row in zip(*columns.values(), strict=True))]


def as_feature(history: History, *, why: str) -> str:
    """Write a history as a feature of one scenario, which ends by stating what must be true.

    `why` is one sentence for its description. The id that every scenario has is added by `stocktake check --fix`.
    """
    defects = [f"@{TAG}{defect}" for defect in history.defects]
    tags = [f"@{tag}" for tag in history.tags if f"@{tag}" not in defects]
    lines = [" ".join(tags)] if tags else []
    said = ", ".join(history.names)
    lines += [f"Feature: {_shortened(f'Accounts after {said}')}", f"  {why}", "", "  Background:"]
    for number, step in enumerate(history.background):
        lines.append(f"    {'And' if number else 'Given'} {step.text}")
        lines += _table(step.table, 6)
    lines += ["", "  Rule: Every consumer holds what it should, where it should", ""]
    lines += [f"    {' '.join(defects)}"] if defects else []
    lines.append(f"    Scenario: {_shortened(f'Allocations are right after {said}')}")
    before = None
    for keyword, text in history.lines():
        lines.append(f"      {'And' if keyword == before else keyword} {text}")
        before = keyword
    lines += _outcome(history)
    return "\n".join(lines) + "\n"


def _outcome(history: History) -> Iterator[str]:
    """What must be true after the last step: the state of every server, and all allocations."""
    world = history.worlds[-1]
    told = history.steps[-1].told.get("server") if history.steps else None
    there = {server.name for server in world.servers}
    gone = told is not None and told not in there and told in {server.name for server in history.worlds[-2].servers}
    states = [f'server "{told}" is gone'] if gone else []
    states += [state_of(server) for server in world.servers]
    ledger = world.ledger()
    keyword = "Then"
    for state in states:
        yield f"      {keyword} {state}"
        keyword = "And"
    if not ledger:
        yield f"      {keyword} there are no allocations"
        return
    yield f"      {keyword} the allocations are"
    yield from indented(ledger.table(), 8).splitlines()


def state_of(server: ServerState) -> str:
    """Say the state of a server as a Then does, without its keyword."""
    place = f'on host "{server.host}"' if server.host else "without a host"
    return f'server "{server.name}" is {server.status} {place}'


def _table(table: Sequence[Sequence[str]], indentation: int) -> list[str]:
    return indented(render(table[0], table[1:]), indentation).splitlines() if table else []


def _shortened(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip(" ,") + "…"
