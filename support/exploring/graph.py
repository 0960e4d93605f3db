"""Which worlds there are in a circumstance, and which operations lead from one to another."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.world import FLAVORS, PLAIN, SERVERS, ServerState, World

Chain = tuple[str, ...]
Edge = tuple[str, int]
"""The name of an operation, and the number of the world after it."""

SERVERS_BY_HOSTS: Mapping[int, int] = {1: 2, 2: 2, 3: 1}
"""How many servers there are at most: more would only repeat what is possible in more worlds."""


@dataclass(frozen=True)
class Graph:
    """Worlds that differ by more than flavors and names of servers, with their numbers, and what may happen in each:
    `edges[number]`."""

    numbers: Mapping[World, int]
    edges: tuple[frozenset[Edge], ...]

    @cached_property
    def possible(self) -> tuple[frozenset[str], ...]:
        """The names of the operations that are possible in each world."""
        return tuple(frozenset(name for name, _ in edges) for edges in self.edges)

    @cached_property
    def pairs(self) -> frozenset[Chain]:
        """The pairs of operations that are possible directly after one another."""
        return frozenset(
            (first, second) for edges in self.edges for first, after in edges for second in self.possible[after]
        )

    @cached_property
    def triples(self) -> frozenset[Chain]:
        """The chains of three operations that are possible directly after one another."""
        ending = {
            (second, after): {(second, third) for third in self.possible[after]}
            for edges in self.edges
            for second, after in edges
        }
        return frozenset(
            (first, *pair)
            for edges in self.edges
            for first, after in edges
            for edge in self.edges[after]
            for pair in ending[edge]
        )

    def number(self, world: World) -> int | None:
        """Return the number of a world; None for one with more servers."""
        return self.numbers.get(_alike(world))

    def nearest(self, beginnings: Iterable[Edge], news: Mapping[str, Collection[str]]) -> set[Edge]:
        """Return from which of these edges the fewest operations lead to one that is new after the one before it.

        `news` are the operations that would be new after each; one that is not there is never on the way.
        """
        level: dict[int, set[Edge]] = defaultdict(set)
        for edge in beginnings:
            level[edge[1]].add(edge)
        found = {edge for edge in beginnings if self._brings(edge, news)}
        visited = set(level)
        while level and not found:
            further: dict[int, set[Edge]] = defaultdict(set)
            for number, origins in level.items():
                for edge in self.edges[number]:
                    if self._brings(edge, news):
                        found |= origins
                    elif edge[0] in news and edge[1] not in visited:
                        further[edge[1]] |= origins
            visited |= set(further)
            level = further
        return found

    def _brings(self, edge: Edge, news: Mapping[str, Collection[str]]) -> bool:
        name, after = edge
        return name in news and not self.possible[after].isdisjoint(news[name])


@cache
def graph_of(circumstance: str) -> Graph:
    """Return what may happen in a circumstance."""
    numbers: dict[World, int] = {}
    edges: dict[World, frozenset[tuple[str, World]]] = {}
    waiting = [World(hosts, circumstance=circumstance) for hosts in CIRCUMSTANCES[circumstance].hosts]
    while waiting:
        world = waiting.pop()
        if world not in edges:
            numbers[world] = len(numbers)
            edges[world] = frozenset(_edges(world, most=SERVERS_BY_HOSTS[len(world.hosts)]))
            waiting.extend(after for _, after in edges[world])
    return Graph(numbers, tuple(frozenset((name, numbers[after]) for name, after in edges[world]) for world in numbers))


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
