"""Audits a whole cloud, without changing it: reads it once, and what seems wrong a second time.

Requests of the first reading: two per resource provider, one per owner of servers, one per page of anything else
(servers, migrations, flavors, images, compute nodes, volumes), so their number grows with what the cloud has and with
nothing else. Only where the servers of an owner do not explain the owner's usages in Placement, each server needs a
further request, and so does each consumer that Nova's lists do not explain. The second reading needs a few requests for
each finding.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from hamcrest import greater_than_or_equal_to
from stocktake.support.accounting.audit import judge, merged
from stocktake.support.accounting.findings import Audited, NotJudged, Reason, Rule, lasting
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.ports import OF_PORTS
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.snapshot import Snapshot
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.microversions import CONSUMER_TYPES, PARTIAL_RESULTS
from stocktake.support.api.networks import Port, asked_of
from stocktake.support.api.placement.values import Inventory
from stocktake.support.api.replies import none_if_missing
from stocktake.support.inspection.allowed import Allowed
from stocktake.support.inspection.beside_nova import BesideNova, is_offered, lacking, read_beside_nova
from stocktake.support.inspection.consumers import Charged, seek, whom_charged
from stocktake.support.inspection.provider_accounts import Progress, read_provider_accounts
from stocktake.support.inspection.readers import Readers
from stocktake.support.inspection.second_reading import SecondReading
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, eventually

T = TypeVar("T")

SETTLING = 5.0
"""Seconds between two readings, in which Nova finishes writing the results of an operation."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much our clock may be ahead of Nova's before the first answer shows it."""

STEP = 100
"""Progress is told whenever so many more of a list have been read."""

USUAL_PERIODIC = 60.0
"""Seconds between two runs of a host's periodic task, by Nova's default."""

WHOLE_SECONDS = "%Y-%m-%dT%H:%M:%S"
"""How Nova writes times, down to seconds; times so written compare as texts."""

ON_HOSTS = frozenset({"ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "VERIFY_RESIZE"})
"""Statuses of servers that are on some host."""

PLACES = (Rule.UNKNOWN_CONSUMER, Rule.FINISHED_MIGRATION, Rule.OTHER_HOST, Rule.DOUBLED, Rule.OFFLOADED, Rule.MISSING)
NODES = (
    *(Rule.NO_PROVIDER, Rule.NO_COMPUTE_NODE, Rule.SERVICE_WITHOUT_NODE, Rule.FIGURES, Rule.INVENTORY),
    Rule.ATTACHMENT,
)
HOSTS_HIDDEN = NotJudged(
    Reason.FORBIDDEN,
    "on which hosts servers are, which Nova does not show to this user",
    "let the user see the hosts of servers (os_compute_api:os-extended-server-attributes)",
    (*PLACES, Rule.FAILED_BOOT, Rule.FIGURES, Rule.ATTACHMENT, Rule.VOLUME_STATUS, Rule.ACCELERATOR),
)

REQUESTS_HIDDEN = NotJudged(
    Reason.FORBIDDEN,
    "what servers hold for their ports: Neutron does not show to this user what ports ask for",
    "let the user see that (get_port:resource_request)",
    (Rule.AMOUNTS,),
)


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
        self._allowed = Allowed()
        self._began = datetime.now(UTC)
        self._read_beside: dict[str, int] = {}

    @property
    def requests(self) -> int:
        """How many requests have been sent so far."""
        return self._readers.throttle.requests

    def audit(self) -> Audited:
        """Audit the cloud; return the findings that two readings share.

        Accounts get their time to settle before what seems wrong is read again.
        Raises CloudError when an API fails, or does not let the user read what nothing can be judged without.
        """
        self._began = datetime.fromtimestamp(self._clients.session.time_at("compute"), UTC) - CLOCKS_DIFFER
        snapshot = self.read()
        findings, not_judged = judge(snapshot)
        if findings:
            self._let_settle()
            again = SecondReading(self._clients, self._readers, snapshot, findings, self._began, self._progress).read()
            second, not_judged = judge(again)
            findings = lasting(findings, second)
        read = {name: len(getattr(snapshot, name) or ()) for name in ("providers", "servers", "migrations")}
        unread = merged([*self._allowed.not_judged, *not_judged])
        return Audited(read | self._read_beside, tuple(findings), tuple(unread))

    def read(self) -> Snapshot:
        """Read everything once; with one job, servers and migrations late: they explain allocations made meanwhile."""
        clients, allowed = self._clients, self._allowed
        providers = self._counted("resource providers", clients.placement.providers)
        servers_and_moves = self._readers.meanwhile(self._read_servers)
        beside_nova = self._readers.meanwhile(self._read_beside_nova) if is_offered(clients) else BesideNova
        accounts = read_provider_accounts(self._readers, providers, self._progress)
        listed = [provider for provider in providers if provider.uuid in accounts.usages]
        servers, migrations = servers_and_moves()
        unread: tuple[Sequence[ComputeService] | None, frozenset[str]] = (None, frozenset())
        services, out_of_reach = allowed.read("compute services", clients.services.in_every_cell, unread)
        snapshot = Snapshot(
            providers=listed,
            inventories=accounts.inventories,
            usages=Usages(accounts.usages, providers=accounts.usages),
            allocations=Ledger(accounts.rows),
            servers=servers,
            migrations=migrations,
            services=services,
            hypervisors=self._hypervisors(may_be_down=bool(out_of_reach) or not self._shows_cells),
            flavors=allowed.read("flavors", lambda: self._counted("flavors", clients.flavors.all), ()),
            images=allowed.read("images", self._images, {}),
            ports=self._ports(accounts.inventories),
            shows_types=clients.session.offers("placement", CONSUMER_TYPES),
            services_beside=clients.session.services(),
            changed=self._changed(migrations or ()),
            cell_down=bool(out_of_reach),
        )
        return self._explained(snapshot, servers, migrations or (), beside_nova())

    def _explained(
        self, snapshot: Snapshot, servers: list[Server], migrations: Sequence[Migration], beside: BesideNova
    ) -> Snapshot:
        """Look for the consumers that nothing explains, and for those who are charged."""
        known = {server.id for server in servers} | {move.uuid for move in migrations}
        unknown = set(snapshot.allocations.consumers) - known | beside.servers - set(snapshot.server_of)
        sought = seek(self._readers, unknown, self._progress)
        servers += sought.servers
        unknown -= {server.id for server in sought.servers} | sought.others
        hosts_hidden = _hides_hosts(servers)
        if hosts_hidden:
            self._allowed.not_judged.append(HOSTS_HIDDEN)
        self._allowed.not_judged += lacking(self._clients, servers, snapshot.flavors)
        charged = self._allowed.read(
            "who is charged",
            lambda: whom_charged(self._readers, snapshot.allocations, servers, migrations, self._progress),
            Charged(),
            rules=(Rule.OTHER_PROJECT, Rule.OTHER_USER),
        )
        return replace(
            snapshot,
            servers=servers,
            migrations=None if hosts_hidden else snapshot.migrations,
            traits=self._allowed.read("traits", lambda: self._traits(snapshot, unknown), {}),
            others=sought.others,
            former=sought.former,
            hidden=sought.hidden,
            volumes=[] if hosts_hidden else beside.volumes_with(servers),
            accelerator_requests=[] if hosts_hidden else beside.accelerator_requests,
            device_profiles=beside.device_profiles,
            projects=charged.projects,
            users=charged.users,
            cell_down=snapshot.cell_down or bool(sought.hidden),
        )

    # --- single readings -----------------------------------------------------------------------------------------

    @property
    def _shows_cells(self) -> bool:
        """Whether Nova shows which of its cells do not answer."""
        return self._clients.session.offers("compute", PARTIAL_RESULTS)

    def _read_servers(self, clients: Clients) -> tuple[list[Server], Sequence[Migration] | None]:
        """Read all servers, also those that wait to be reclaimed, and their moves."""
        servers = self._counted("servers", clients.servers.of_every_project)
        servers += self._allowed.read("soft-deleted servers", clients.servers.soft_deleted, [])
        moves = partial(self._counted, "migrations", clients.migrations.all)
        return servers, self._allowed.read("migrations", moves, None, rules=PLACES)

    def _read_beside_nova(self, clients: Clients) -> BesideNova:
        """Read what Cinder and Cyborg keep for servers."""
        found = read_beside_nova(clients, self._allowed, self._counting)
        self._read_beside = found.read
        return found

    def _hypervisors(self, *, may_be_down: bool) -> Sequence[Hypervisor] | None:
        return self._allowed.read_in_cells(
            "compute nodes",
            lambda: self._counted("compute nodes", self._clients.hypervisors.all),
            None,
            may_be_down=may_be_down,
            rules=NODES,
        )

    def _images(self) -> dict[str, Mapping[str, str]]:
        return {image.id: image.properties for image in self._counted("images", self._clients.images.all)}

    def _ports(self, inventories: Mapping[str, Mapping[str, Inventory]]) -> dict[str, Resources] | None:
        """Read what the ports of servers ask Placement for, where there is something to ask for.

        None if there is not, or if Neutron shows no ports, or not what they ask for.
        """
        networks = self._clients.networks
        if not any(OF_PORTS.intersection(stock) for stock in inventories.values()) or not networks.offered:
            return None
        none: list[Port] = []
        ports = self._allowed.read("ports", lambda: self._counted("ports", networks.ports), none, rules=(Rule.AMOUNTS,))
        if any(not port.shows_requests for port in ports):
            self._allowed.not_judged.append(REQUESTS_HIDDEN)
            return None
        return asked_of(ports) if ports else None

    def _changed(self, migrations: Sequence[Migration]) -> frozenset[str]:
        """Read on which hosts servers have changed, or were moved to or from, since periodic tasks have surely run."""
        interval = self._clients.target.settings.periodic_interval or USUAL_PERIODIC
        now = datetime.fromtimestamp(self._clients.session.time_at("compute"), UTC)
        since = now - timedelta(seconds=2 * interval)
        changed = self._clients.servers.all(all_projects=True, changed_since=since)
        moved = [move for move in migrations if (move.updated or move.created or "") >= since.strftime(WHOLE_SECONDS)]
        hosts = {server.host for server in changed} | {host for move in moved for host in (move.source, move.dest)}
        return frozenset(host for host in hosts if host)

    def _traits(self, snapshot: Snapshot, unknown: Collection[str]) -> dict[str, frozenset[str]]:
        """Read the traits that tell whose providers are: of those on which unknown consumers hold something, of roots
        that no compute node has, and of roots without memory, which alone do not show that they belong to one."""
        doubtful = {provider for consumer, provider in snapshot.allocations if consumer in unknown}
        doubtful |= {snapshot.root_of[provider] for provider in doubtful if provider in snapshot.root_of}
        doubtful |= {root for root in snapshot.roots if "MEMORY_MB" not in snapshot.inventories.get(root, {})}
        if snapshot.hypervisors is not None:
            doubtful |= {one.uuid for one in snapshot.providers if not snapshot.nodes_like(one)} & snapshot.roots
        listed = sorted(doubtful & set(snapshot.root_of))
        found = {uuid: none_if_missing(partial(self._clients.traits.of_provider, uuid)) for uuid in listed}
        return {uuid: traits for uuid, traits in found.items() if traits is not None}

    def _counted(self, what: str, read: Callable[[], Iterable[T]]) -> list[T]:
        return list(self._counting(what, read))

    def _counting(self, what: str, read: Callable[[], Iterable[T]]) -> Iterator[T]:
        """Yield what is listed, and tell how much that is."""
        self._progress(what, 0, None)
        count = 0
        for count, one in enumerate(read(), start=1):
            yield one
            if count % STEP == 0:
                self._progress(what, count, None)
        self._progress(what, count, count)

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


def _hides_hosts(servers: Sequence[Server]) -> bool:
    """Tell whether Nova shows the host of no server, although some are on hosts."""
    on_hosts = [server for server in servers if server.status in ON_HOSTS]
    return bool(on_hosts) and not any(server.host for server in on_hosts)
