"""What a search has covered: which operations came directly after which others, of all that can, and which states
servers were in."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from stocktake.support.accounting.rendering import render
from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.graph import Chain, graph_of
from stocktake.support.exploring.history import History
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.world import ServerState, World


class Coverage:
    """The chains of two and three operations in the histories that were run, beside those that are possible.

    A history that broke a rule counts up to the operation after which that was seen; possible is what is so in the
    circumstances of these histories.
    """

    def __init__(self) -> None:
        self.histories = 0
        self.circumstances: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.pairs: Counter[Chain] = Counter()
        self.triples: Counter[Chain] = Counter()
        self.states: Counter[str] = Counter()

    def add(self, history: History) -> None:
        """Count one history."""
        names = history.names
        self.histories += 1
        self.circumstances[history.circumstance] += 1
        self.operations.update(names)
        self.pairs.update(pairwise(names))
        self.triples.update(zip(names, names[1:], names[2:], strict=False))
        self.states.update(_state(server, world) for world in history.worlds for server in world.servers)

    @property
    def possible_pairs(self) -> frozenset[Chain]:
        """The pairs that were possible."""
        return frozenset().union(*(graph_of(name).pairs for name in self.circumstances))

    @property
    def possible_triples(self) -> frozenset[Chain]:
        """The chains of three operations that were possible."""
        return frozenset().union(*(graph_of(name).triples for name in self.circumstances))

    @property
    def share_of_pairs(self) -> float:
        """The part of the possible pairs that were seen, from 0 to 1."""
        return len(self.pairs) / max(1, len(self.possible_pairs))

    @property
    def share_of_triples(self) -> float:
        """The part of the possible triples that were seen, from 0 to 1."""
        return len(self.triples) / max(1, len(self.possible_triples))

    def cell(self, first: str, second: str) -> int | None:
        """Return how often an operation was directly followed by another; None if that is not possible."""
        return self.pairs[first, second] if (first, second) in self.possible_pairs else None

    def table(self) -> str:
        """Draw how often each operation (rows) was directly followed by each other (columns, by their numbers).

        0 is a pair that is possible and was not seen; where nothing stands, it is not possible.
        """
        names = list(OPERATIONS)
        numbers = [str(number) for number in range(1, len(names) + 1)]
        rows = [
            [number, name, *("" if (seen := self.cell(name, other)) is None else str(seen) for other in names)]
            for number, name in zip(numbers, names, strict=True)
        ]
        return render(["", "first, then", *numbers], rows)

    def table_of_states(self) -> str:
        """Draw how often a server was found in each state, and how many histories each circumstance had."""
        states = render(["a server was", "times"], [[state, str(times)] for state, times in self.states.most_common()])
        rows = [[name, str(self.circumstances[name])] for name in CIRCUMSTANCES if self.circumstances[name]]
        return f"{states}\n\n{render(['circumstance', 'histories'], rows)}"


def _state(server: ServerState, world: World) -> str:
    """Say the state of a server, and what is special about its hosts."""
    host, source = server.host, server.move.source if server.move else None
    special = [
        "its host down" if host in world.down else "",
        "its host disabled" if host in world.disabled and host not in world.down else "",
        f"{server.move.kind} undecided" if server.move else "",
        "the source down" if source in world.down else "",
        f"charged on {len(server.left)} dead hosts" if len(server.left) > 1 else "",
        "charged on a dead host" if len(server.left) == 1 else "",
    ]
    return ", ".join([server.status, *filter(None, special)])


def of_histories(histories: Iterable[History]) -> Coverage:
    """Return the coverage of these histories."""
    coverage = Coverage()
    for history in histories:
        coverage.add(history)
    return coverage
