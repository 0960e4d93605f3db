"""What a search has covered: which operations came directly after which others, of all that can, and which states
servers were in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

from stocktake.support.accounting.rendering import render
from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.history import History
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.world import FLAVORS, PLAIN, SERVERS, ServerState, World

Chain = tuple[str, ...]

SERVERS_BY_HOSTS: Mapping[int, int] = {1: 2, 2: 2, 3: 1}
"""How many servers the possible chains are computed with: more would only repeat them in more worlds."""


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
        return frozenset().union(*map(possible_pairs, self.circumstances))

    @property
    def possible_triples(self) -> frozenset[Chain]:
        """The chains of three operations that were possible."""
        return frozenset().union(*map(possible_triples, self.circumstances))

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


@cache
def possible_pairs(circumstance: str) -> frozenset[Chain]:
    """Return the pairs of operations that the model allows directly after one another."""
    into, out_of = _neighbours(circumstance)
    return frozenset((first, second) for world in out_of for first in into[world] for second, _ in out_of[world])


@cache
def possible_triples(circumstance: str) -> frozenset[Chain]:
    """Return the chains of three operations that the model allows directly after one another."""
    into, out_of = _neighbours(circumstance)
    return frozenset(
        (first, second, third)
        for world, edges in out_of.items()
        for second, after in edges
        for first in into[world]
        for third, _ in out_of[after]
    )


Edges = Mapping[World, set[tuple[str, World]]]


@cache
def _neighbours(circumstance: str) -> tuple[Mapping[World, set[str]], Edges]:
    """Return which operations lead into each world that can be reached, and which lead out of it, and where."""
    into: dict[World, set[str]] = defaultdict(set)
    out_of: dict[World, set[tuple[str, World]]] = {}
    waiting = [World(hosts, circumstance=circumstance) for hosts in CIRCUMSTANCES[circumstance].hosts]
    while waiting:
        world = waiting.pop()
        if world not in out_of:
            out_of[world] = set(_edges(world, most=SERVERS_BY_HOSTS[len(world.hosts)]))
            for name, after in out_of[world]:
                into[after].add(name)
                waiting.append(after)
    return into, out_of


def _edges(world: World, most: int) -> Iterator[tuple[str, World]]:
    """What may happen in a world, with one flavor for all and at most so many servers, and what comes of it."""
    for operation in OPERATIONS.values():
        tried = set()
        for told in operation.possible(world):
            where = told.get("server"), told.get("host")
            if where not in tried:
                tried.add(where)
                after = operation.happen(world, told)
                if len(after.servers) <= most:
                    yield operation.name, _alike(after)


def _alike(world: World) -> World:
    """Return one world for all that differ only by flavors and by names of servers: the same may follow on them."""
    if not world.servers and world.pending is None:
        return replace(world, named=0) if world.named else world
    servers = sorted(world.servers, key=_in_order)
    names = {each.name: name for each, name in zip(servers, SERVERS, strict=False)}
    plain = tuple(_named(each, names[each.name]) for each in servers)
    pending = names.get(world.pending, "") if world.pending is not None else None
    if (plain, pending, len(plain)) == (world.servers, world.pending, world.named):
        return world
    return replace(world, servers=plain, named=len(plain), pending=pending)


def _named(server: ServerState, name: str) -> ServerState:
    """Return a server with that name, and with one flavor for all."""
    move, left = server.move, server.left
    if (
        (name, _plain(server.flavor)) == (server.name, server.flavor)
        and not left
        and (not move or move.flavor == PLAIN)
    ):
        return server
    return replace(
        server,
        name=name,
        flavor=_plain(server.flavor),
        move=replace(move, flavor=PLAIN) if move else None,
        left=tuple(sorted((host, _plain(flavor)) for host, flavor in left)),
    )


def _plain(flavor: str) -> str:
    return PLAIN if flavor in FLAVORS else flavor


def _in_order(server: ServerState) -> tuple[object, ...]:
    move = (server.move.kind, server.move.source, server.move.status) if server.move else ()
    return server.status, server.kind, server.host or "", server.towards or "", move, sorted(h for h, _ in server.left)


def of_histories(histories: Iterable[History]) -> Coverage:
    """Return the coverage of these histories."""
    coverage = Coverage()
    for history in histories:
        coverage.add(history)
    return coverage
