"""Consumers that are neither a server nor a migration of Nova: which of them are leftovers, and which belong to others.

Nova gives its consumers no type, and Placement has types only since 1.38. So an unknown consumer is told apart by what
is known of it: that Nova remembers a deleted server of that id, on whose providers it holds something, whether a cell
that does not answer may hide it, and whether the cloud has a service that is known to allocate for itself.
"""

from collections.abc import Iterator

from stocktake.support.accounting.entitlements import ENDED
from stocktake.support.accounting.findings import WHEN_CELLS_ANSWER, Finding, NotJudged, Reason, Rule
from stocktake.support.accounting.rules.beside import service_with_consumers
from stocktake.support.accounting.rules.held import Held
from stocktake.support.accounting.snapshot import Snapshot

OTHER_SERVICE = NotJudged(
    Reason.OTHER_SERVICE,
    "consumers that hold something only on providers of other services than Nova, which has no server of their ids",
    rules=(Rule.UNKNOWN_CONSUMER,),
)
HIDDEN = NotJudged(
    Reason.CELL_DOWN,
    "consumers that may be servers or migrations of a cell that does not answer",
    WHEN_CELLS_ANSWER,
    (Rule.UNKNOWN_CONSUMER,),
)
NO_MIGRATIONS = NotJudged(
    Reason.FORBIDDEN,
    "consumers that may be migrations, which this user may not list",
    "let the user list all migrations (os_compute_api:os-migrations:index)",
    (Rule.UNKNOWN_CONSUMER,),
)
NO_UUIDS = NotJudged(
    Reason.OLD_API,
    "consumers that may be migrations in progress, whose uuids compute API 2.59 and later shows",
    "audit the cloud again when no server is being moved or waits for its resize to be confirmed",
    (Rule.UNKNOWN_CONSUMER,),
)
SHARED = "another service may use this provider, and Placement does not show the type of the consumer"


def unknown_consumer(held: Held) -> Iterator[Finding | NotJudged]:
    """Find what a consumer holds that Nova does not know, or say why it is not known to be a leftover."""
    former = held.consumer in held.snapshot.former
    excuse = None if former else _excuse(held)
    if excuse:
        yield excuse.about(held.consumer)
        return
    doubt = None if former else _doubt(held)
    for root in held.roots:
        yield _leftover(held, root, doubt=doubt, former=former)


def _doubt(held: Held) -> str | None:
    """Return why a consumer that Nova has never known may be another service's; None where it cannot be."""
    is_of_nova = held.trees and held.snapshot.shows_types
    return service_with_consumers(held) or (None if is_of_nova else SHARED)


def _excuse(held: Held) -> NotJudged | None:
    """Return what may explain the consumer."""
    snapshot = held.snapshot
    if held.rows and all(snapshot.belongs_to_other_service(provider) for provider in held.rows):
        return OTHER_SERVICE
    if held.consumer in snapshot.hidden or not snapshot.answering_roots.issuperset(held.roots):
        return HIDDEN
    if snapshot.migrations is None:
        return NO_MIGRATIONS
    return NO_UUIDS if _sources_without_uuid(snapshot).intersection(held.trees) else None


def _sources_without_uuid(snapshot: Snapshot) -> set[str | None]:
    """Return the roots that servers are being moved from by migrations whose uuids Nova does not show."""
    open_moves = (move for move in snapshot.migrations or () if move.uuid is None and move.status not in ENDED)
    return {snapshot.root_at(move.source, move.source_node) for move in open_moves}


def _leftover(held: Held, root: str, *, doubt: str | None, former: bool) -> Finding:
    known = (
        "Nova has deleted the server with that id"
        if former
        else "Nova has neither a server nor a migration with that id"
    )
    amount = held.all_in(root)
    return Finding(
        Rule.UNKNOWN_CONSUMER,
        f"consumer {held.consumer} holds {amount} on {held.snapshot.place(root)}, but {known}",
        f"openstack resource provider allocation show {held.consumer}",
        consumer=held.consumer,
        host=held.snapshot.name(root),
        provider=root,
        found=amount,
        doubt=doubt,
    )
