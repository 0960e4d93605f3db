"""What an operation does to a world."""

from collections.abc import Callable
from dataclasses import replace

from stocktake.support.exploring.choices import TOGETHER, Arguments
from stocktake.support.exploring.world import Kind, Move, ServerState, Status, World

Effect = Callable[[World, Arguments], World]


def nothing(world: World, _told: Arguments) -> World:
    """The operation changes nothing."""
    return world


def boot_of(kind: Kind) -> Effect:
    """There is one server of a kind more."""

    def effect(world: World, told: Arguments) -> World:
        return world.with_new(ServerState(told["server"], told["flavor"], "ACTIVE", told["host"], kind=kind))

    return effect


def boot_together(world: World, told: Arguments) -> World:
    """There are several servers more, which Nova numbers."""
    names = [f"{told['server']}-{number}" for number in range(1, TOGETHER + 1)]
    return world.with_new(*(ServerState(name, told["flavor"], "ACTIVE", told["host"]) for name in names))


def fail_build(world: World, told: Arguments) -> World:
    """There is a server that no host has built."""
    return world.with_new(ServerState(told["server"], told["flavor"], "ERROR", None))


def delete(world: World, told: Arguments) -> World:
    """There is one server less."""
    server = world.server(told["server"])
    if server.host in world.down:
        world = _remembered(world, server)
    return world.without(server.name)


def becomes(status: Status) -> Effect:
    """The server has another status."""

    def effect(world: World, told: Arguments) -> World:
        return world.having(replace(world.server(told["server"]), status=status))

    return effect


def delete_softly(world: World, told: Arguments) -> World:
    """The server may be restored; a move of it is confirmed."""
    server = world.server(told["server"])
    left = () if server.move else server.left
    return world.having(replace(server, status="SOFT_DELETED", move=None, left=left))


def begin_move(world: World, told: Arguments) -> World:
    """The server is on another host, and its move undecided."""
    server = world.server(told["server"])
    flavor = told.get("flavor", server.flavor)
    move = Move("resize" if "flavor" in told else "migration", str(server.host), server.flavor, server.status)
    return world.having(replace(server, flavor=flavor, host=told["host"], status="VERIFY_RESIZE", move=move))


def fail_resize(world: World, told: Arguments) -> World:
    """The server is in ERROR on the host that could not finish the resize."""
    server = world.server(told["server"])
    return world.having(replace(server, flavor=told["flavor"], host=told["host"], status="ERROR", left=()))


def confirm(world: World, told: Arguments) -> World:
    """The server stays on its new host; all that its migration held is free."""
    server = world.server(told["server"])
    return world.having(replace(server, status=server.decided.status, move=None, left=()))


def revert(world: World, told: Arguments) -> World:
    """The server is back on its old host, as it was."""
    server = world.server(told["server"])
    old = server.decided
    return world.having(replace(server, flavor=old.flavor, host=old.source, status=old.status, move=None))


def arrive(world: World, told: Arguments) -> World:
    """The server is on another host; all that its migration held is free."""
    return world.having(replace(world.server(told["server"]), host=told["host"], left=()))


def set_out(world: World, told: Arguments) -> World:
    """The server is on its way to another host."""
    return world.having(replace(world.server(told["server"]), status="MIGRATING", towards=told["host"]))


def turn_back(world: World, told: Arguments) -> World:
    """The server stays where it is."""
    return world.having(replace(world.server(told["server"]), status="ACTIVE", towards=None))


def arrive_at_last(world: World, told: Arguments) -> World:
    """The server is where it was on its way to."""
    server = world.server(told["server"])
    return world.having(replace(server, status="ACTIVE", host=server.towards, towards=None, left=()))


def offload(world: World, told: Arguments) -> World:
    """The server has no host, and holds nothing anywhere."""
    return world.having(replace(world.server(told["server"]), status="SHELVED_OFFLOADED", host=None, left=()))


def unshelve(world: World, told: Arguments) -> World:
    """The server runs on a host again."""
    return world.having(replace(world.server(told["server"]), status="ACTIVE", host=told["host"]))


def evacuate(world: World, told: Arguments) -> World:
    """The server is on another host, and holds its dead one until that returns."""
    server = world.server(told["server"])
    left = (*server.left, (str(server.host), server.flavor))
    return _remembered(world, server).having(replace(server, host=told["host"], left=left))


def _remembered(world: World, server: ServerState) -> World:
    """The scheduler is not told that a server has left its dead host, which matters for those of the group."""
    if server.kind != "group" or server.host is None:
        return world
    return replace(world, remembered=world.remembered | {server.host})


def go_down(world: World, told: Arguments) -> World:
    """The host is dead."""
    return replace(world, down=world.down | {told["host"]})


def come_back(world: World, told: Arguments) -> World:
    """The host is up, and gives back what servers hold there that were evacuated from it."""
    back = {told["host"]}
    return replace(_without_left(world, told["host"]), down=world.down - back, remembered=world.remembered - back)


def retire(world: World, told: Arguments) -> World:
    """The host is no more, and nothing is held there."""
    host = told["host"]
    world = replace(_without_left(world, host), down=world.down - {host}, disabled=world.disabled - {host})
    return replace(world, hosts=tuple(each for each in world.hosts if each != host))


def _without_left(world: World, host: str) -> World:
    servers = (replace(each, left=tuple(part for part in each.left if part[0] != host)) for each in world.servers)
    return replace(world, servers=tuple(servers))


def disable(world: World, told: Arguments) -> World:
    """The host accepts no servers."""
    return replace(world, disabled=world.disabled | {told["host"]})


def enable(world: World, told: Arguments) -> World:
    """The host accepts servers again."""
    return replace(world, disabled=world.disabled - {told["host"]})
