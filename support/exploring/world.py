"""The model: the servers and hosts of one history, and what each consumer must hold after every operation.

It is pure: an operation turns one world into the next. It knows only what the accounting rules say (Nova's
documentation, "Resize", "Evacuate", "Shelve"; the accounting rules of features), and nothing of what a cloud answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.resources import Resources

Status = Literal[
    "ACTIVE", "SHUTOFF", "VERIFY_RESIZE", "SHELVED", "SHELVED_OFFLOADED", "SOFT_DELETED", "MIGRATING", "ERROR"
]
Kind = Literal["plain", "group", "zone", "trait", "port", "device"]
"""What is special about a server: it belongs to the group, was requested in the zone, requires the trait, has the port
or the device."""

HOSTS = ("alpha", "beta", "gamma")
SERVERS = ("web", "db", "mail", "cache")
"""The names that servers may get in one history, in this order; the name of a deleted server is not used again."""

SERVERS_AT_ONCE = 2

AMOUNTS = ("VCPU", "MEMORY_MB", "DISK_GB")
PORT = Resources(NET_BW_EGR_KILOBIT_PER_SEC=1000, NET_PACKET_RATE_KILOPACKET_PER_SEC=10)
"""What the port guarantees; a feature that does not name the providers of Neutron lists it with the host."""
DEVICE, DEVICE_PROVIDER = Resources(FPGA=1), "{host}/accelerator0"
ZONE_HOST = "alpha"
"""The only host of the zone."""
TRAIT, TRAIT_HOST = "CUSTOM_SSD", "beta"
"""A trait that an operator has given to a host, and the only host that has it."""
ONLY_HOSTS: Mapping[Kind, str] = MappingProxyType({"zone": ZONE_HOST, "trait": TRAIT_HOST})
"""The hosts that servers of some kinds cannot leave."""

FLAVORS: Mapping[str, Flavor] = MappingProxyType(
    {
        "small": Flavor("small", vcpus=1, ram=512, disk=1),
        "large": Flavor("large", vcpus=2, ram=1024, disk=1, ephemeral=1),
        "tuned": Flavor("tuned", vcpus=1, ram=512, disk=1, swap=512, extra_specs={"resources:VCPU": "3"}),
    }
)
"""The flavors that servers run, all with the same root disk, since Nova refuses to make it smaller. `tuned` holds other
amounts than its sizes say: 3 VCPU, and 2 GB with its swap."""

PLAIN = "small"
"""The simplest of them."""

ACCELERATED = Flavor("fast", vcpus=1, ram=512, disk=1, extra_specs={"accel:device_profile": "card"})
"""The flavor of servers with a device."""

SELECTIVE = Flavor("ssd", vcpus=1, ram=512, disk=1, extra_specs={f"trait:{TRAIT}": "required"})
"""The flavor of servers that require the trait."""

ALL_FLAVORS: Mapping[str, Flavor] = MappingProxyType(
    {flavor.name: flavor for flavor in (*FLAVORS.values(), ACCELERATED, SELECTIVE)}
)

TOO_LARGE = Flavor("huge", vcpus=1, ram=1_000_000_000, disk=1)
"""A flavor for which no host has room."""


@dataclass(frozen=True)
class Move:
    """A resize or cold migration that is neither confirmed nor reverted: where the server was, with which flavor and
    in which status."""

    kind: Literal["resize", "migration"]
    source: str
    flavor: str
    status: Status


@dataclass(frozen=True)
class ServerState:
    """A server at rest. `host` is None while it is offloaded, or if no host has built it.

    `left` are the dead hosts from which it was evacuated, each with the flavor that is still held there; `towards` is
    the host that it is live migrating to.
    """

    name: str
    flavor: str
    status: Status
    host: str | None
    move: Move | None = None
    left: tuple[tuple[str, str], ...] = ()
    kind: Kind = "plain"
    towards: str | None = None

    @property
    def runs(self) -> bool:
        """Whether it is on a host and not in the middle of a move."""
        return self.status in ("ACTIVE", "SHUTOFF")

    @property
    def moves(self) -> bool:
        """Whether a migration holds what the server held before."""
        return self.move is not None or self.towards is not None

    @property
    def decided(self) -> Move:
        """The move that is to be confirmed or reverted. Raises ValueError if there is none."""
        if self.move is None:
            raise ValueError(f'server "{self.name}" has no unconfirmed move')
        return self.move


@dataclass(frozen=True)
class World:
    """The hosts that are there, those that are down or disabled, and the servers; `named` counts the names used.

    `remembered` are the hosts that the scheduler may take for those of a server of the group that has left them dead.
    `circumstance` names what is special about the cloud; `pending` is the server whose operation was requested last and
    not awaited, and `repeatable` says whether the last request may be sent again and changes nothing then.
    """

    hosts: tuple[str, ...]
    down: frozenset[str] = frozenset()
    disabled: frozenset[str] = frozenset()
    servers: tuple[ServerState, ...] = ()
    named: int = 0
    remembered: frozenset[str] = frozenset()
    circumstance: str = "plain"
    pending: str | None = None
    repeatable: bool = False

    def up(self, host: str | None) -> bool:
        """Whether a host is there and up."""
        return host in self.hosts and host not in self.down

    def accepting(self, server: ServerState | None = None, *, kind: Kind = "plain") -> tuple[str, ...]:
        """Return the hosts that the scheduler may choose for a server that is to leave its host, or for a new one.

        A host of another server of the group is none for a server of the group, and a server that was requested in the
        zone stays in it, as one that requires a trait stays where it is (Nova, "Server groups", "Availability zones",
        "Extra Specs"). The source of an undecided move is a host of its server until `ComputeManager.confirm_resize`
        tells the scheduler otherwise.
        """
        kind = server.kind if server is not None else kind
        others = [each for each in self.servers if each.kind == "group" and each != server] if kind == "group" else []
        taken = {each.host for each in others} | {each.move.source for each in others if each.move}
        return tuple(
            host
            for host in self.hosts
            if self.up(host)
            and host not in self.disabled
            and host not in taken
            and not (server is not None and host == server.host)
            and host == ONLY_HOSTS.get(kind, host)
        )

    def has(self, kind: Kind) -> bool:
        """Whether there is a server of that kind."""
        return any(server.kind == kind for server in self.servers)

    def server(self, name: str) -> ServerState:
        """Return the server of that name. Raises KeyError if there is none."""
        for each in self.servers:
            if each.name == name:
                return each
        raise KeyError(name)

    def needing(self, host: str) -> tuple[ServerState, ...]:
        """Return the servers that need a host: they are there, on their way to it, or may be reverted to it."""
        return tuple(
            each for each in self.servers if host in (each.host, each.towards, each.move.source if each.move else None)
        )

    def having(self, server: ServerState) -> "World":
        """Return the world with a server in this state instead of its former one."""
        return replace(self, servers=tuple(server if each.name == server.name else each for each in self.servers))

    def with_new(self, *servers: ServerState) -> "World":
        """Return the world with these servers, of one request, as well."""
        return replace(self, servers=(*self.servers, *servers), named=self.named + 1)

    def without(self, name: str) -> "World":
        """Return the world in which a server was deleted."""
        return replace(self, servers=tuple(each for each in self.servers if each.name != name))

    def next_name(self, count: int = 1) -> str | None:
        """Return the name of the next server, or of the next `count`; None when there are enough."""
        if len(self.servers) + count > SERVERS_AT_ONCE or self.named >= len(SERVERS):
            return None
        return SERVERS[self.named]

    def ledger(self) -> Ledger:
        """Return what every consumer holds, by the names that features use.

        A server holds its flavor on its host; while a move is undecided, the migration holds the old flavor on the
        source; while it live migrates, the migration holds the source and the server the destination; an evacuated
        server holds what it had on each dead host until that returns, which a migration takes along with the source; an
        offloaded one nothing. What a port or a device adds is held where the flavor is.
        """
        held: dict[tuple[str, str], Resources] = {}
        for server in self.servers:
            consumer, migration = f"server {server.name}", f"migration of {server.name}"
            if server.move is not None:
                held |= _held(migration, server.move.source, server.move.flavor, server.kind)
            for host, flavor in server.left:
                held |= _held(migration if server.moves else consumer, host, flavor, server.kind)
            if server.towards is not None and server.host is not None:
                held |= _held(migration, server.host, server.flavor, server.kind)
            place = server.towards or server.host
            if place is not None:
                held |= _held(consumer, place, server.flavor, server.kind)
        return Ledger(held, classes=AMOUNTS)


def _held(consumer: str, host: str, flavor: str, kind: Kind) -> dict[tuple[str, str], Resources]:
    """What one consumer holds on one host for a server of that flavor and kind."""
    amounts = ALL_FLAVORS[flavor].resources()
    if kind == "port":
        return {(consumer, host): amounts + PORT}
    if kind == "device":
        return {(consumer, host): amounts, (consumer, DEVICE_PROVIDER.format(host=host)): DEVICE}
    return {(consumer, host): amounts}
