"""What must be true of every consumer: Nova knows it, it is where Nova says, and it holds what its flavor requests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stocktake.support.accounting.entitlements import Entitlements, ExpectedAllocation
from stocktake.support.accounting.findings import IN_PROGRESS, WHEN_CELLS_ANSWER, Finding, NotJudged, Reason, Rule
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rules.held import Held
from stocktake.support.accounting.rules.unknown import unknown_consumer
from stocktake.support.accounting.snapshot import Migration, Server, Snapshot

CELL_DOWN = NotJudged(
    Reason.CELL_DOWN,
    "servers of a cell that does not answer: Nova shows neither their state nor their host",
    WHEN_CELLS_ANSWER,
)
FLAVOR_GONE = NotJudged(
    Reason.FLAVOR_GONE,
    "amounts of resizes that no flavor explains: the old or the new flavor may have been changed or deleted since",
    "compare the amounts with the flavors of that time, or judge them once the resizes are confirmed or reverted",
    (Rule.AMOUNTS,),
)
MAY_BE_OLD = "Nova before 18 did not record the user of a server, and let whoever moved the server be charged"


def wrong_consumers(snapshot: Snapshot) -> Iterator[Finding | NotJudged]:
    """Find consumers that hold something they should not, and servers and migrations that lack something."""
    entitlements = Entitlements(snapshot)
    for consumer in dict.fromkeys((*snapshot.held_by, *snapshot.server_of, *snapshot.migration_of)):
        if consumer in snapshot.others:
            continue
        held = Held(snapshot, entitlements, consumer)
        if server := snapshot.server_of.get(consumer):
            if server.status == "UNKNOWN" and not server.host:
                yield CELL_DOWN.about(consumer)
                continue
            yield from _Judge(held, entitlements.server(server), server).findings()
        elif migration := snapshot.migration_of.get(consumer):
            due = entitlements.migration(migration)
            subject = snapshot.server_of.get(migration.server or "")
            yield from _Judge(held, due, subject, migration).findings()
        else:
            yield from unknown_consumer(held)


@dataclass(frozen=True)
class _Judge:
    """One server, or one migration of it, against what it should hold: nothing (None) once a migration has ended."""

    held: Held
    due: ExpectedAllocation | None
    server: Server | None
    migration: Migration | None = None

    def findings(self) -> Iterator[Finding | NotJudged]:
        """Find what is held on wrong hosts or for a wrong owner, missing, or of an amount nothing explains."""
        yield from self._other_owner()
        if self.due is None:
            yield from (self._over(root) for root in self.held.roots)
            return
        nowhere = not self.due.allowed and not self.due.anywhere and self.migration is None and not self._has_host
        suspects = self.held.roots if nowhere else self.held.trees
        stray = [root for root in suspects if root not in self.due.allowed and not self.due.anywhere]
        yield from (self._misplaced(root) for root in stray)
        if self.due.home and not self._charged(self.due.home) and not any(map(self._charged, stray)):
            yield self._missing(self.due.home, self.due.amounts or ())
        for root in self.held.trees:
            if root not in stray and self._charged(root):
                yield from self._unexplained(root, self.due.amounts)

    # --- rules -------------------------------------------------------------------------------------------------

    def _over(self, root: str) -> Finding:
        sentence = f"{self._who} still holds {self.held.all_in(root)} on {self._at(root)}"
        return self._finding(Rule.FINISHED_MIGRATION, root, sentence, found=self.held.all_in(root))

    def _misplaced(self, root: str) -> Finding:
        """Say in which way a server, or a migration, is charged on a host where it should hold nothing."""
        found = self.held.all_in(root)
        rule, sentence = self._where_it_belongs(f"holds {found} on {self._at(root)}")
        return self._finding(rule, root, sentence, found=found)

    def _where_it_belongs(self, holds: str) -> tuple[Rule, str]:
        if self.migration:
            return Rule.OTHER_HOST, f"{self._who} {holds}, but moves from {self._home}"
        if self.server and not self._has_host:
            offloaded = self.server.status == "SHELVED_OFFLOADED"
            state = "is offloaded from every host" if offloaded else f"is in {self.server.status} and has no host"
            rule = Rule.OFFLOADED if offloaded else Rule.FAILED_BOOT
            return rule, f"{self._who} {state}, but still {holds}"
        if self._home_root and self._charged(self._home_root):
            return Rule.DOUBLED, f"{self._who} is on {self._home}, but also {holds}"
        return Rule.OTHER_HOST, f"{self._who} {holds}, but is on {self._home}"

    def _missing(self, root: str, amounts: Sequence[Resources]) -> Finding:
        state = "is unconfirmed" if self.migration else f"is {self.server.status if self.server else 'known'}"
        due = amounts[0] if amounts else Resources()
        instead = f" instead of {due}" if due else ""
        sentence = f"{self._who} {state}, but holds nothing on {self._at(root)}{instead}"
        return self._finding(Rule.MISSING, root, sentence, expected=due, found=Resources())

    def _unexplained(self, root: str, amounts: Sequence[Resources] | None) -> Iterator[Finding | NotJudged]:
        if amounts is None or self._is_one_of(root, amounts):
            return
        if self._may_have_lost_its_flavor:
            yield FLAVOR_GONE.about(self.held.consumer)
            return
        found = self._found(root)
        nearest = min(amounts, key=lambda amount: len(amount - found))
        flavor = self.server.flavor if self.server and not self.migration else None
        promise = f'its flavor "{flavor.name}"' if flavor and nearest == amounts[0] else "the nearest flavor"
        promise += " with its ports is" if self._has_ports else " is"
        sentence = f"{self._who} holds {found} on {self._at(root)}, but {promise} {nearest}"
        yield self._finding(Rule.AMOUNTS, root, sentence, expected=nearest, found=found)

    @property
    def _has_ports(self) -> bool:
        return self._server_id in (self.held.snapshot.ports or {})

    def _other_owner(self) -> Iterator[Finding]:
        """Find servers charged to another project, whose quota may be counted from Placement, or to another user."""
        snapshot, consumer = self.held.snapshot, self.held.consumer
        if not self.server or not self.held.roots:
            return
        kinds = (
            (Rule.OTHER_PROJECT, "project", self.server.project_id, snapshot.projects.get(consumer), None),
            (Rule.OTHER_USER, "user", self.server.user_id, snapshot.users.get(consumer), MAY_BE_OLD),
        )
        for rule, kind, owner, charged, doubt in kinds:
            if owner and charged and owner != charged:
                sentence = f"{self._who} belongs to {kind} {owner}, but its allocations are charged to {kind} {charged}"
                root = (self.held.trees or self.held.roots)[0]
                yield self._finding(rule, root, sentence, found=self._found(root), doubt=doubt)

    # --- amounts -----------------------------------------------------------------------------------------------

    def _charged(self, root: str) -> bool:
        """Whether it holds something in a tree that flavors explain, or something on the root itself."""
        return bool(self.held.in_tree(root, self._judged))

    def _found(self, root: str) -> Resources:
        """Return what is held in one tree, with what is shared with it if no other tree can be meant."""
        if root not in self.held.trees:
            return self.held.all_in(root)
        shared = self.held.shared(self._judged) if self._charged_trees == [root] else Resources()
        return self.held.in_tree(root, self._judged) + shared

    def _is_one_of(self, root: str, amounts: Sequence[Resources]) -> bool:
        """Whether an amount is one of those expected; what is held outside the compute trees may be part of it."""
        found, unlisted = self._found(root), self.held.unlisted(self._judged)
        if found in amounts:
            return True
        outside = {*self.held.shared(self._judged), *unlisted}
        if not outside or (len(self._charged_trees) == 1 and not unlisted):
            return False
        inside = found.without(outside)
        return bool(inside) and any(inside == amount.without(outside) for amount in amounts)

    @property
    def _charged_trees(self) -> list[str]:
        return [root for root in self.held.trees if self._charged(root)]

    @property
    def _may_have_lost_its_flavor(self) -> bool:
        """Whether it may hold what a flavor gave that Nova does not show any more: in a resize that is unconfirmed or
        failed, unless its amounts are known from elsewhere.
        """
        snapshot = self.held.snapshot
        if not self._is_settled or snapshot.known_amounts.get(self.held.consumer):
            return False
        if self.migration:
            return self.migration.type == "resize"
        failed = self.server is not None and self.server.status == "ERROR"
        return failed and any(move.type == "resize" for move in snapshot.moves_of.get(self.held.consumer, ()))

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
    def _has_host(self) -> bool:
        return bool(self.server and self.server.host)

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
        return self.held.snapshot.place(root)

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

    def _finding(
        self,
        rule: Rule,
        root: str,
        sentence: str,
        *,
        found: Resources,
        expected: Resources | None = None,
        doubt: str | None = None,
    ) -> Finding:
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
            found=found,
            doubt=doubt if self._is_settled else IN_PROGRESS,
        )
