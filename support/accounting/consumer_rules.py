"""What must be true of every consumer: Nova knows it, it is where Nova says, and it holds what its flavor requests."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from stocktake.support.accounting.entitlements import Entitlements, ExpectedAllocation
from stocktake.support.accounting.findings import IN_PROGRESS, Finding, Rule
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.snapshot import Migration, Server, Snapshot


def wrong_consumers(snapshot: Snapshot) -> Iterator[Finding]:
    """Find consumers that hold something they should not, and servers and migrations that lack something."""
    entitlements = Entitlements(snapshot)
    for consumer in dict.fromkeys((*snapshot.held_by, *snapshot.server_of, *snapshot.migration_of)):
        if consumer in snapshot.others:
            continue
        held = _Held(snapshot, entitlements, consumer)
        if server := snapshot.server_of.get(consumer):
            yield from _Judge(held, entitlements.server(server), server).findings()
        elif migration := snapshot.migration_of.get(consumer):
            due = entitlements.migration(migration)
            subject = snapshot.server_of.get(migration.server or "")
            yield from _Judge(held, due, subject, migration).findings()
        else:
            yield from _unknown(snapshot, held)


@dataclass(frozen=True)
class _Held:
    """What one consumer holds, by the trees of compute nodes; what it holds elsewhere is kept apart."""

    snapshot: Snapshot
    entitlements: Entitlements
    consumer: str

    @cached_property
    def rows(self) -> dict[str, Resources]:
        """Provider uuid -> resources."""
        return dict(self.snapshot.held_by.get(self.consumer, {}))

    @cached_property
    def trees(self) -> tuple[str, ...]:
        """The roots of compute nodes in whose trees Nova has charged something, by name."""
        roots = {
            self.snapshot.root_of.get(provider, "")
            for provider, resources in self.rows.items()
            if self._counts(provider, resources)
        }
        return tuple(sorted(roots & self.snapshot.compute_roots, key=self.snapshot.name))

    def in_tree(self, root: str, judged: Collection[str]) -> Resources:
        """Add up a tree: all classes of the root itself, of its children those that flavors explain."""
        return Resources.total(
            resources if provider == root else resources.only(judged)
            for provider, resources in self.rows.items()
            if self.snapshot.root_of.get(provider) == root
        )

    def shared(self, judged: Collection[str]) -> Resources:
        """Add up what is held on listed roots that are not compute nodes, such as shared storage."""
        return self._outside(judged, listed=True)

    def unlisted(self, judged: Collection[str]) -> Resources:
        """Add up what is held on providers that the snapshot does not list."""
        return self._outside(judged, listed=False)

    def _outside(self, judged: Collection[str], *, listed: bool) -> Resources:
        return Resources.total(
            resources.only(judged)
            for provider, resources in self.rows.items()
            if (provider in self.snapshot.root_of) == listed
            and self.snapshot.root_of.get(provider) not in self.snapshot.compute_roots
        )

    def _counts(self, provider: str, resources: Resources) -> bool:
        """Leave out what other services charge on child providers: bandwidth, devices."""
        return provider in self.snapshot.roots or self.entitlements.is_charged_by_nova(resources)


@dataclass(frozen=True)
class _Judge:
    """One server, or one migration of it, against what it should hold: nothing (None) once a migration has ended."""

    held: _Held
    due: ExpectedAllocation | None
    server: Server | None
    migration: Migration | None = None

    def findings(self) -> Iterator[Finding]:
        """Find what is held on wrong hosts or by a wrong project, missing, or of an amount nothing explains."""
        yield from self._other_project()
        if self.due is None:
            yield from (self._over(root) for root in self.held.trees)
            return
        stray = [root for root in self.held.trees if root not in self.due.allowed and not self.due.anywhere]
        yield from (self._misplaced(root) for root in stray)
        if self.due.home and self.due.home not in self.held.trees and not stray:
            yield self._missing(self.due.home, self.due.amounts or ())
        for root in self.held.trees:
            if root not in stray:
                yield from self._unexplained(root, self.due.amounts)

    # --- rules -------------------------------------------------------------------------------------------------

    def _over(self, root: str) -> Finding:
        sentence = f"{self._who} still holds {self._found(root)} on {self._at(root)}"
        return self._finding(Rule.FINISHED_MIGRATION, root, sentence)

    def _misplaced(self, root: str) -> Finding:
        """Say in which way a server, or a migration, is charged on a host where it should hold nothing."""
        holds = f"holds {self._found(root)} on {self._at(root)}"
        if self.migration:
            return self._finding(Rule.OTHER_HOST, root, f"{self._who} {holds}, but moves from {self._home}")
        if self.server and not self.server.host:
            offloaded = self.server.status == "SHELVED_OFFLOADED"
            state = "is offloaded from every host" if offloaded else f"is in {self.server.status} and has no host"
            rule = Rule.OFFLOADED if offloaded else Rule.FAILED_BOOT
            return self._finding(rule, root, f"{self._who} {state}, but still {holds}")
        if self._home_root in self.held.trees:
            return self._finding(Rule.DOUBLED, root, f"{self._who} is on {self._home}, but also {holds}")
        return self._finding(Rule.OTHER_HOST, root, f"{self._who} {holds}, but is on {self._home}")

    def _missing(self, root: str, amounts: Sequence[Resources]) -> Finding:
        state = "is unconfirmed" if self.migration else f"is {self.server.status if self.server else 'known'}"
        due = amounts[0] if amounts else Resources()
        instead = f" instead of {due}" if due else ""
        sentence = f"{self._who} {state}, but holds nothing on {self._at(root)}{instead}"
        return self._finding(Rule.MISSING, root, sentence, expected=due)

    def _unexplained(self, root: str, amounts: Sequence[Resources] | None) -> Iterator[Finding]:
        if amounts is None or self._is_one_of(root, amounts):
            return
        found = self._found(root)
        nearest = min(amounts, key=lambda amount: len(amount - found))
        flavor = self.server.flavor if self.server and not self.migration else None
        promise = f'its flavor "{flavor.name}" is' if flavor and nearest == amounts[0] else "the nearest flavor is"
        sentence = f"{self._who} holds {found} on {self._at(root)}, but {promise} {nearest}"
        yield self._finding(Rule.AMOUNTS, root, sentence, expected=nearest)

    def _other_project(self) -> Iterator[Finding]:
        """Find servers charged to another project's quota, which may be counted from Placement."""
        charged = self.held.snapshot.projects.get(self.held.consumer)
        owner = self.server.project_id if self.server else None
        if self.held.trees and charged and owner and charged != owner:
            sentence = f"{self._who} belongs to project {owner}, but its allocations are charged to project {charged}"
            yield self._finding(Rule.OTHER_PROJECT, self.held.trees[0], sentence)

    # --- amounts -----------------------------------------------------------------------------------------------

    def _found(self, root: str) -> Resources:
        """Return what is held in one tree, with what is shared with it if no other tree can be meant."""
        shared = self.held.shared(self._judged) if self.held.trees == (root,) else Resources()
        return self.held.in_tree(root, self._judged) + shared

    def _is_one_of(self, root: str, amounts: Sequence[Resources]) -> bool:
        """Whether an amount is one of those expected; what is held outside the compute trees may be part of it."""
        found, unlisted = self._found(root), self.held.unlisted(self._judged)
        if found in amounts:
            return True
        outside = {*self.held.shared(self._judged), *unlisted}
        if not outside or (len(self.held.trees) == 1 and not unlisted):
            return False
        inside = found.without(outside)
        return bool(inside) and any(inside == amount.without(outside) for amount in amounts)

    @property
    def _judged(self) -> frozenset[str]:
        return self.due.judged if self.due else self.held.entitlements.derivable

    @property
    def _is_settled(self) -> bool:
        if self.due is None and self.server:
            return self.held.entitlements.is_settled(self.server)
        return self.due is None or self.due.settled

    # --- words -------------------------------------------------------------------------------------------------

    @property
    def _server_id(self) -> str:
        return (self.migration.server or "unknown") if self.migration else self.held.consumer

    @property
    def _server_name(self) -> str:
        return self.held.snapshot.name(self._server_id)

    @property
    def _who(self) -> str:
        if self.migration is None:
            return f'server "{self._server_name}"'
        return f'the migration of server "{self._server_name}" ({self.migration.type}, {self.migration.status})'

    def _at(self, root: str) -> str:
        return f'host "{self.held.snapshot.name(root)}"'

    @property
    def _home(self) -> str:
        """Name the host where it belongs: by its provider if that is listed, else as Nova does."""
        host, node = self._host_and_node
        return self._at(self._home_root) if self._home_root else f'host "{node or host}"'

    @property
    def _home_root(self) -> str | None:
        return self.held.snapshot.root_at(*self._host_and_node)

    @property
    def _host_and_node(self) -> tuple[str | None, str | None]:
        """Return where Nova says it is: a migration is on the host it moves from."""
        if self.migration:
            return self.migration.source, self.migration.source_node
        return (self.server.host, self.server.hypervisor_hostname) if self.server else (None, None)

    def _finding(self, rule: Rule, root: str, sentence: str, *, expected: Resources | None = None) -> Finding:
        commands = {
            Rule.FINISHED_MIGRATION: f"openstack server migration list --server {self._server_id}",
            Rule.FAILED_BOOT: f"openstack server event list {self.held.consumer}",
        }
        return Finding(
            rule,
            sentence,
            commands.get(rule, f"openstack resource provider allocation show {self.held.consumer}"),
            server=self._server_name,
            consumer=self.held.consumer,
            host=self.held.snapshot.name(root),
            provider=root,
            expected=expected or Resources(),
            found=self._found(root),
            doubt=None if self._is_settled else IN_PROGRESS,
        )


def _unknown(snapshot: Snapshot, held: _Held) -> Iterator[Finding]:
    """Find what is held by a consumer that is neither a server nor a migration of Nova's."""
    for root in held.trees:
        amount = held.in_tree(root, held.entitlements.derivable)
        yield Finding(
            Rule.UNKNOWN_CONSUMER,
            f'consumer {held.consumer} holds {amount} on host "{snapshot.name(root)}", '
            "but Nova has neither a server nor a migration with that id",
            f"openstack resource provider allocation show {held.consumer}",
            consumer=held.consumer,
            host=snapshot.name(root),
            provider=root,
            found=amount,
        )
