"""Where each consumer must hold something, where it may, and how much."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product
from typing import Any

from stocktake.support.accounting.accelerators import SPEC as DEVICE_PROFILE
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ports import OF_PORTS
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.snapshot import Migration, Server, Snapshot
from stocktake.support.errors import FeatureError

ENDED = frozenset({"confirmed", "reverted", "error", "failed", "completed", "cancelled", "done"})
"""The statuses of a migration that is over: as a consumer it holds nothing any more."""

EVACUATION_ENDED = ENDED - {"done"}
"""An evacuation is "done" when the server runs elsewhere; "completed" only once its old host is back and released."""

_BUSY = frozenset({"BUILD", "UNKNOWN"})
"""The statuses that, without any task, mean that accounts may move at any moment, or that Nova cannot see them."""

_ALWAYS_FROM_FLAVORS = frozenset({"VCPU", "PCPU", "MEMORY_MB", "DISK_GB", "MEM_ENCRYPTION_CONTEXT"})
_FROM_FLAVORS_OR_DEVICES = frozenset({"VGPU"})
"""Classes that a server has from its flavor, unless this names a device profile, which may give them too."""
_FROM_OUTSIDE_FLAVORS = (DEVICE_PROFILE, "pci_passthrough:alias")
_UNKNOWN_IMAGES: tuple[Mapping[str, str] | None, ...] = (
    None,
    {"hw_cpu_policy": "dedicated"},
    {"hw_mem_encryption": "true", "hw_firmware_type": "uefi"},
)
"""What an image that was not read may ask for: nothing, pinned CPUs, or encrypted memory."""


@dataclass(frozen=True)
class ExpectedAllocation:
    """What a consumer should hold: root providers by uuid, amounts as alternatives.

    It must hold something on `home`, and may on every one of `allowed` (or `anywhere`). None of `amounts` known is
    written None: they are not judged. Unless `settled`, accounts are on the move, and nothing is required.
    """

    home: str | None = None
    allowed: frozenset[str] = frozenset()
    anywhere: bool = False
    settled: bool = True
    amounts: tuple[Resources, ...] | None = None
    judged: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Entitlements:
    """What every consumer of a snapshot should hold."""

    snapshot: Snapshot
    _worked_out: dict[Any, tuple[Resources, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def server(self, server: Server) -> ExpectedAllocation:
        """Return what a server should hold according to its state, its host and its moves."""
        home = self.snapshot.root_at(server.host, server.hypervisor_hostname)
        settled = self.is_settled(server)
        allowed = frozenset(filter(None, (home, *self._left_on_dead_hosts(server.id))))
        amounts, judged = self._server_amounts(server, settled=settled), self._judged(server.flavor)
        if self.snapshot.migrations is None:
            return ExpectedAllocation(None, allowed, True, settled, amounts, judged)
        if not settled:
            ways = frozenset(self._ways(server.id))
            return ExpectedAllocation(None, allowed | ways, self._may_be_anywhere(server), settled, amounts, judged)
        if server.host:
            home = home if amounts is None or all(amounts) else None
            return ExpectedAllocation(home, allowed, amounts=amounts, judged=judged)
        holds_nothing = server.status in ("ERROR", "SHELVED_OFFLOADED")
        return ExpectedAllocation(None, frozenset(), anywhere=not holds_nothing, amounts=amounts, judged=judged)

    def migration(self, migration: Migration) -> ExpectedAllocation | None:
        """Return what a migration should hold while it is running or unconfirmed; None once it has ended."""
        server = self.snapshot.server_of.get(migration.server or "")
        if migration.status in ENDED or migration.type == "evacuation":
            return None
        settled = server is not None and self.is_settled(server)
        if settled and migration.status == "finished" and server and server.status != "VERIFY_RESIZE":
            return None
        undecided = settled and migration.status == "finished"
        source = self.snapshot.root_at(migration.source, migration.source_node)
        dead = self._left_on_dead_hosts(migration.server or "")
        amounts = self._migration_amounts(migration, server)
        return ExpectedAllocation(
            home=source if undecided and all(amounts or ()) else None,
            allowed=frozenset(filter(None, (source, *dead))),
            settled=undecided,
            amounts=amounts,
            judged=self._judged(None) - OF_PORTS,  # what its ports asked for when the move began cannot be seen
        )

    def is_settled(self, server: Server) -> bool:
        """Tell whether nothing is being done to a server, so that its accounts must be right now."""
        return not server.task_state and server.status not in _BUSY

    @cached_property
    def derivable(self) -> frozenset[str]:
        """The classes whose amounts flavors explain, and ports if these were read; all others come from elsewhere."""
        flavors = {server.flavor for server in self.snapshot.servers if server.flavor}
        own = (amount for flavor in flavors for amount in self._amounts(flavor))
        of_ports = frozenset() if self.snapshot.ports is None else OF_PORTS
        known = (amount for amounts in self.snapshot.known_amounts.values() for amount in amounts)
        profiles = (self.snapshot.device_profiles or {}).values()
        return _ALWAYS_FROM_FLAVORS.union(
            _FROM_FLAVORS_OR_DEVICES, of_ports, *self._of_any_flavor, *own, *known, *profiles
        )

    def _amounts(
        self,
        flavor: Flavor,
        images: Iterable[Mapping[str, str] | None] = _UNKNOWN_IMAGES,
        volume_backed: Iterable[bool] = (False, True),
    ) -> tuple[Resources, ...]:
        """Return what a flavor gives in these cases, without those Nova refuses."""
        cases = (self._alternatives(flavor, image, by_volume) for image, by_volume in product(images, volume_backed))
        return tuple(dict.fromkeys(chain.from_iterable(cases)))

    def _alternatives(
        self, flavor: Flavor, image: Mapping[str, str] | None, volume_backed: bool
    ) -> tuple[Resources, ...]:
        """Work out one case, once: a cloud has thousands of servers and tens of flavors."""
        case = (flavor, None if image is None else frozenset(image.items()), volume_backed)
        if case not in self._worked_out:
            try:
                amounts = flavor.alternatives(volume_backed=volume_backed, image_properties=image)
            except FeatureError:
                amounts = ()
            accelerators = self._accelerators(flavor) or Resources()
            self._worked_out[case] = tuple(amount + accelerators for amount in amounts)
        return self._worked_out[case]

    def _accelerators(self, flavor: Flavor) -> Resources | None:
        """Return what the device profile of a flavor asks for; None if it has none, or one that was not read."""
        return (self.snapshot.device_profiles or {}).get(flavor.extra_specs.get(DEVICE_PROFILE, ""))

    def _judged(self, flavor: Flavor | None) -> frozenset[str]:
        """Return the classes to compare: fewer for a flavor whose devices may come in the same classes."""
        outside = [key for key in _FROM_OUTSIDE_FLAVORS if flavor and key in flavor.extra_specs]
        if flavor and outside and (outside != [DEVICE_PROFILE] or self._accelerators(flavor) is None):
            of_ports = frozenset() if self.snapshot.ports is None else OF_PORTS
            return _ALWAYS_FROM_FLAVORS.union(of_ports, *self._amounts(flavor))
        return self.derivable

    def _server_amounts(self, server: Server, *, settled: bool) -> tuple[Resources, ...] | None:
        """Return the server's own amounts; whatever explains them while, or after, a resize half happened."""
        own = self._own_amounts(server)
        if own and settled and server.status != "ERROR":
            return self._with_ports(own, server)
        explained = (*own, *self._known(server.id), *self._explained_for(server))
        return (*self._with_ports(explained, server), *explained) or None  # its ports may have been given up

    def _migration_amounts(self, migration: Migration, server: Server | None) -> tuple[Resources, ...] | None:
        """Return the old flavor's amounts: the server's own unless it changes flavor, else whatever explains them."""
        own = self._own_amounts(server) if server else ()
        if migration.type != "resize" and own:
            return own
        known = self._known(migration.uuid or "") + self._explained_for(server)
        return known + own if known else None

    def _with_ports(self, amounts: tuple[Resources, ...], server: Server) -> tuple[Resources, ...]:
        """Add what the ports of a server ask for to each of these amounts of its flavor."""
        asked = (self.snapshot.ports or {}).get(server.id)
        return tuple(amount + asked for amount in amounts) if asked else amounts

    def _own_amounts(self, server: Server) -> tuple[Resources, ...]:
        if server.flavor is None:
            return ()
        image = self.snapshot.images.get(server.image_id or "")
        images = _UNKNOWN_IMAGES if image is None else (image,)
        return self._amounts(server.flavor, images=images, volume_backed=(server.volume_backed,))

    def _explained_for(self, server: Server | None) -> tuple[Resources, ...]:
        """Return what any flavor of the cloud gives a server, or one that was not read."""
        if server is None:
            return self._of_any_flavor
        return self._of_any_flavor_from_volume if server.volume_backed else self._of_any_flavor_from_image

    @cached_property
    def _of_any_flavor(self) -> tuple[Resources, ...]:
        return self._of_any_flavor_from_image + self._of_any_flavor_from_volume

    @cached_property
    def _of_any_flavor_from_image(self) -> tuple[Resources, ...]:
        return tuple(one for flavor in self.snapshot.flavors for one in self._amounts(flavor, volume_backed=(False,)))

    @cached_property
    def _of_any_flavor_from_volume(self) -> tuple[Resources, ...]:
        return tuple(one for flavor in self.snapshot.flavors for one in self._amounts(flavor, volume_backed=(True,)))

    def _known(self, consumer: str) -> tuple[Resources, ...]:
        return tuple(self.snapshot.known_amounts.get(consumer, ()))

    def _left_on_dead_hosts(self, server: str) -> Iterator[str]:
        """Yield the roots a server was evacuated from that could not release it yet, their service being down."""
        for move in self.snapshot.moves_of.get(server, ()):
            if move.type == "evacuation" and move.status not in EVACUATION_ENDED and self.snapshot.is_down(move.source):
                root = self.snapshot.root_at(move.source, move.source_node)
                if root:
                    yield root

    def _ways(self, server: str) -> Iterator[str]:
        """Yield both ends of every move under way."""
        for move in self._under_way(server):
            ends = ((move.source, move.source_node), (move.dest, move.dest_node))
            yield from filter(None, (self.snapshot.root_at(*end) for end in ends))

    def _may_be_anywhere(self, server: Server) -> bool:
        """Tell whether the scheduler may have claimed a host that Nova does not name yet."""
        return not server.host or any(not move.dest for move in self._under_way(server.id))

    def _under_way(self, server: str) -> Iterator[Migration]:
        return (move for move in self.snapshot.moves_of.get(server, ()) if move.status not in ENDED)
