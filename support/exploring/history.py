"""A history: its hosts, what happens there one operation after the other, and the scenario that says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.rendering import indented, render
from stocktake.support.exploring.operations import OPERATIONS, Arguments
from stocktake.support.exploring.world import FLAVORS, TOO_LARGE, ServerState, World
from stocktake.support.gherkin.mentions import Said, needs_in

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
    def when(self) -> str:
        """The step as the action of a scenario, without its keyword."""
        return OPERATIONS[self.operation].when.format(**self.told)

    @property
    def given(self) -> str:
        """The step as what a scenario presupposes, without its keyword."""
        return OPERATIONS[self.operation].given.format(**self.told)


class ImpossibleHistoryError(ValueError):
    """A history has a step that is not possible where it stands."""


@dataclass(frozen=True)
class History:
    """The hosts and the steps of one history."""

    hosts: tuple[str, ...]
    steps: tuple[Step, ...] = ()

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        """The world before the first step, and after each. Raises ImpossibleHistoryError."""
        worlds = [World(self.hosts)]
        for step in self.steps:
            operation, before = OPERATIONS[step.operation], worlds[-1]
            if step.told not in list(operation.choices(before)):
                raise ImpossibleHistoryError(f"{step.when}: this is not possible here")
            worlds.append(operation.effect(before, step.told))
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
        return History(self.hosts, (*self.steps, step))

    def until(self, number: int) -> "History":
        """Return its first steps."""
        return History(self.hosts, self.steps[:number])

    @property
    def flavors(self) -> tuple[Flavor, ...]:
        """The flavors that its steps name, in the order of the model."""
        named = {step.told.get("flavor") for step in self.steps}
        return tuple(flavor for flavor in (*FLAVORS.values(), TOO_LARGE) if flavor.name in named)

    @property
    def background(self) -> tuple[Said, ...]:
        """The steps that make hosts and flavors."""
        quoted = [f'"{host}"' for host in self.hosts]
        hosts = f"hosts {', '.join(quoted[:-1])} and {quoted[-1]}"
        if not self.flavors:
            return (Said("given", hosts),)
        return Said("given", hosts), Said("given", "these flavors", _flavor_table(self.flavors))

    @property
    def needs(self) -> frozenset[str]:
        """What a cloud must offer for its steps."""
        return needs_in([*self.background, *(Said("when", step.when) for step in self.steps)])


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


def as_feature(history: History, *, why: str, known: str | None = None) -> str:
    """Write a history as a feature of one scenario, which ends by stating what must be true.

    `why` is one sentence for its description, `known` the name of a known defect for its tag. The id that every
    scenario has is added by `stocktake check --fix`.
    """
    tags = [f"@known-{known}"] if known else []
    lines = ["@disruptive"] if DISRUPTION in history.needs else []
    said = ", ".join(history.names)
    lines += [f"Feature: {_shortened(f'Accounts after {said}')}", f"  {why}", "", "  Background:"]
    for number, step in enumerate(history.background):
        lines.append(f"    {'And' if number else 'Given'} {step.text}")
        lines += _table(step.table, 6)
    lines += ["", "  Rule: Every consumer holds what it should, where it should", ""]
    lines += [f"    {' '.join(tags)}"] if tags else []
    lines.append(f"    Scenario: {_shortened(f'Allocations are right after {said}')}")
    steps = [("Given", step.given) for step in history.steps[:-1]] + [
        ("When", step.when) for step in history.steps[-1:]
    ]
    before = None
    for keyword, text in steps:
        lines.append(f"      {'And' if keyword == before else keyword} {text}")
        before = keyword
    lines += _outcome(history)
    return "\n".join(lines) + "\n"


def _outcome(history: History) -> Iterator[str]:
    """What must be true after the last step: the state of every server, and all allocations."""
    world = history.worlds[-1]
    gone = history.steps[-1].told.get("server") if history.steps and history.names[-1] == "delete" else None
    states = [f'server "{gone}" is gone'] if gone else []
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
