"""What a search has covered: which operations came directly after which others, of all that can."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from stocktake.support.accounting.rendering import render
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.world import HOSTS, PLAIN, SERVERS, Move, ServerState, World

Chain = tuple[str, ...]

SERVERS_BY_HOSTS: Mapping[int, int] = {2: 2, 3: 1}
"""How many servers the possible chains are computed with: more would only repeat them in more worlds."""


class Coverage:
    """The chains of two and three operations in the histories that were run, beside those that are possible.

    A history that broke a rule counts up to the operation after which that was seen.
    """

    def __init__(self) -> None:
        self.histories = 0
        self.operations: Counter[str] = Counter()
        self.pairs: Counter[Chain] = Counter()
        self.triples: Counter[Chain] = Counter()

    def add(self, names: Sequence[str]) -> None:
        """Count one history by the names of its operations."""
        self.histories += 1
        self.operations.update(names)
        self.pairs.update(pairwise(names))
        self.triples.update(zip(names, names[1:], names[2:], strict=False))

    @property
    def share_of_pairs(self) -> float:
        """The part of the possible pairs that were seen, from 0 to 1."""
        return len(self.pairs) / len(possible_pairs())

    @property
    def share_of_triples(self) -> float:
        """The part of the possible triples that were seen, from 0 to 1."""
        return len(self.triples) / len(possible_triples())

    def table(self) -> str:
        """Draw how often each operation (rows) was directly followed by each other (columns, by their numbers).

        0 is a pair that is possible and was not seen; where nothing stands, it is not possible.
        """
        names = list(OPERATIONS)
        numbers = [str(number) for number in range(1, len(names) + 1)]
        rows = [
            [number, name, *(self._cell((name, other)) for other in names)]
            for number, name in zip(numbers, names, strict=True)
        ]
        return render(["", "first, then", *numbers], rows)

    def _cell(self, pair: Chain) -> str:
        if pair not in possible_pairs():
            return ""
        return str(self.pairs[pair])


@cache
def possible_pairs() -> frozenset[Chain]:
    """Return the pairs of operations that the model allows directly after one another."""
    into, out_of = _neighbours()
    return frozenset((first, second) for world in out_of for first in into[world] for second, _ in out_of[world])


@cache
def possible_triples() -> frozenset[Chain]:
    """Return the chains of three operations that the model allows directly after one another."""
    into, out_of = _neighbours()
    return frozenset(
        (first, second, third)
        for world, edges in out_of.items()
        for second, after in edges
        for first in into[world]
        for third, _ in out_of[after]
    )


Edges = Mapping[World, set[tuple[str, World]]]


@cache
def _neighbours() -> tuple[Mapping[World, set[str]], Edges]:
    """Return which operations lead into each world that can be reached, and which lead out of it, and where."""
    into: dict[World, set[str]] = defaultdict(set)
    out_of: dict[World, set[tuple[str, World]]] = {}
    waiting = [World(HOSTS[:number]) for number in SERVERS_BY_HOSTS]
    while waiting:
        world = waiting.pop()
        if world not in out_of:
            out_of[world] = set(_edges(world))
            for name, after in out_of[world]:
                into[after].add(name)
                waiting.append(after)
    return into, out_of


def _edges(world: World) -> Iterator[tuple[str, World]]:
    """What may happen in a world, with one flavor for all, and what comes of it."""
    for operation in OPERATIONS.values():
        tried = set()
        for told in operation.choices(world):
            where = told.get("server"), told.get("host")
            if where not in tried:
                tried.add(where)
                after = operation.effect(world, told)
                if len(after.servers) <= SERVERS_BY_HOSTS[len(world.hosts)]:
                    yield operation.name, _alike(after)


def _alike(world: World) -> World:
    """Return one world for all that differ only by flavors and by names of servers: the same may follow on them."""
    plain = [
        ServerState(
            name,
            PLAIN,
            each.status,
            each.host,
            Move(each.move.kind, each.move.source, PLAIN, each.move.status) if each.move else None,
            tuple(sorted((host, PLAIN) for host, _ in each.left)),
        )
        for name, each in zip(SERVERS, sorted(world.servers, key=_in_order), strict=False)
    ]
    return World(world.hosts, world.down, world.disabled, tuple(plain), len(plain))


def _in_order(server: ServerState) -> tuple[object, ...]:
    move = (server.move.kind, server.move.source, server.move.status) if server.move else ()
    return server.status, server.host or "", move, sorted(host for host, _ in server.left)


def of_histories(histories: Iterable[Sequence[str]]) -> Coverage:
    """Return the coverage of these histories, each given by the names of its operations."""
    coverage = Coverage()
    for names in histories:
        coverage.add(names)
    return coverage
