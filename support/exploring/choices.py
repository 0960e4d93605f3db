"""When an operation is possible: the arguments that it may have in a world.

Where the scheduler chooses, an operation is possible only if there is one host to choose.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from stocktake.support.exploring.circumstances import SPECIAL
from stocktake.support.exploring.world import (
    ACCELERATED,
    FLAVORS,
    SELECTIVE,
    TOO_LARGE,
    Kind,
    ServerState,
    Status,
    World,
)

Arguments = Mapping[str, str]
Choices = Callable[[World], Iterator[Arguments]]

TOGETHER = 2
"""How many servers one request boots."""
SLOW, RELUCTANT, BROKEN = "slow live migrations", "failing live migrations", "failing resizes"
BUILDLESS, SOFT = "failing builds", "soft delete"


def at_rest(world: World, *statuses: Status) -> Iterator[ServerState]:
    """The servers in one of these statuses, on hosts that are up."""
    return (each for each in world.servers if each.status in statuses and world.up(each.host))


def in_status(*statuses: Status) -> Choices:
    """A server in one of these statuses, on a host that is up."""

    def choices(world: World) -> Iterator[Arguments]:
        return ({"server": server.name} for server in at_rest(world, *statuses))

    return choices


def only_in(circumstance: str, choices: Choices) -> Choices:
    """These choices in one circumstance, and none in others."""
    return lambda world: choices(world) if world.circumstance == circumstance else iter(())


def except_in(circumstance: str, choices: Choices) -> Choices:
    """These choices, and none in one circumstance."""
    return lambda world: choices(world) if world.circumstance != circumstance else iter(())


def any_server(world: World) -> Iterator[Arguments]:
    """Any server that is not on its way, and does not wait for a dead source.

    Nova does not delete the latter before rpc_response_timeout (`known.DEFECTS`, deletion-waits-for-dead-source).
    """
    for server in world.servers:
        if server.status != "MIGRATING" and not (server.move is not None and server.move.source in world.down):
            yield {"server": server.name}


def to_be_soft_deleted(world: World) -> Iterator[Arguments]:
    """A server whose hosts, that of an unconfirmed move included, can do their parts."""
    for server in at_rest(world, "ACTIVE", "SHUTOFF", "VERIFY_RESIZE"):
        if server.move is None or world.up(server.move.source):
            yield {"server": server.name}


def _building(world: World, kind: Kind = "plain") -> Iterator[str]:
    """The hosts that can build a new server."""
    return (host for host in world.accepting(kind=kind) if not _aborts_builds(world, host))


def _aborts_builds(world: World, host: str) -> bool:
    return world.circumstance == BUILDLESS and host == SPECIAL


def new_server_of(kind: Kind, flavors: Iterable[str] = tuple(FLAVORS)) -> Choices:
    """A server of a kind on any host that may have it; where there is one port or device, the only one of its kind."""

    def choices(world: World) -> Iterator[Arguments]:
        name = world.next_name()
        if name and not (kind in ("port", "device") and world.has(kind)):
            for host in _building(world, kind):
                yield from ({"server": name, "flavor": flavor, "host": host} for flavor in flavors)

    return choices


def new_servers(world: World) -> Iterator[Arguments]:
    """Servers of one request, all on the only host that takes them."""
    name, hosts = world.next_name(TOGETHER), list(_building(world))
    if name and len(hosts) == 1 and world.accepting() == tuple(hosts):
        yield from ({"server": name, "flavor": flavor, "host": hosts[0]} for flavor in FLAVORS)


def refused_build(world: World) -> Iterator[Arguments]:
    """A server for the host that aborts builds."""
    name = world.next_name()
    if name and SPECIAL in world.accepting():
        yield {"server": name, "flavor": next(iter(FLAVORS)), "host": SPECIAL}


def _movable(world: World, *statuses: Status) -> Iterator[tuple[ServerState, str]]:
    """A server that can move to one host only, which the scheduler therefore chooses, with that host."""
    for server in at_rest(world, *statuses):
        hosts = world.accepting(server)
        if server.kind == "device":  # which Nova refuses to move
            continue
        if len(hosts) == 1 and not _aborts_builds(world, hosts[0]):
            yield server, hosts[0]


def _fails_resizes(world: World, host: str) -> bool:
    return world.circumstance == BROKEN and host == SPECIAL


def cold_movable(world: World) -> Iterator[Arguments]:
    """A server that can be cold migrated, and where to."""
    for server, host in _movable(world, "ACTIVE", "SHUTOFF"):
        if not _fails_resizes(world, host):
            yield {"server": server.name, "host": host}


def live_movable_of(*kinds: Kind) -> Choices:
    """A server of one of these kinds that can be live migrated without trouble, and where to."""

    def choices(world: World) -> Iterator[Arguments]:
        for server, host in _movable(world, "ACTIVE"):
            slow = world.circumstance == SLOW and server.host == SPECIAL
            if server.kind in kinds and not slow and not (world.circumstance == RELUCTANT and host == SPECIAL):
                yield {"server": server.name, "host": host}

    return choices


def refused_live_migration(world: World) -> Iterator[Arguments]:
    """A server that would live migrate to the host that fails to prepare for it."""
    for server, host in _movable(world, "ACTIVE"):
        if host == SPECIAL:
            yield {"server": server.name, "host": host}


def slow_live_migration(world: World) -> Iterator[Arguments]:
    """A server on the host that live migrates slowly, one at a time: others would be queued."""
    if not any(server.towards for server in world.servers):
        for server, host in _movable(world, "ACTIVE"):
            if server.host == SPECIAL:
                yield {"server": server.name, "host": host}


def on_its_way(world: World) -> Iterator[Arguments]:
    """A server that is live migrating."""
    return ({"server": server.name} for server in world.servers if server.towards)


def resizable(world: World) -> Iterator[Arguments]:
    """A server that can be resized, to each other flavor, and where to."""
    for told in cold_movable(world):
        yield from _to_other_flavors(world, told)


def refused_resize(world: World) -> Iterator[Arguments]:
    """A server that would be resized to the host that fails to finish resizes."""
    for server, host in _movable(world, "ACTIVE", "SHUTOFF"):
        if host == SPECIAL:
            yield from _to_other_flavors(world, {"server": server.name, "host": host})


def _to_other_flavors(world: World, told: Arguments) -> Iterator[Arguments]:
    flavor = world.server(told["server"]).flavor
    return ({**told, "flavor": other} for other in FLAVORS if other != flavor)


def for_too_large(world: World) -> Iterator[Arguments]:
    """A server that is to get a flavor for which there is no room."""
    for server in at_rest(world, "ACTIVE"):
        if server.kind != "device":
            yield {"server": server.name, "flavor": TOO_LARGE.name}


def undecided(world: World) -> Iterator[Arguments]:
    """A server with a move that can be confirmed or reverted."""
    for server in at_rest(world, "VERIFY_RESIZE"):
        if server.move is not None and world.up(server.move.source):
            yield {"server": server.name, "move": server.move.kind}


def undecided_alone(world: World) -> Iterator[Arguments]:
    """The same for a server that is of no group."""
    return (told for told in undecided(world) if world.server(told["server"]).kind != "group")


def undecided_in_group(world: World) -> Iterator[Arguments]:
    """The same for a server of the group."""
    return (told for told in undecided(world) if world.server(told["server"]).kind == "group")


def being_resized(world: World) -> Iterator[Arguments]:
    """A server whose resize or cold migration has been requested, and may still be under way."""
    return ({"server": each.name} for each in world.servers if each.name == world.pending and each.move is not None)


def offloaded(world: World) -> Iterator[Arguments]:
    """A server without a host, and each host that can have it."""
    for server in world.servers:
        if server.status == "SHELVED_OFFLOADED":
            for host in _building(world, server.kind):
                yield {"server": server.name, "host": host}


def on_dead_host(world: World) -> Iterator[Arguments]:
    """A server on a dead host, and each host that can have it."""
    for server in world.servers:
        if server.runs and server.host in world.down:
            for host in world.accepting(server):
                if not _aborts_builds(world, host):
                    yield {"server": server.name, "host": host}


def on_dead_host_with_one_other(world: World) -> Iterator[Arguments]:
    """The same, if there is one host only that can have it."""
    return (told for told in on_dead_host(world) if len(world.accepting(world.server(told["server"]))) == 1)


def forcibly_evacuable(world: World) -> Iterator[Arguments]:
    """A server on a dead host that holds one resource provider only, and each host that can have it.

    Nova does not copy the allocations of several providers to a host without asking the scheduler (Nova spec, "Remove
    force flag from live-migrate and evacuate").
    """
    for told in on_dead_host(world):
        server = world.server(told["server"])
        if not server.left and server.kind not in ("port", "device"):
            yield told


def hosts_up(world: World) -> Iterator[Arguments]:
    """A host that is up."""
    return ({"host": host} for host in world.hosts if world.up(host))


def can_go_down(world: World) -> Iterator[Arguments]:
    """A host that is up, and that no live migration is using."""
    for told in hosts_up(world):
        if not any(server.towards for server in world.needing(told["host"])):
            yield told


def hosts_down(world: World) -> Iterator[Arguments]:
    """A dead host."""
    return ({"host": host} for host in world.hosts if host in world.down)


def _held_by_migrations(world: World) -> set[str]:
    """The dead hosts of evacuated servers that have moved on."""
    return {host for server in world.servers if server.moves for host, _ in server.left}


def hosts_to_return(world: World) -> Iterator[Arguments]:
    """A dead host that finds what it holds of evacuated servers with these servers, and that no server of the group has
    left."""
    special = _held_by_migrations(world) | world.remembered
    return (told for told in hosts_down(world) if told["host"] not in special)


def hosts_to_return_to_group(world: World) -> Iterator[Arguments]:
    """The same for a dead host that a server of the group has left."""
    special = world.remembered - _held_by_migrations(world)
    return (told for told in hosts_down(world) if told["host"] in special)


def hosts_to_return_late(world: World) -> Iterator[Arguments]:
    """A dead host of an evacuated server that has moved on."""
    return (told for told in hosts_down(world) if told["host"] in _held_by_migrations(world))


def hosts_down_and_unneeded(world: World) -> Iterator[Arguments]:
    """A dead host without servers that would lose their guests."""
    return (told for told in hosts_to_return(world) if not world.needing(told["host"]))


def retirable(world: World) -> Iterator[Arguments]:
    """The host that may be retired, once it is dead and no server needs it."""
    return (told for told in hosts_down_and_unneeded(world) if told["host"] == SPECIAL)


def hosts_enabled(world: World) -> Iterator[Arguments]:
    """A host that accepts servers."""
    return ({"host": host} for host in world.accepting())


def hosts_disabled(world: World) -> Iterator[Arguments]:
    """A host that is up and disabled."""
    return ({"host": host} for host in world.hosts if host in world.disabled and world.up(host))


def once_more(world: World) -> Iterator[Arguments]:
    """The last request, if it changes nothing when it is sent again."""
    return iter(({},) if world.repeatable and not _is_being_evacuated(world) else ())


def evacuation_once_more(world: World) -> Iterator[Arguments]:
    """The last request, if it was an evacuation that may still be under way."""
    return iter(({},) if world.repeatable and _is_being_evacuated(world) else ())


def _is_being_evacuated(world: World) -> bool:
    return any(server.name == world.pending and server.left and not server.moves for server in world.servers)


new_server = new_server_of("plain")
"""A server of any flavor on any host."""

new_accelerated_server = new_server_of("device", (ACCELERATED.name,))
"""A server with the device."""

new_selective_server = new_server_of("trait", (SELECTIVE.name,))
"""A server that requires the trait."""
