"""What may happen in a history: each operation with the phrases that say it, when it is possible, and its effect.

The phrases are those of the vocabulary, so that a history reads like any other scenario: its last operation is a When,
those before it are Givens. Where the scheduler chooses, an operation is possible only if there is one host to choose.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from stocktake.support.exploring.world import FLAVORS, TOO_LARGE, Move, ServerState, Status, World

Arguments = Mapping[str, str]
Choices = Callable[[World], Iterator[Arguments]]
Effect = Callable[[World, Arguments], World]


@dataclass(frozen=True)
class Operation:
    """One kind of operation.

    `choices` are the arguments with which it is possible in a world, `effect` is the world after it. `when` and `given`
    are phrases in which arguments stand in braces. `weight` is how often it is tried, relative to others: the accounts
    move with the servers.
    """

    name: str
    when: str
    given: str
    choices: Choices
    effect: Effect
    weight: int = 1


def _servers(world: World, *statuses: Status) -> Iterator[ServerState]:
    """The servers at rest in one of these statuses, on hosts that are up."""
    return (each for each in world.servers if each.status in statuses and world.up(each.host))


def _in_status(*statuses: Status) -> Choices:
    def choices(world: World) -> Iterator[Arguments]:
        return ({"server": server.name} for server in _servers(world, *statuses))

    return choices


def _any_server(world: World) -> Iterator[Arguments]:
    return ({"server": server.name} for server in world.servers)


def _new_server(world: World) -> Iterator[Arguments]:
    name = world.next_name()
    for host in world.accepting() if name else ():
        yield from ({"server": str(name), "flavor": flavor, "host": host} for flavor in FLAVORS)


def _movable(*statuses: Status) -> Choices:
    """A server that can move to one host only, which the scheduler therefore chooses."""

    def choices(world: World) -> Iterator[Arguments]:
        for server in _servers(world, *statuses):
            hosts = world.accepting(other_than=server.host)
            if len(hosts) == 1:
                yield {"server": server.name, "host": hosts[0]}

    return choices


def _resizable(world: World) -> Iterator[Arguments]:
    for told in _movable("ACTIVE", "SHUTOFF")(world):
        flavor = world.server(told["server"]).flavor
        yield from ({**told, "flavor": other} for other in FLAVORS if other != flavor)


def _for_too_large(world: World) -> Iterator[Arguments]:
    return ({"server": server.name, "flavor": TOO_LARGE.name} for server in _servers(world, "ACTIVE"))


def _undecided(world: World) -> Iterator[Arguments]:
    for server in _servers(world, "VERIFY_RESIZE"):
        if server.move is not None and world.up(server.move.source):
            yield {"server": server.name, "move": server.move.kind}


def _offloaded(world: World) -> Iterator[Arguments]:
    for server in world.servers:
        if server.status == "SHELVED_OFFLOADED":
            yield from ({"server": server.name, "host": host} for host in world.accepting())


def _on_dead_host(world: World) -> Iterator[Arguments]:
    for server in world.servers:
        if server.runs and server.host in world.down:
            yield from ({"server": server.name, "host": host} for host in world.accepting())


def _on_dead_host_with_one_other(world: World) -> Iterator[Arguments]:
    return (told for told in _on_dead_host(world) if len(world.accepting()) == 1)


def _hosts(hosts: Iterable[str]) -> Iterator[Arguments]:
    return ({"host": host} for host in hosts)


def _up(world: World) -> Iterator[Arguments]:
    return _hosts(host for host in world.hosts if world.up(host))


def _down(world: World) -> Iterator[Arguments]:
    return _hosts(host for host in world.hosts if host in world.down)


def _down_and_unneeded(world: World) -> Iterator[Arguments]:
    """A dead host without servers that would lose their guests."""
    return (told for told in _down(world) if not world.needing(told["host"]))


def _enabled(world: World) -> Iterator[Arguments]:
    return _hosts(world.accepting())


def _disabled(world: World) -> Iterator[Arguments]:
    return _hosts(host for host in world.hosts if host in world.disabled and world.up(host))


def _unchanged(world: World, _told: Arguments) -> World:
    return world


def _boot(world: World, told: Arguments) -> World:
    return world.with_new(ServerState(told["server"], told["flavor"], "ACTIVE", told["host"]))


def _delete(world: World, told: Arguments) -> World:
    return world.without(told["server"])


def _becomes(status: Status) -> Effect:
    def effect(world: World, told: Arguments) -> World:
        return world.having(replace(world.server(told["server"]), status=status))

    return effect


def _begin_move(world: World, told: Arguments) -> World:
    server = world.server(told["server"])
    flavor = told.get("flavor", server.flavor)
    move = Move("resize" if "flavor" in told else "migration", str(server.host), server.flavor, server.status)
    return world.having(replace(server, flavor=flavor, host=told["host"], status="VERIFY_RESIZE", move=move))


def _confirm(world: World, told: Arguments) -> World:
    server = world.server(told["server"])
    return world.having(replace(server, status=server.decided.status, move=None))


def _revert(world: World, told: Arguments) -> World:
    server = world.server(told["server"])
    old = server.decided
    return world.having(replace(server, flavor=old.flavor, host=old.source, status=old.status, move=None))


def _arrive(world: World, told: Arguments) -> World:
    return world.having(replace(world.server(told["server"]), host=told["host"]))


def _offload(world: World, told: Arguments) -> World:
    return world.having(replace(world.server(told["server"]), status="SHELVED_OFFLOADED", host=None))


def _unshelve(world: World, told: Arguments) -> World:
    return world.having(replace(world.server(told["server"]), status="ACTIVE", host=told["host"]))


def _evacuate(world: World, told: Arguments) -> World:
    server = world.server(told["server"])
    left = (*server.left, (str(server.host), server.flavor))
    return world.having(replace(server, host=told["host"], left=left))


def _go_down(world: World, told: Arguments) -> World:
    return replace(world, down=world.down | {told["host"]})


def _come_back(world: World, told: Arguments) -> World:
    """The host gives back what servers hold there that were evacuated from it."""
    servers = (
        replace(each, left=tuple(part for part in each.left if part[0] != told["host"])) for each in world.servers
    )
    return replace(world, down=world.down - {told["host"]}, servers=tuple(servers))


def _disable(world: World, told: Arguments) -> World:
    return replace(world, disabled=world.disabled | {told["host"]})


def _enable(world: World, told: Arguments) -> World:
    return replace(world, disabled=world.disabled - {told["host"]})


_SERVER = 'server "{server}"'
_SERVICE = 'the compute service on host "{host}"'

_KINDS = (
    Operation(
        "boot",
        when=f'{_SERVER} is booted with flavor "{{flavor}}" on host "{{host}}"',
        given=f'{_SERVER} runs flavor "{{flavor}}" on host "{{host}}"',
        choices=_new_server,
        effect=_boot,
    ),
    Operation(
        "delete",
        when=f"{_SERVER} is deleted",
        given=f"{_SERVER} has been deleted",
        choices=_any_server,
        effect=_delete,
    ),
    Operation(
        "stop",
        when=f"{_SERVER} is shut off",
        given=f"{_SERVER} is stopped",
        choices=_in_status("ACTIVE"),
        effect=_becomes("SHUTOFF"),
    ),
    Operation(
        "start",
        when=f"{_SERVER} is started",
        given=f"{_SERVER} has been started",
        choices=_in_status("SHUTOFF"),
        effect=_becomes("ACTIVE"),
    ),
    Operation(
        "reboot",
        when=f"{_SERVER} is rebooted",
        given=f"{_SERVER} has been rebooted",
        choices=_in_status("ACTIVE"),
        effect=_unchanged,
    ),
    Operation(
        "rebuild",
        when=f"{_SERVER} is rebuilt",
        given=f"{_SERVER} has been rebuilt",
        choices=_in_status("ACTIVE", "SHUTOFF"),
        effect=_unchanged,
    ),
    Operation(
        "resize",
        when=f'{_SERVER} is resized to flavor "{{flavor}}"',
        given=f'{_SERVER} has an unconfirmed resize to flavor "{{flavor}}" on host "{{host}}"',
        choices=_resizable,
        effect=_begin_move,
        weight=3,
    ),
    Operation(
        "resize without room",
        when=f'{_SERVER} is resized to flavor "{{flavor}}"',
        given=f'no valid host was found to resize {_SERVER} to flavor "{{flavor}}"',
        choices=_for_too_large,
        effect=_unchanged,
    ),
    Operation(
        "cold migrate",
        when=f"{_SERVER} is cold migrated",
        given=f'{_SERVER} has an unconfirmed migration to host "{{host}}"',
        choices=_movable("ACTIVE", "SHUTOFF"),
        effect=_begin_move,
        weight=3,
    ),
    Operation(
        "confirm",
        when=f"the {{move}} of {_SERVER} is confirmed",
        given=f"the {{move}} of {_SERVER} has been confirmed",
        choices=_undecided,
        effect=_confirm,
        weight=3,
    ),
    Operation(
        "revert",
        when=f"the {{move}} of {_SERVER} is reverted",
        given=f"the {{move}} of {_SERVER} has been reverted",
        choices=_undecided,
        effect=_revert,
        weight=3,
    ),
    Operation(
        "live migrate",
        when=f"{_SERVER} is live migrated",
        given=f'{_SERVER} has been live migrated to host "{{host}}"',
        choices=_movable("ACTIVE"),
        effect=_arrive,
        weight=3,
    ),
    Operation(
        "shelve",
        when=f"{_SERVER} is shelved and offloaded",
        given=f"{_SERVER} has been offloaded",
        choices=_in_status("ACTIVE", "SHUTOFF"),
        effect=_offload,
        weight=3,
    ),
    Operation(
        "unshelve",
        when=f'{_SERVER} is unshelved to host "{{host}}"',
        given=f'{_SERVER} has been unshelved to host "{{host}}"',
        choices=_offloaded,
        effect=_unshelve,
        weight=3,
    ),
    Operation(
        "evacuate",
        when=f"{_SERVER} is evacuated",
        given=f'{_SERVER} has been evacuated to host "{{host}}"',
        choices=_on_dead_host_with_one_other,
        effect=_evacuate,
        weight=3,
    ),
    Operation(
        "force evacuation",
        when=f'{_SERVER} is forcibly evacuated to host "{{host}}"',
        given=f'{_SERVER} has been forcibly evacuated to host "{{host}}"',
        choices=_on_dead_host,
        effect=_evacuate,
        weight=3,
    ),
    Operation(
        "host down",
        when='host "{host}" goes down',
        given='host "{host}" is down',
        choices=_up,
        effect=_go_down,
        weight=3,
    ),
    Operation(
        "host back",
        when='host "{host}" returns',
        given='host "{host}" is back',
        choices=_down,
        effect=_come_back,
        weight=3,
    ),
    Operation(
        "host back empty",
        when='host "{host}" returns without its guests',
        given='host "{host}" is back without its guests',
        choices=_down_and_unneeded,
        effect=_come_back,
    ),
    Operation(
        "disable",
        when=f"{_SERVICE} is disabled",
        given=f"{_SERVICE} has been disabled",
        choices=_enabled,
        effect=_disable,
    ),
    Operation(
        "enable",
        when=f"{_SERVICE} is enabled",
        given=f"{_SERVICE} has been enabled again",
        choices=_disabled,
        effect=_enable,
    ),
    Operation(
        "periodic",
        when='the periodic task runs on host "{host}"',
        given='the periodic task has run on host "{host}"',
        choices=_up,
        effect=_unchanged,
    ),
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType({operation.name: operation for operation in _KINDS})
"""By their names, which coverage and reports use."""
