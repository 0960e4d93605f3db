"""What may come next in a history that is made up: mostly what leads to operations that have never followed each other.

What it says depends only on the history and on what it knew when it looked round, as hypothesis requires.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from stocktake.support.exploring.choices import Arguments
from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.graph import Chain, Edge, graph_of
from stocktake.support.exploring.history import History
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.running import Verdict
from stocktake.support.exploring.world import World

FREELY = 3  # every so many operations any one may be next
LATE = 3  # last operations of a history, which may be such as mostly end one

Choice = Mapping[str, Sequence[Arguments]]
"""Operations by name, each with the arguments that it may have."""


class Guide:
    """Chooses for histories of at most `length` operations."""

    def __init__(self, length: int):
        self._length = length
        self._seen: frozenset[Chain] = frozenset()
        self._fatal: frozenset[str] = frozenset()
        self._entered: set[str] = set()
        self._ended: Counter[str] = Counter()
        self._went_on: Counter[str] = Counter()
        self.circumstances: Sequence[str] = ()
        self.look_round((), ())

    def look_round(self, seen: Collection[Chain], left_out: Collection[str]) -> None:
        """Take note of the pairs of operations that have been `seen` so far, and of the circumstances that the cloud
        does not offer. Of the others those are chosen in which there are more pairs, as far as that is known."""
        self._seen = frozenset(seen)
        self._fatal = frozenset(
            name for name, each in OPERATIONS.items() if each.known and self._ended[name] >= self._went_on[name]
        )
        offered = [name for name in CIRCUMSTANCES if name not in left_out]
        exhausted = {name for name in self._entered if graph_of(name).pairs <= self._seen}
        usable = [name for name in offered if name not in exhausted] or offered
        self.circumstances = [name for name in usable for _ in range(CIRCUMSTANCES[name].weight)]

    def learn(self, history: History, verdict: Verdict) -> None:
        """Take note of which operations that meet a known defect have ended a history, and after which it went on."""
        ran = history.until(verdict.step or None).names
        self._went_on.update(ran[:-1])
        if verdict.outcome == "known" and ran:
            self._ended[ran[-1]] += 1

    def beginnings(self, world: World) -> Choice:
        """Return with which operations a history may begin: those that make a server, as nothing else has an effect."""
        self._entered.add(world.circumstance)
        return {name: each for name, each in _possible(world).items() if _after(name, each[0], world).servers}

    def next(self, history: History, world: World) -> Choice:
        """Return the operations that may follow: those that have never come after the last one, if there are such, or
        else those from which the fewest lead to such, but any that are possible at every third place, or the search
        would keep off long ways. What mostly ends a history comes late."""
        names, late = history.names, len(history.steps) >= self._length - LATE
        possible = _possible(world)
        if not late:
            possible = {name: each for name, each in possible.items() if name not in self._fatal} or possible
        if not len(names) % FREELY:
            return possible
        news = self._news(names, late=late)
        new = {name: each for name, each in possible.items() if name in news.get(names[-1], ())}
        return new or _on_the_way(world, possible, news) or possible

    def _news(self, names: Sequence[str], *, late: bool) -> Mapping[str, Collection[str]]:
        """What has never come after each operation, in no history that was run nor in this one."""
        usable = OPERATIONS.keys() if late else OPERATIONS.keys() - self._fatal
        news = {name: set(usable) for name in usable}
        for first, second in (*self._seen, *pairwise(names)):
            if first in news:
                news[first].discard(second)
        return news


def _on_the_way(world: World, possible: Choice, news: Mapping[str, Collection[str]]) -> Choice:
    """Return the possible operations, with their arguments, from which the fewest further ones lead to a new pair."""
    graph, edges = graph_of(world.circumstance), defaultdict(list)
    for edge, told in _edges(world):
        if edge[0] in possible:
            edges[edge].append(told)
    nearest: dict[str, list[Arguments]] = defaultdict(list)
    for edge in sorted(graph.nearest(edges, news)):
        nearest[edge[0]] += edges[edge]
    return nearest


@lru_cache(maxsize=1000)
def _edges(world: World) -> tuple[tuple[Edge, Arguments], ...]:
    """Where the possible operations lead to, as far as the graph has that."""
    return tuple(_numbered(world))


def _numbered(world: World) -> Iterator[tuple[Edge, Arguments]]:
    graph = graph_of(world.circumstance)
    for name, each in _possible(world).items():
        for told in each:
            number = graph.number(_after(name, told, world))
            if number is not None:
                yield (name, number), told


@lru_cache(maxsize=1000)
def _possible(world: World) -> Choice:
    """The operations that are possible in a world."""
    told = {name: tuple(each.possible(world)) for name, each in OPERATIONS.items()}
    return {name: each for name, each in told.items() if each}


def _after(name: str, told: Arguments, world: World) -> World:
    return OPERATIONS[name].happen(world, told)
