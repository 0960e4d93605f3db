"""The books of one scenario: what it owns, what the cloud charged for it, and what has changed since it began.

Names in features are short and repeat; real names are the mark's, and only here do the two meet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.api.replies import ApiError, Reply
from stocktake.support.errors import FeatureError
from stocktake.support.hosts.leases import Lease
from stocktake.support.hosts.roles import ComputeHost, Roles
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.placement import PROVIDER_TRAIT
from stocktake.support.ownership.undo import Undoing
from stocktake.support.scenario.cloud import Cloud
from stocktake.support.scenario.non_admin_user import NonAdminUser
from stocktake.support.waiting import SYSTEM_CLOCK

NOT_FOUND = 404


@dataclass(frozen=True)
class Account:
    """One reading of Placement for the hosts of a scenario, keyed by provider uuid.

    `ledger` holds every consumer, `usages` what Placement itself says is used.
    """

    ledger: Ledger
    usages: Usages


@dataclass(frozen=True)
class Observation:
    """What a server looked like, seconds after the scenario began; all None once Nova did not know it."""

    seconds: float
    server: str
    status: str | None
    task_state: str | None
    host: str | None


@dataclass
class Context:
    """What one scenario owns in the cloud, and its reading of the accounts.

    Things are kept by the feature's names: `flavors`; `servers`, `images`, `volumes`, `providers`, `aggregates` and
    `strangers` (consumers that are no servers) by their ids; `users`; `customs`, the traits and resource classes that
    the feature introduced, by their marked names. `borrowed` are leases of things that an operator named for all
    scenarios, until the end of this one. `migrations` maps the uuid of each migration seen so far to its
    server's name, as Nova forgets a migration together with its server. `spoilt` are consumers whose accounts the
    scenario has made wrong by intent, `stopped` the entries that undo the stopping of compute services, by host.
    `figures` are what Nova said its hypervisors had given away at the beginning, `tool` is the exit status and output
    of the last nova-manage, `history` what the servers looked like over time, `latest` the last reading of the
    accounts. `alone` says that all
    hosts of the cloud are leased to the scenario.
    """

    cloud: Cloud
    number: int
    roles: Roles
    undoing: Undoing
    trait: str | None = None
    alone: bool = False
    flavors: dict[str, Flavor] = field(default_factory=dict)
    servers: dict[str, str] = field(default_factory=dict)
    migrations: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, str] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=dict)
    aggregates: dict[str, str] = field(default_factory=dict)
    bare_consumers: dict[str, str] = field(default_factory=dict)
    users: dict[str, NonAdminUser] = field(default_factory=dict)
    custom_names: dict[str, str] = field(default_factory=dict)
    borrowed: dict[str, Lease] = field(default_factory=dict)
    known_wrong: set[str] = field(default_factory=set)
    stopped: dict[str, Entry] = field(default_factory=dict)
    figures: Usages | None = None
    tool: tuple[int, str] | None = None
    answer: Reply | None = None
    refusal: ApiError | None = None
    history: list[Observation] = field(default_factory=list)
    began: float = field(default_factory=SYSTEM_CLOCK.now)
    latest: Account | None = None
    baseline: Account = field(default_factory=lambda: Account(Ledger(), Usages()))
    _trees: dict[str, tuple[Provider, ...]] = field(default_factory=dict)
    _inventories: dict[str, Mapping[str, Inventory]] = field(default_factory=dict)
    _neighbours: set[str] = field(default_factory=set)

    def check_alone(self, what: str) -> None:
        """Raise FeatureError unless the scenario may do `what`, which others would notice wherever they work."""
        if not self.alone:
            raise FeatureError(
                f"{what} concerns every host: tag the scenario @whole-cloud, so that none runs beside it"
            )

    def borrow(self, what: str) -> None:
        """Have something that an operator named for all scenarios to this one alone, until it ends.

        Raises CloudError when it does not become free in time.
        """
        if what not in self.borrowed:
            self.borrowed[what] = self.cloud.leases.borrow(what, within=self.cloud.settings.patience_for("lease"))

    # Names

    def real_name(self, name: str) -> str:
        """Return the name that a thing of this scenario has in the cloud: the run's mark, the scenario, the name."""
        return self.cloud.mark.name(f"{self.number}-{name}")

    def custom(self, name: str) -> str:
        """Return the name in the cloud of a trait or resource class; standard ones keep theirs."""
        return self.custom_names.get(name, name)

    def flavor(self, name: str) -> Flavor:
        """Return a flavor of this scenario. Raises FeatureError for a name no step has introduced."""
        if name not in self.flavors:
            known = ", ".join(f'"{flavor}"' for flavor in self.flavors) or "none yet"
            raise FeatureError(f'flavor "{name}" does not exist in this scenario: its flavors are {known}')
        return self.flavors[name]

    def server_id(self, name: str) -> str:
        """Return the id of a server of this scenario, deleted or not. Raises FeatureError if it was never booted."""
        if name not in self.servers:
            known = ", ".join(f'"{server}"' for server in self.servers) or "none yet"
            raise FeatureError(f'server "{name}" does not exist at this step: the scenario has booted {known}')
        return self.servers[name]

    def server(self, name: str) -> Server | None:
        """Read a server of this scenario; None when Nova no longer knows it. What is new goes into its history."""
        server = self.cloud.servers.find(self.server_id(name))
        self._remember(name, server)
        return server

    def _remember(self, name: str, server: Server | None) -> None:
        seen = Observation(SYSTEM_CLOCK.now() - self.began, name, None, None, None)
        if server is not None:
            seen = replace(seen, status=server.status, task_state=server.task_state, host=server.host)
        latest = next((sighting for sighting in reversed(self.history) if sighting.server == name), None)
        if latest is None or replace(latest, seconds=seen.seconds) != seen:
            self.history.append(seen)

    # Accounts

    def open(self) -> None:
        """Take the baseline: everything held on the scenario's hosts before its first step."""
        self.baseline = self.account()

    def add_host(self, name: str, host: ComputeHost) -> None:
        """Let a host that was brought in for this scenario play a role: reserved, and on the baseline as it is now."""
        self.roles.add(name, host)
        self.reserve(host.provider)
        brought = self._account_of([host.provider])
        self.baseline = Account(self.baseline.ledger + brought.ledger, self.baseline.usages + brought.usages)

    def reserve(self, provider: str) -> None:
        """Put the scenario's trait on a provider until the scenario ends, so that its flavors may go there."""
        trait = self.trait
        if trait is None:
            raise FeatureError("no host can be reserved before the scenario has begun")
        with self.undoing.after(PROVIDER_TRAIT, trait, provider=provider):
            self.cloud.traits.add(provider, trait)

    def trees(self) -> dict[str, tuple[Provider, ...]]:
        """Return the provider tree of every host held, by root uuid; empty for a host that has been retired.

        Structure is read once per scenario.
        """
        held = [host.provider for host in self.roles.hosts]
        for root in held:
            if root not in self._trees:
                self._trees[root] = tuple(self.cloud.placement.tree(root))
        return {root: self._trees[root] for root in held}

    def forget_tree(self, root: str) -> None:
        """Read a provider tree's structure again next time, because something has changed it."""
        for provider in self._trees.pop(root, ()):
            self._inventories.pop(provider.uuid, None)

    def account(self) -> Account:
        """Read allocations and usages of every provider held, all consumers included."""
        return self._account_of(self.trees())

    def _account_of(self, roots: Iterable[str]) -> Account:
        placement, trees = self.cloud.placement, self.trees()
        rows: dict[tuple[str, str], Resources] = {}
        used: dict[str, Resources] = {}
        for provider in (provider.uuid for root in roots for provider in trees[root]):
            used[provider] = placement.usages(provider)
            held = placement.provider_allocations(provider)
            rows.update({(consumer, provider): amounts for consumer, amounts in held.items()})
        self.latest = Account(Ledger(rows), Usages(used, providers=used))
        return self.latest

    def ledger(self) -> Ledger:
        """Return what this scenario's consumers hold anywhere, under the feature's names, in absolute amounts.

        A consumer that Nova does not know and that was not there at the beginning is shown as well: nobody else
        could be charged for it.
        """
        self.refresh_migrations()
        return self._ledger_in(self.account())

    def statement(self) -> tuple[Ledger, Usages]:
        """Return what `ledger` and `usage_changes` do, out of one reading of the hosts' accounts."""
        self.refresh_migrations()
        now = self.account()
        return self._ledger_in(now), self._usage_changes_in(now)

    def _ledger_in(self, now: Account) -> Ledger:
        rows = dict(self.own(now.ledger))
        for consumer in self.consumers():
            held = self.cloud.placement.allocations(consumer).allocations
            rows.update({(consumer, provider): amounts for provider, amounts in held.items()})
        named = Ledger(rows).named(consumers=self.consumer_names(rows), providers=self.provider_names())
        return named.with_classes(self._class_names())

    def usage_changes(self) -> Usages:
        """Return by how much the usages of each host held have changed, what neighbours did left out."""
        return self._usage_changes_in(self.account())

    def _usage_changes_in(self, now: Account) -> Usages:
        change = now.usages - self.baseline.usages
        neighbours = self._of_neighbours(now.ledger) - self._of_neighbours(self.baseline.ledger)
        return (change - neighbours.usages()).named(self.provider_names()).with_classes(self._class_names())

    def consumers(self) -> Iterable[str]:
        """Return the uuids of every server and migration of this scenario, dead ones included."""
        return (*self.servers.values(), *self.migrations)

    def refresh_migrations(self) -> dict[str, list[Migration]]:
        """Learn the uuids of the servers' migrations, while Nova still tells them; return them by server name."""
        found = {}
        for name, server in self.servers.items():
            found[name] = self.cloud.migrations.all(server_id=server)
            self.migrations.update({migration.uuid: name for migration in found[name] if migration.uuid})
        return found

    def consumer_names(self, keys: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
        """Return the feature's name of each consumer: `server web`, `migration of web`, or what is known of it."""
        names = {consumer: f"unknown consumer {consumer}" for consumer, _ in keys}
        names.update({uuid: f"server {name}" for name, uuid in self.servers.items()})
        names.update({uuid: f"migration of {name}" for uuid, name in self.migrations.items()})
        names.update({uuid: f"consumer {name}" for name, uuid in self.bare_consumers.items()})
        return names

    def provider_names(self) -> dict[str, str]:
        """Return the feature's name of each provider held: `alpha`, or `alpha/child` for a nested one."""
        names = self.roles.provider_names()
        made = {uuid: name for name, uuid in self.providers.items()}
        for root, tree in self.trees().items():
            for provider in tree[1:]:
                child = made.get(provider.uuid) or _child_name(provider.name, tree[0].name)
                names[provider.uuid] = f"{names[root]}/{child}"
        return names

    def _class_names(self) -> dict[str, str]:
        """Return the feature's name of each custom resource class that it introduced."""
        return {real: name for name, real in self.custom_names.items()}

    def own(self, ledger: Ledger) -> Ledger:
        """Keep what a reading says of this scenario's consumers, and of those nobody knows."""
        return Ledger({key: held for key, held in ledger.items() if self._concerns_us(key[0])})

    def _concerns_us(self, consumer: str) -> bool:
        return consumer in set(self.consumers()) or not self._is_neighbour(consumer)

    def _of_neighbours(self, ledger: Ledger) -> Ledger:
        ours = set(self.consumers())
        return Ledger({key: held for key, held in ledger.items() if key[0] not in ours and self._is_neighbour(key[0])})

    def _is_neighbour(self, consumer: str) -> bool:
        """Whether a consumer is somebody else's: there from the start, or a server of theirs, or its migration."""
        if consumer in self._neighbours:
            return True
        if consumer in self.baseline.ledger.consumers or self._is_foreign(consumer):
            self._neighbours.add(consumer)
            return True
        return False

    def _is_foreign(self, consumer: str) -> bool:
        server = self.cloud.servers.find(consumer)
        if server is not None:
            return not self.cloud.mark.owns(server.name)
        return any(move.uuid == consumer for host in self.roles.hosts for move in self._moves_of(host))

    def _moves_of(self, host: ComputeHost) -> list[Migration]:
        return self.cloud.migrations.all(host=host.service, as_consumers=True)

    def server_names(self) -> dict[str, str]:
        """Return the feature's name of each server by its id."""
        return {uuid: name for name, uuid in self.servers.items()}

    def inventories(self) -> dict[str, Mapping[str, Inventory]]:
        """Return what every provider held has of each resource class, by provider uuid; read once per scenario."""
        for tree in self.trees().values():
            for provider in tree:
                if provider.uuid not in self._inventories:
                    found = self.cloud.placement.inventories(provider.uuid)
                    self._inventories[provider.uuid] = found.inventories
        return dict(self._inventories)

    def entitlements(self) -> Mapping[str, list[Resources]]:
        """Return what consumers of this scenario may hold: one of its flavors, with or without a root disk.

        It is asked for a migration, which holds a flavor Nova no longer tells, and for a server that broke in a resize.
        """
        amounts = [
            flavor.resources(volume_backed=volume_backed)
            for flavor in self.flavors.values()
            for volume_backed in (False, True)
        ]
        return dict.fromkeys(self.consumers(), amounts)


def _child_name(child: str, root: str) -> str:
    """Shorten a nested provider's name: most drivers put the root's name in front of it."""
    return child.removeprefix(root).lstrip("-_:. ") or child
