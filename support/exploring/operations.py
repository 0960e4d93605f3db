"""What may happen in a history: each operation with the phrases that say it, when it is possible, and its effect.

The phrases are those of the vocabulary, so that a history reads like any other scenario: its last operation is a When,
those before it are Givens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from stocktake.support.exploring import choices, effects
from stocktake.support.exploring.choices import Arguments, Choices
from stocktake.support.exploring.circumstances import GROUP, PORT_NAME, ZONE
from stocktake.support.exploring.effects import Effect
from stocktake.support.exploring.world import World


@dataclass(frozen=True)
class Operation:
    """One kind of operation.

    `choices` are the arguments with which it is possible in a world, `effect` is the world after it. `when` and `given`
    are phrases in which arguments stand in braces. `weight` is how often it is tried, relative to others: the accounts
    move with the servers. One that is not `awaited` may still be under way when the next begins, and one that is
    `repeatable` changes nothing when its request is sent again. `simpler` names the operation of which it is a variant,
    and `known` the defect that it meets on releases that have it.
    """

    name: str
    when: str
    given: str
    choices: Choices
    effect: Effect
    weight: int = 1
    awaited: bool = True
    repeatable: bool = False
    simpler: str | None = None
    known: str | None = None

    def possible(self, world: World) -> Iterator[Arguments]:
        """Return the arguments with which it is possible in a world.

        While one is under way, the next is awaited, and concerns another server or is one of those that may happen
        meanwhile.
        """
        if world.pending is None or self.name in MEANWHILE:
            return self.choices(world)
        if not self.awaited:
            return iter(())
        return (told for told in self.choices(world) if told.get("server", world.pending) != world.pending)

    def happen(self, world: World, told: Arguments) -> World:
        """Return the world after it."""
        pending = None if self.awaited else told["server"]
        after = self.effect(world, told)
        if (after.pending, after.repeatable) == (pending, self.repeatable):
            return after
        return replace(after, pending=pending, repeatable=self.repeatable)


MEANWHILE = frozenset({"periodic", "repeat", "repeat evacuation", "delete during move"})
"""The operations that may happen while another one of the same server, or any at all, is under way."""

_SERVER = 'server "{server}"'
_SERVICE = 'the compute service on host "{host}"'
_BOOT = f'{_SERVER} is booted with flavor "{{flavor}}"'
_RUNS = f'{_SERVER} runs flavor "{{flavor}}"'

_SERVERS = (
    Operation(
        "boot",
        when=f'{_BOOT} on host "{{host}}"',
        given=f'{_RUNS} on host "{{host}}"',
        choices=choices.new_server,
        effect=effects.boot_of("plain"),
    ),
    Operation(
        "boot two",
        when=f'{choices.TOGETHER} servers "{{server}}" are booted in one request with flavor "{{flavor}}"',
        given=f'{choices.TOGETHER} servers "{{server}}" run flavor "{{flavor}}"',
        choices=choices.new_servers,
        effect=effects.boot_together,
    ),
    Operation(
        "request boot",
        when=f'{_SERVER} is requested with flavor "{{flavor}}" on host "{{host}}"',
        given=f'{_SERVER} has been requested with flavor "{{flavor}}" on host "{{host}}"',
        choices=choices.new_server,
        effect=effects.boot_of("plain"),
        awaited=False,
        simpler="boot",
    ),
    Operation(
        "delete",
        when=f"{_SERVER} is deleted",
        given=f"{_SERVER} has been deleted",
        choices=choices.except_in(choices.SOFT, choices.any_server),
        effect=effects.delete,
        repeatable=True,
    ),
    Operation(
        "request deletion",
        when=f"the deletion of {_SERVER} is requested",
        given=f"the deletion of {_SERVER} has been requested",
        choices=choices.except_in(choices.SOFT, choices.any_server),
        effect=effects.delete,
        awaited=False,
        repeatable=True,
        simpler="delete",
    ),
    Operation(
        "stop",
        when=f"{_SERVER} is shut off",
        given=f"{_SERVER} is stopped",
        choices=choices.in_status("ACTIVE"),
        effect=effects.becomes("SHUTOFF"),
        repeatable=True,
    ),
    Operation(
        "start",
        when=f"{_SERVER} is started",
        given=f"{_SERVER} has been started",
        choices=choices.in_status("SHUTOFF"),
        effect=effects.becomes("ACTIVE"),
        repeatable=True,
    ),
    Operation(
        "reboot",
        when=f"{_SERVER} is rebooted",
        given=f"{_SERVER} has been rebooted",
        choices=choices.in_status("ACTIVE"),
        effect=effects.nothing,
        repeatable=True,
    ),
    Operation(
        "rebuild",
        when=f"{_SERVER} is rebuilt",
        given=f"{_SERVER} has been rebuilt",
        choices=choices.in_status("ACTIVE", "SHUTOFF"),
        effect=effects.nothing,
        repeatable=True,
    ),
    Operation(
        "shelve",
        when=f"{_SERVER} is shelved and offloaded",
        given=f"{_SERVER} has been offloaded",
        choices=choices.in_status("ACTIVE", "SHUTOFF"),
        effect=effects.offload,
        weight=3,
    ),
    Operation(
        "unshelve",
        when=f'{_SERVER} is unshelved to host "{{host}}"',
        given=f'{_SERVER} has been unshelved to host "{{host}}"',
        choices=choices.offloaded,
        effect=effects.unshelve,
        weight=3,
        repeatable=True,
    ),
)

_MOVES = (
    Operation(
        "resize",
        when=f'{_SERVER} is resized to flavor "{{flavor}}"',
        given=f'{_SERVER} has an unconfirmed resize to flavor "{{flavor}}" on host "{{host}}"',
        choices=choices.resizable,
        effect=effects.begin_move,
        weight=3,
        repeatable=True,
    ),
    Operation(
        "request resize",
        when=f'the resize of {_SERVER} to flavor "{{flavor}}" is requested',
        given=f'the resize of {_SERVER} to flavor "{{flavor}}" has been requested',
        choices=choices.resizable,
        effect=effects.begin_move,
        awaited=False,
        repeatable=True,
        simpler="resize",
    ),
    Operation(
        "resize without room",
        when=f'{_SERVER} is resized to flavor "{{flavor}}"',
        given=f'no valid host was found to resize {_SERVER} to flavor "{{flavor}}"',
        choices=choices.for_too_large,
        effect=effects.nothing,
        repeatable=True,
    ),
    Operation(
        "cold migrate",
        when=f"{_SERVER} is cold migrated",
        given=f'{_SERVER} has an unconfirmed migration to host "{{host}}"',
        choices=choices.cold_movable,
        effect=effects.begin_move,
        weight=3,
        repeatable=True,
    ),
    Operation(
        "request cold migration",
        when=f"the cold migration of {_SERVER} is requested",
        given=f"the cold migration of {_SERVER} has been requested",
        choices=choices.cold_movable,
        effect=effects.begin_move,
        awaited=False,
        repeatable=True,
        simpler="cold migrate",
    ),
    Operation(
        "delete during move",
        when=f"{_SERVER} is deleted",
        given=f"{_SERVER} has been deleted",
        choices=choices.except_in(choices.SOFT, choices.being_resized),
        effect=effects.delete,
        known="deleted-during-resize-keeps-source",
        simpler="delete",
    ),
    Operation(
        "confirm",
        when=f"the {{move}} of {_SERVER} is confirmed",
        given=f"the {{move}} of {_SERVER} has been confirmed",
        choices=choices.undecided,
        effect=effects.confirm,
        weight=3,
        repeatable=True,
    ),
    Operation(
        "revert",
        when=f"the {{move}} of {_SERVER} is reverted",
        given=f"the {{move}} of {_SERVER} has been reverted",
        choices=choices.undecided_alone,
        effect=effects.revert,
        weight=3,
        repeatable=True,
    ),
    Operation(
        "revert in group",
        when=f"the {{move}} of {_SERVER} is reverted",
        given=f"the {{move}} of {_SERVER} has been reverted",
        choices=choices.undecided_in_group,
        effect=effects.revert,
        weight=3,
        known="reverted-server-stays-with-group",
        repeatable=True,
        simpler="revert",
    ),
    Operation(
        "live migrate",
        when=f"{_SERVER} is live migrated",
        given=f'{_SERVER} has been live migrated to host "{{host}}"',
        choices=choices.live_movable_of("plain", "zone", "port"),
        effect=effects.arrive,
        weight=3,
    ),
    Operation(
        "live migrate in group",
        when=f"{_SERVER} is live migrated",
        given=f'{_SERVER} has been live migrated to host "{{host}}"',
        choices=choices.only_in("server group", choices.live_movable_of("group")),
        effect=effects.arrive,
        weight=3,
        known="live-migrated-server-stays-with-its-group",
        simpler="live migrate",
    ),
    Operation(
        "evacuate",
        when=f"{_SERVER} is evacuated",
        given=f'{_SERVER} has been evacuated to host "{{host}}"',
        choices=choices.on_dead_host_with_one_other,
        effect=effects.evacuate,
        weight=3,
        repeatable=True,
    ),
    Operation(
        "request evacuation",
        when=f"the evacuation of {_SERVER} is requested",
        given=f"the evacuation of {_SERVER} has been requested",
        choices=choices.on_dead_host_with_one_other,
        effect=effects.evacuate,
        awaited=False,
        repeatable=True,
        simpler="evacuate",
    ),
    Operation(
        "force evacuation",
        when=f'{_SERVER} is forcibly evacuated to host "{{host}}"',
        given=f'{_SERVER} has been forcibly evacuated to host "{{host}}"',
        choices=choices.forcibly_evacuable,
        effect=effects.evacuate,
        weight=3,
        repeatable=True,
    ),
)

_HOSTS = (
    Operation(
        "host down",
        when='host "{host}" goes down',
        given='host "{host}" is down',
        choices=choices.can_go_down,
        effect=effects.go_down,
        weight=3,
    ),
    Operation(
        "host back",
        when='host "{host}" returns',
        given='host "{host}" is back',
        choices=choices.hosts_to_return,
        effect=effects.come_back,
        weight=3,
    ),
    Operation(
        "host back late",
        when='host "{host}" returns',
        given='host "{host}" is back',
        choices=choices.hosts_to_return_late,
        effect=effects.come_back,
        simpler="host back",
        known="moved-evacuee-keeps-dead-host",
    ),
    Operation(
        "host back to group",
        when='host "{host}" returns',
        given='host "{host}" is back',
        choices=choices.hosts_to_return_to_group,
        effect=effects.come_back,
        weight=3,
        simpler="host back",
        known="returned-host-stays-with-group",
    ),
    Operation(
        "host back empty",
        when='host "{host}" returns without its guests',
        given='host "{host}" is back without its guests',
        choices=choices.hosts_down_and_unneeded,
        effect=effects.come_back,
    ),
    Operation(
        "disable",
        when=f"{_SERVICE} is disabled",
        given=f"{_SERVICE} has been disabled",
        choices=choices.hosts_enabled,
        effect=effects.disable,
    ),
    Operation(
        "enable",
        when=f"{_SERVICE} is enabled",
        given=f"{_SERVICE} has been enabled again",
        choices=choices.hosts_disabled,
        effect=effects.enable,
    ),
    Operation(
        "periodic",
        when='the periodic task runs on host "{host}"',
        given='the periodic task has run on host "{host}"',
        choices=choices.hosts_up,
        effect=effects.nothing,
    ),
    Operation(
        "repeat",
        when="the last request is sent again",
        given="the last request has been sent again",
        choices=choices.once_more,
        effect=effects.nothing,
    ),
    Operation(
        "repeat evacuation",
        when="the last request is sent again",
        given="the last request has been sent again",
        choices=choices.evacuation_once_more,
        effect=effects.nothing,
        simpler="repeat",
        known="repeated-evacuation-frees-new-host",
    ),
)

_CIRCUMSTANTIAL = (
    Operation(
        "soft delete",
        when=f"{_SERVER} is soft-deleted",
        given=f"{_SERVER} has been soft-deleted",
        choices=choices.only_in(choices.SOFT, choices.to_be_soft_deleted),
        effect=effects.delete_softly,
        weight=3,
    ),
    Operation(
        "restore",
        when=f"{_SERVER} is restored",
        given=f"{_SERVER} has been restored",
        choices=choices.in_status("SOFT_DELETED"),
        effect=effects.becomes("ACTIVE"),
        weight=3,
    ),
    Operation(
        "force delete",
        when=f"{_SERVER} is force-deleted",
        given=f"{_SERVER} has been force-deleted",
        choices=choices.only_in(choices.SOFT, choices.any_server),
        effect=effects.delete,
    ),
    Operation(
        "shelve in place",
        when=f"{_SERVER} is shelved",
        given=f"{_SERVER} has been shelved",
        choices=choices.only_in("no automatic offload", choices.in_status("ACTIVE", "SHUTOFF")),
        effect=effects.becomes("SHELVED"),
        weight=3,
    ),
    Operation(
        "offload",
        when=f"{_SERVER} is offloaded",
        given=f"{_SERVER} has been offloaded",
        choices=choices.in_status("SHELVED"),
        effect=effects.offload,
        weight=3,
    ),
    Operation(
        "unshelve in place",
        when=f"{_SERVER} is unshelved",
        given=f"{_SERVER} has been unshelved",
        choices=choices.in_status("SHELVED"),
        effect=effects.becomes("ACTIVE"),
        weight=3,
    ),
    Operation(
        "boot in group",
        when=f'{_SERVER} of group "{GROUP}" is booted with flavor "{{flavor}}" on host "{{host}}"',
        given=f'{_SERVER} of group "{GROUP}" runs flavor "{{flavor}}" on host "{{host}}"',
        choices=choices.only_in("server group", choices.new_server_of("group")),
        effect=effects.boot_of("group"),
        weight=3,
        simpler="boot",
    ),
    Operation(
        "boot in zone",
        when=f'{_BOOT} in zone "{ZONE}"',
        given=f'{_RUNS} in zone "{ZONE}"',
        choices=choices.only_in("zone", choices.new_server_of("zone")),
        effect=effects.boot_of("zone"),
        weight=3,
        simpler="boot",
    ),
    Operation(
        "boot with trait",
        when=_BOOT,
        given=_RUNS,
        choices=choices.only_in("trait", choices.new_selective_server),
        effect=effects.boot_of("trait"),
        weight=3,
        simpler="boot",
    ),
    Operation(
        "boot with port",
        when=f'{_BOOT} and port "{PORT_NAME}" on host "{{host}}"',
        given=f'{_RUNS} with port "{PORT_NAME}" on host "{{host}}"',
        choices=choices.only_in("port", choices.new_server_of("port")),
        effect=effects.boot_of("port"),
        weight=3,
        simpler="boot",
    ),
    Operation(
        "boot with device",
        when=f'{_BOOT} on host "{{host}}"',
        given=f'{_RUNS} on host "{{host}}"',
        choices=choices.only_in("device", choices.new_accelerated_server),
        effect=effects.boot_of("device"),
        weight=3,
        simpler="boot",
    ),
    Operation(
        "retire host",
        when=f"{_SERVICE} is deleted",
        given=f"{_SERVICE} has been deleted",
        choices=choices.only_in("host to retire", choices.retirable),
        effect=effects.retire,
        weight=3,
    ),
    Operation(
        "begin live migration",
        when=f'{_SERVER} starts live migrating to host "{{host}}"',
        given=f'{_SERVER} is live migrating to host "{{host}}"',
        choices=choices.only_in(choices.SLOW, choices.slow_live_migration),
        effect=effects.set_out,
        weight=3,
    ),
    Operation(
        "abort live migration",
        when=f"the live migration of {_SERVER} is aborted",
        given=f"the live migration of {_SERVER} has been aborted",
        choices=choices.on_its_way,
        effect=effects.turn_back,
        weight=3,
    ),
    Operation(
        "force completion",
        when=f"the live migration of {_SERVER} is forced to complete",
        given=f"the live migration of {_SERVER} has been forced to complete",
        choices=choices.on_its_way,
        effect=effects.arrive_at_last,
        weight=3,
    ),
    Operation(
        "failed live migration",
        when=f'{_SERVER} is live migrated to host "{{host}}"',
        given=f'{_SERVER} failed to live migrate to host "{{host}}"',
        choices=choices.only_in(choices.RELUCTANT, choices.refused_live_migration),
        effect=effects.nothing,
        weight=3,
    ),
    Operation(
        "failed resize",
        when=f'{_SERVER} is resized to flavor "{{flavor}}"',
        given=f'{_SERVER} failed to resize to flavor "{{flavor}}"',
        choices=choices.only_in(choices.BROKEN, choices.refused_resize),
        effect=effects.fail_resize,
        weight=3,
    ),
    Operation(
        "failed build",
        when=f'{_BOOT} on host "{{host}}"',
        given=f'{_SERVER} failed to build with flavor "{{flavor}}" on host "{{host}}"',
        choices=choices.only_in(choices.BUILDLESS, choices.refused_build),
        effect=effects.fail_build,
        weight=3,
    ),
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {operation.name: operation for operation in (*_SERVERS, *_MOVES, *_HOSTS, *_CIRCUMSTANTIAL)}
)
"""By their names, which coverage and reports use."""
