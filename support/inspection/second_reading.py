"""Reads the doubtful part of a cloud a second time: what a finding is about, and nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from stocktake.support.accounting.findings import Finding, Rule
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.snapshot import Snapshot
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.networks import asked_of
from stocktake.support.api.placement.values import Provider
from stocktake.support.inspection.beside_nova import read_device_profiles, read_volume
from stocktake.support.inspection.consumers import charged_for, seek
from stocktake.support.inspection.provider_accounts import Progress, read_provider_accounts
from stocktake.support.inspection.readers import Readers

OF_SERVICES = frozenset({Rule.NO_PROVIDER, Rule.NO_COMPUTE_NODE, Rule.SERVICE_WITHOUT_NODE, Rule.HOST_WITHOUT_SERVICE})
OF_NODES = frozenset({Rule.FIGURES, Rule.INVENTORY})
OF_VOLUMES = frozenset({Rule.ATTACHMENT, Rule.VOLUME_STATUS})
BESIDE_NOVA = OF_VOLUMES | {Rule.ACCELERATOR, Rule.DEVICE_PROFILE}
"""The rules about what others than Placement keep for servers."""

CONSUMERS = "doubtful consumers"


@dataclass(frozen=True)
class SecondReading:
    """A second reading of what findings are about; everything else stays as it was first read.

    `began` is when the first reading began: unknown consumers may be migrations that have begun since.
    """

    clients: Clients
    readers: Readers
    first: Snapshot
    findings: Sequence[Finding]
    began: datetime
    progress: Progress

    def read(self) -> Snapshot:
        """Read the doubtful providers, then the doubtful consumers, then the servers and moves that explain these."""
        again = self._with_providers(self.first)
        again = self._with_consumers(again)
        again = self._with_volumes(again)
        again = self._with_accelerators(again)
        again = self._with_servers(again)
        again = self._with_ports(again)
        return self._with_services(again)

    def _with_providers(self, snapshot: Snapshot) -> Snapshot:
        """Read the accounts of every provider that a finding names; one that is gone leaves the snapshot."""
        doubtful = self._providers()
        accounts = read_provider_accounts(self.readers, doubtful, self.progress)
        gone = {provider.uuid for provider in doubtful} - set(accounts.usages)
        read = {provider.uuid for provider in doubtful}
        rows = {key: held for key, held in snapshot.allocations.items() if key[1] not in read}
        usages = {uuid: snapshot.usages[uuid] for uuid in snapshot.usages.providers if uuid not in read}
        inventories = {uuid: one for uuid, one in snapshot.inventories.items() if uuid not in read}
        usages |= accounts.usages
        return replace(
            snapshot,
            providers=[provider for provider in snapshot.providers if provider.uuid not in gone],
            inventories={**inventories, **accounts.inventories},
            usages=Usages(usages, providers=usages),
            allocations=Ledger({**rows, **accounts.rows}),
        )

    def _with_consumers(self, snapshot: Snapshot) -> Snapshot:
        """Read all that each consumer of a finding holds, and whom it is charged to."""
        doubtful = self._consumers_in_placement()
        rows = {key: held for key, held in snapshot.allocations.items() if key[0] not in doubtful}
        ordered = sorted(doubtful)
        read = self.readers.each(lambda clients, consumer: clients.placement.allocations(consumer), ordered)
        for number, (consumer, held) in enumerate(zip(ordered, read, strict=True), start=1):
            self.progress(CONSUMERS, number, len(ordered))
            rows |= {(consumer, provider): amounts for provider, amounts in held.allocations.items()}
        owners = charged_for(self.readers, self._consumers_of(Rule.OTHER_PROJECT, Rule.OTHER_USER))
        return replace(
            snapshot,
            allocations=Ledger(rows),
            projects={**snapshot.projects, **owners.projects},
            users={**snapshot.users, **owners.users},
        )

    def _with_volumes(self, snapshot: Snapshot) -> Snapshot:
        """Read the doubtful volumes; one that is gone leaves the snapshot."""
        doubtful = sorted({finding.volume for finding in self.findings if finding.volume})
        read = self.readers.each(read_volume, doubtful)
        kept = [volume for volume in snapshot.volumes if volume.id not in doubtful]
        return replace(snapshot, volumes=[*kept, *filter(None, read)])

    def _with_accelerators(self, snapshot: Snapshot) -> Snapshot:
        """Read all accelerator requests, or the flavors and device profiles, if a finding is about these."""
        rules = {finding.rule for finding in self.findings}
        if Rule.ACCELERATOR in rules:
            snapshot = replace(snapshot, accelerator_requests=self.clients.accelerators.requests())
        if Rule.DEVICE_PROFILE in rules:
            flavors, profiles = list(self.clients.flavors.all()), read_device_profiles(self.clients)
            snapshot = replace(snapshot, flavors=flavors, device_profiles=profiles)
        return snapshot

    def _with_servers(self, snapshot: Snapshot) -> Snapshot:
        """Read the servers of doubtful consumers and hosts by their ids, and the moves of these servers."""
        subjects = {finding.consumer for finding in self.findings if finding.consumer}
        subjects |= {move.server for move in snapshot.migrations or () if move.uuid in subjects and move.server}
        servers = {server.id: server for server in snapshot.servers if server.id not in subjects}
        consumers = subjects & set(self._consumers_of(Rule.UNKNOWN_CONSUMER))
        unknown = consumers | set(self._consumers_of(*BESIDE_NOVA)) - set(self.first.server_of)
        sought = seek(self.readers, unknown, self.progress)
        known = (self.clients.servers.find_in_any_cell(one) for one in sorted(self._servers_among(subjects - unknown)))
        servers |= {server.id: server for server in (*sought.servers, *filter(None, known))}
        servers |= {server.id: server for server in self._on_doubtful_hosts()}
        return replace(
            snapshot,
            servers=list(servers.values()),
            migrations=self._moves(subjects - unknown, any_new=bool(consumers)),
            others=frozenset(snapshot.others) | sought.others,
            former=(set(snapshot.former) - unknown) | sought.former,
            hidden=(set(snapshot.hidden) - unknown) | sought.hidden,
        )

    def _with_ports(self, snapshot: Snapshot) -> Snapshot:
        """Read what the ports of servers ask for whose amounts are doubtful, if that was read before."""
        servers = sorted(self._servers_among(self._consumers_of(Rule.AMOUNTS)))
        if snapshot.ports is None or not servers:
            return snapshot
        kept = {server: asked for server, asked in snapshot.ports.items() if server not in servers}
        return replace(snapshot, ports={**kept, **asked_of(self.clients.networks.ports(servers))})

    def _with_services(self, snapshot: Snapshot) -> Snapshot:
        """Read services and compute nodes, if a finding is about these."""
        rules = {finding.rule for finding in self.findings}
        if snapshot.hypervisors is None or not rules & (OF_SERVICES | OF_NODES):
            return snapshot
        services = self.clients.services.in_every_cell()[0] if rules & OF_SERVICES else snapshot.services
        hypervisors = self.clients.hypervisors.all()
        if Rule.NO_PROVIDER in rules:
            return replace(
                snapshot, services=services, hypervisors=hypervisors, providers=self.clients.placement.providers()
            )
        return replace(snapshot, services=services, hypervisors=hypervisors)

    def _providers(self) -> list[Provider]:
        """The providers that findings name, and all on which a consumer of a finding holds something."""
        named = {finding.provider for finding in self.findings}
        consumers = self._consumers_in_placement()
        named |= {provider for consumer, provider in self.first.allocations if consumer in consumers}
        return [one for one in self.first.providers if one.uuid in named and isinstance(one, Provider)]

    def _consumers_in_placement(self) -> set[str]:
        """The consumers of findings about what they hold in Placement."""
        return {one.consumer for one in self.findings if one.consumer and one.rule not in BESIDE_NOVA}

    def _consumers_of(self, *rules: Rule) -> Collection[str]:
        return {finding.consumer for finding in self.findings if finding.rule in rules and finding.consumer}

    def _servers_among(self, subjects: Collection[str]) -> set[str]:
        return set(subjects) & {server.id for server in self.first.servers}

    def _on_doubtful_hosts(self) -> list[Server]:
        """Read the servers of the hosts whose figures are doubtful."""
        providers = {finding.provider for finding in self.findings if finding.rule is Rule.FIGURES}
        hosts = {node.host for node in self.first.hypervisors or () if node.id in providers and node.host}
        return [one for host in sorted(hosts) for one in self.clients.servers.all(host=host, all_projects=True)]

    def _moves(self, subjects: Collection[str], *, any_new: bool) -> list[Migration] | None:
        """Read the moves of these servers, and those that have begun meanwhile; all others stay."""
        if self.first.migrations is None:
            return None
        concerned = self._servers_among(subjects)
        new = self.clients.migrations.all(changed_since=self.began) if any_new else []
        known = {move.id for move in new}
        kept = [one for one in self.first.migrations if isinstance(one, Migration) and one.server not in concerned]
        moves = [move for one in sorted(concerned) for move in self.clients.migrations.all(server_id=one)]
        return [move for move in kept + moves if move.id not in known] + new
