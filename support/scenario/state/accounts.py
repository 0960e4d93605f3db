"""The accounts of one scenario: what is charged on its hosts, and what has changed since it began."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import partial

from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.placement.values import ProviderAllocations
from stocktake.support.hosts.roles import Roles
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.state.names import Names
from stocktake.support.scenario.state.owned import Owned
from stocktake.support.scenario.state.readings import Readings
from stocktake.support.scenario.state.servers import ScenarioServers
from stocktake.support.scenario.state.trees import ProviderTrees

READINGS = 3
"""How often a provider is read at most until its usages are the sum of its allocations, which are two requests."""


@dataclass(frozen=True)
class Account:
    """One reading of Placement for the hosts of a scenario, keyed by provider uuid.

    `ledger` contains every consumer, `usages` are those that Placement reports.
    """

    ledger: Ledger
    usages: Usages


class AccountReader:
    """Reads allocations and usages of the hosts that a scenario holds, and separates its own from those of others.

    `baseline` is the reading before the first step, `latest` the last one; `figures` are the hypervisor figures that a
    step has taken as baseline, `others` what others held at that time, `with_known_figures` the providers whose figures
    can be judged.
    """

    def __init__(
        self,
        clients: Clients,
        mark: Mark,
        *,
        roles: Roles,
        owned: Owned,
        servers: ScenarioServers,
        trees: ProviderTrees,
        names: Names,
        readings: Readings,
        is_of_another: Callable[[str], bool],
        proven: MutableMapping[str, ProviderAllocations],
    ):
        """`proven` are readings of providers whose usages were the sum of their allocations, of any scenario."""
        self._clients, self._mark, self._roles = clients, mark, roles
        self._owned, self._servers, self._trees, self._names = owned, servers, trees, names
        self._readings, self._is_of_another = readings, is_of_another
        self.baseline = Account(Ledger(), Usages())
        self.latest: Account | None = None
        self.figures: Usages | None = None
        self.others = Ledger()
        self.with_known_figures: set[str] = set()
        self._neighbours: set[str] = set()
        self._seen: dict[str, ProviderAllocations] = {}
        self._proven = proven
        self._believed: set[str] = set()
        self._held: dict[str, tuple[Mapping[str, ProviderAllocations], Mapping[str, Resources]]] = {}

    def open(self) -> None:
        """Take the baseline: everything held on the scenario's hosts before its first step. The first audit uses it."""
        self.baseline = self.last()

    def add(self, provider: str) -> None:
        """Add the current state of a host that was added for this scenario to the baseline."""
        brought = self._read_of([provider])
        self.baseline = Account(self.baseline.ledger + brought.ledger, self.baseline.usages + brought.usages)

    def read(self) -> Account:
        """Read allocations and usages of every provider held, all consumers included."""
        self.latest = self._read_of(self._trees.all())
        self._seen = {provider: self._seen[provider] for provider in self.latest.usages.providers}
        self._believed.intersection_update(self._seen)
        return self.latest

    def last(self) -> Account:
        """Return the reading since the last action, or read."""
        return self._readings.last("accounts", self.read)

    def doubt(self) -> None:
        """Read usages, and what consumers hold, again next time, whether or not Placement shows a change."""
        self.doubt_usages()
        self._held.clear()

    def doubt_usages(self) -> None:
        """Read the usages of every provider again next time."""
        self._proven.clear()

    def generation(self, provider: str) -> int | None:
        """Return the generation of a provider at the last reading; None if it was not read."""
        return self._seen[provider].generation if provider in self._seen else None

    def _read_of(self, roots: Iterable[str]) -> Account:
        trees = self._trees.all()
        rows: dict[tuple[str, str], Resources] = {}
        used: dict[str, Resources] = {}
        for provider in (provider.uuid for root in roots for provider in trees[root]):
            used[provider], held = self._read_provider(provider)
            rows.update({(consumer, provider): amounts for consumer, amounts in held.items()})
        return Account(Ledger(rows), Usages(used, providers=used))

    def _read_provider(self, provider: str) -> tuple[Resources, Mapping[str, Resources]]:
        """Read allocations and usages of a provider; again where others seem to have changed them in between.

        Usages are not read again where they were the sum of the same allocations at the same generation: Placement
        adds them up from the rows of both. That no other provider's are among them shows when all are in doubt.
        """
        placement = self._clients.placement
        for _ in range(READINGS):
            found = self._seen[provider] = placement.allocations_on(provider)
            total = Resources.total(found.allocations.values())
            if self._is_proven(provider, found):
                self._believed.add(provider)
                return total, found.allocations
            self._believed.discard(provider)
            used = placement.usages(provider)
            if used == total:
                self._proven[provider] = found
                break
        return used, found.allocations

    def _is_proven(self, provider: str, found: ProviderAllocations) -> bool:
        """Return whether nothing has changed, but for traits, since usages were the sum of the allocations."""
        proven = self._proven.get(provider)
        if proven is None or proven.allocations != found.allocations:
            return False
        written = self._clients.traits.written.get(provider)
        return proven.generation == found.generation or (proven.generation, found.generation) == written

    def ledger(self) -> Ledger:
        """Return what this scenario's consumers hold anywhere, under the feature's names, in absolute amounts.

        A consumer that is unknown to Nova and was not there at the beginning is also shown: it can only be the
        scenario's.
        """
        self._servers.last_migrations()
        return self._ledger_in(self.last())

    def statement(self) -> tuple[Ledger, Usages]:
        """Return what `ledger` and `usage_changes` return, from one reading of the hosts' accounts."""
        self._servers.last_migrations()
        now = self.last()
        return self._ledger_in(now), self._usage_changes_in(now)

    def _ledger_in(self, now: Account) -> Ledger:
        rows = dict(self.own(now.ledger))
        for consumer in self._servers.consumers():
            held = self._readings.last(("held by", consumer), partial(self._held_by, consumer))
            rows.update({(consumer, provider): amounts for provider, amounts in held.items()})
        named = Ledger(rows).named(consumers=self._names.of_consumers(rows), providers=self._names.of_providers())
        return named.with_classes(self._names.of_custom())

    def _held_by(self, consumer: str) -> Mapping[str, Resources]:
        """Return what a consumer holds anywhere; not read again while a provider on which it holds something is as it
        was: all that a consumer holds is written at once (API reference, "Update allocations").
        """
        there = {provider: seen for provider, seen in self._seen.items() if consumer in seen.allocations}
        when, held = self._held.get(consumer, ({}, {}))
        if not there or when != there:
            held = self._clients.placement.allocations(consumer).allocations
            self._held[consumer] = there, held
        return held

    def usage_changes(self) -> Usages:
        """Return by how much the usages of each leased host have changed, without the changes made by others.

        Usages that the last reading has believed are read now.
        """
        now = self.last()
        if self._believed:
            read = {provider: self._clients.placement.usages(provider) for provider in self._believed}
            usages = Usages({**now.usages, **read}, providers=now.usages.providers)
            self.latest = now = self._readings.keep("accounts", Account(now.ledger, usages))
            self._believed.clear()
        return self._usage_changes_in(now)

    def _usage_changes_in(self, now: Account) -> Usages:
        change = now.usages - self.baseline.usages
        neighbours = self._of_neighbours(now.ledger) - self._of_neighbours(self.baseline.ledger)
        named = (change - neighbours.usages()).named(self._names.of_providers())
        return named.with_classes(self._names.of_custom())

    def held_by_others(self) -> Ledger:
        """Return what others hold on the scenario's hosts, by uuids of consumers and providers."""
        return self._of_neighbours(self.last().ledger)

    def own(self, ledger: Ledger) -> Ledger:
        """Keep what a reading says about this scenario's consumers, and about unknown ones."""
        return Ledger({key: held for key, held in ledger.items() if self._concerns_us(key[0])})

    def _concerns_us(self, consumer: str) -> bool:
        return consumer in set(self._servers.consumers()) or not self._is_neighbour(consumer)

    def _of_neighbours(self, ledger: Ledger) -> Ledger:
        ours = set(self._servers.consumers())
        return Ledger({key: held for key, held in ledger.items() if key[0] not in ours and self._is_neighbour(key[0])})

    def _is_neighbour(self, consumer: str) -> bool:
        """Whether a consumer is not the scenario's: there from the start, another scenario's, or another user's server
        or its migration.

        One that Nova does not know and that holds nothing any more has ended between two requests, as servers of others
        do at any time; what the scenario has leaked stays.
        """
        if consumer in self._neighbours:
            return True
        known = consumer in self.baseline.ledger.consumers or self._is_of_another(consumer)
        if known or self._is_foreign(consumer):
            self._neighbours.add(consumer)
            return True
        return not self._held_by(consumer)

    def consumers(self) -> set[str]:
        """Return the scenario's servers, migrations and other consumers, unknown ones that it has left included."""
        seen = self.own(self.latest.ledger).consumers if self.latest else ()
        return {*self._servers.consumers(), *self._owned.bare_consumers.values(), *seen}

    def _is_foreign(self, consumer: str) -> bool:
        server = self._clients.servers.find(consumer)
        if server is not None:
            return not self._mark.owns(server.name)
        for host in self._roles.hosts:
            moves = self._clients.migrations.all(host=host.service, as_consumers=True)
            if any(move.uuid == consumer for move in moves):
                self._servers.learn(moves)  # others may be moving a server of the scenario
                return consumer not in self._servers.migrations
        return False

    def entitlements(self) -> Mapping[str, list[Resources]]:
        """Return what consumers of this scenario may hold: one of its flavors, with or without a root disk.

        Needed for a migration, whose flavor Nova no longer shows, and for a server whose resize failed.
        """
        amounts = [
            amount
            for flavor in self._owned.flavors.values()
            for volume_backed in (False, True)
            for amount in flavor.alternatives(volume_backed=volume_backed)
        ]
        return dict.fromkeys(self._servers.consumers(), amounts)
