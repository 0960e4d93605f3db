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

Status = Literal["ACTIVE", "SHUTOFF", "VERIFY_RESIZE", "SHELVED_OFFLOADED"]

HOSTS = ("alpha", "beta", "gamma")
SERVERS = ("web", "db", "mail", "cache")
"""The names that servers may get in one history, in this order; the name of a deleted server is not used again."""

SERVERS_AT_ONCE = 2

AMOUNTS = ("VCPU", "MEMORY_MB", "DISK_GB")

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
    """A server at rest. `host` is None while it is offloaded.

    `left` are the dead hosts from which it was evacuated, each with the flavor that it still holds there.
    """

    name: str
    flavor: str
    status: Status
    host: str | None
    move: Move | None = None
    left: tuple[tuple[str, str], ...] = ()

    @property
    def runs(self) -> bool:
        """Whether it is on a host and not in the middle of a move."""
        return self.status in ("ACTIVE", "SHUTOFF")

    @property
    def decided(self) -> Move:
        """The move that is to be confirmed or reverted. Raises ValueError if there is none."""
        if self.move is None:
            raise ValueError(f'server "{self.name}" has no unconfirmed move')
        return self.move


@dataclass(frozen=True)
class World:
    """The hosts that are there, those that are down or disabled, and the servers; `named` counts the names used."""

    hosts: tuple[str, ...]
    down: frozenset[str] = frozenset()
    disabled: frozenset[str] = frozenset()
    servers: tuple[ServerState, ...] = ()
    named: int = 0

    def up(self, host: str | None) -> bool:
        """Whether a host is there and up."""
        return host in self.hosts and host not in self.down

    def accepting(self, *, other_than: str | None = None) -> tuple[str, ...]:
        """Return the hosts that the scheduler may choose."""
        return tuple(host for host in self.hosts if self.up(host) and host not in self.disabled and host != other_than)

    def server(self, name: str) -> ServerState:
        """Return the server of that name. Raises KeyError if there is none."""
        for each in self.servers:
            if each.name == name:
                return each
        raise KeyError(name)

    def needing(self, host: str) -> tuple[ServerState, ...]:
        """Return the servers that need a host: they are there, or may be reverted to it."""
        return tuple(each for each in self.servers if host in (each.host, each.move.source if each.move else None))

    def having(self, server: ServerState) -> "World":
        """Return the world with a server in this state instead of its former one."""
        return replace(self, servers=tuple(server if each.name == server.name else each for each in self.servers))

    def with_new(self, server: ServerState) -> "World":
        """Return the world with one server more."""
        return replace(self, servers=(*self.servers, server), named=self.named + 1)

    def without(self, name: str) -> "World":
        """Return the world in which a server was deleted."""
        return replace(self, servers=tuple(each for each in self.servers if each.name != name))

    def next_name(self) -> str | None:
        """Return the name of the next server, None when there are enough."""
        if len(self.servers) >= SERVERS_AT_ONCE or self.named >= len(SERVERS):
            return None
        return SERVERS[self.named]

    def ledger(self) -> Ledger:
        """Return what every consumer holds, by the names that features use.

        A server holds its flavor on its host; while a move is undecided, the migration holds the old flavor on the
        source; an evacuated server holds what it had on each dead host until that returns; an offloaded one nothing.
        """
        held: dict[tuple[str, str], Resources] = {}
        for server in self.servers:
            consumer = f"server {server.name}"
            if server.move is not None:
                held[f"migration of {server.name}", server.move.source] = FLAVORS[server.move.flavor].resources()
            for host, flavor in server.left:
                held[consumer, host] = FLAVORS[flavor].resources()
            if server.host is not None:
                held[consumer, server.host] = FLAVORS[server.flavor].resources()
        return Ledger(held, classes=AMOUNTS)
