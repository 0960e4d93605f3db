"""Reads a whole cloud, without changing it, for an audit of its accounts.

Requests: three per resource provider, one per project with servers, one per page of anything else (servers, migrations,
flavors, images, compute nodes), so their number grows with providers and servers and with nothing else. Only where
the servers of a project do not explain its usages in Placement, each server needs a further request, and so does each
consumer that Nova does not know.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from hamcrest import greater_than_or_equal_to
from stocktake.support.accounting.audit import Finding, Snapshot, audit, lasting
from stocktake.support.accounting.findings import Audited
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.inspection.provider_accounts import Progress, read_provider_accounts
from stocktake.support.inspection.readers import Readers
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, eventually

T = TypeVar("T")

SETTLING = 5.0
"""Seconds between two readings, in which Nova finishes writing the results of an operation."""


def nobody(what: str, done: int, total: int | None) -> None:
    """Ignore the progress."""


class Survey:
    """Readings of one cloud. `progress` is called with the progress of each.

    With several `jobs`, servers are listed while the accounts of providers are read.
    """

    def __init__(self, clients: Clients, progress: Progress = nobody, clock: Clock = SYSTEM_CLOCK, *, jobs: int = 1):
        self._clients = clients
        self._readers = Readers(clients, jobs)
        self._progress = progress
        self._clock = clock

    @property
    def requests(self) -> int:
        """How many requests have been sent so far."""
        return self._readers.throttle.requests

    def audit(self) -> Audited:
        """Audit the cloud; return the findings that two readings share.

        A cloud without findings is read once; otherwise accounts get their time to settle and are read again.
        Raises CloudError when an API fails, Unverified when one is too old to be audited.
        """
        snapshot = self.read()
        first = audit(snapshot)
        if not first:
            return _audited(snapshot, [])
        self._let_settle()
        snapshot = self.read()
        return _audited(snapshot, lasting(first, audit(snapshot)))

    def read(self) -> Snapshot:
        """Read everything once; with one job, servers and migrations last: they explain allocations made meanwhile."""
        clients = self._clients
        providers = self._counted("resource providers", clients.placement.providers)
        servers_and_moves = self._readers.meanwhile(self._read_servers)
        accounts = read_provider_accounts(self._readers, providers, self._progress)
        listed = [provider for provider in providers if provider.uuid in accounts.usages]
        ledger = Ledger(accounts.rows)
        servers, migrations = servers_and_moves()
        return Snapshot(
            providers=listed,
            inventories=accounts.inventories,
            traits=self._traits_of_doubtful(listed, accounts.inventories),
            usages=Usages(accounts.usages, providers=accounts.usages),
            allocations=ledger,
            servers=servers,
            migrations=migrations,
            projects=self._projects(ledger, servers, migrations),
            others=self._of_other_services(ledger, servers, migrations),
            services=clients.services.all(),
            hypervisors=self._counted("compute nodes", clients.hypervisors.all),
            flavors=self._counted("flavors", clients.flavors.all),
            images={image.id: image.properties for image in self._counted("images", clients.images.all)},
        )

    def _read_servers(self, clients: Clients) -> tuple[Sequence[Server], Sequence[Migration]]:
        servers = self._counted("servers", lambda: clients.servers.all(all_projects=True))
        return servers, self._counted("migrations", lambda: clients.migrations.all(as_consumers=True))

    def _of_other_services(
        self, ledger: Ledger, servers: Sequence[Server], migrations: Sequence[Migration]
    ) -> frozenset[str]:
        """Tell by their type which consumers that Nova does not know belong to another service."""
        known = {server.id for server in servers} | {move.uuid for move in migrations}
        unknown = set(ledger.consumers) - known
        return self._clients.placement.of_other_services(unknown) if unknown else frozenset()

    def _projects(self, ledger: Ledger, servers: Sequence[Server], migrations: Sequence[Migration]) -> dict[str, str]:
        """Read which projects are charged for servers, where the servers and moves of a project do not explain its
        usages."""
        placement = self._clients.placement
        owner = {server.id: server.project_id for server in servers}
        owner |= {move.uuid: owner.get(move.server or "") for move in migrations if move.uuid}
        consumers: dict[str, dict[str, Resources]] = defaultdict(dict)
        for consumer, held in ledger.totals().items():
            if project := owner.get(consumer):
                consumers[project][consumer] = held
        charged: dict[str, str] = {}
        for number, (project, held_by) in enumerate(sorted(consumers.items())):
            self._progress("projects", number, len(consumers))
            if placement.project_usages(project) != Resources.total(held_by.values()):
                charged |= placement.projects_charged(held_by)
        self._progress("projects", len(consumers), len(consumers))
        return charged

    def _traits_of_doubtful(
        self, providers: Sequence[Provider], inventories: Mapping[str, Mapping[str, Inventory]]
    ) -> dict[str, frozenset[str]]:
        """Read the traits of roots without memory, which alone show whether the root belongs to a compute node."""
        doubtful = [one for one in providers if one.parent is None and "MEMORY_MB" not in inventories[one.uuid]]
        return {provider.uuid: self._clients.traits.of_provider(provider.uuid) for provider in doubtful}

    def _counted(self, what: str, read: Callable[[], Sequence[T]]) -> Sequence[T]:
        self._progress(what, 0, None)
        found = read()
        self._progress(what, len(found), len(found))
        return found

    def _let_settle(self) -> None:
        began = self._clock.now()
        eventually(
            lambda: self._clock.now() - began,
            greater_than_or_equal_to(SETTLING),
            within=2 * SETTLING,
            what="accounts to settle before they are read again",
            describe="{:.0f} s have passed".format,
            clock=self._clock,
        )


def _audited(snapshot: Snapshot, findings: Sequence[Finding]) -> Audited:
    read = {name: len(getattr(snapshot, name)) for name in ("providers", "servers", "migrations")}
    return Audited(read, tuple(findings))
