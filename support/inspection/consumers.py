"""Looks for consumers by their ids: those that no list of Nova's shows, and those that are charged to somebody.

Requests: up to four for each consumer that the lists do not explain; one for each pair of a project and a user, and
one for each consumer of a pair whose usages its servers and unknown consumers do not explain.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus

from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.replies import ApiError
from stocktake.support.inspection.provider_accounts import Progress
from stocktake.support.inspection.readers import Readers

UNKNOWN, OWNERS = "consumers that no list of Nova shows", "owners of servers"


@dataclass(frozen=True)
class Sought:
    """What became known of consumers that no list explains.

    `others` belong to other services by their type, `servers` were found by their ids, Nova has deleted `former` ones,
    and could not look for `hidden` ones.
    """

    others: set[str] = field(default_factory=set)
    servers: list[Server] = field(default_factory=list)
    former: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)


def seek(readers: Readers, unknown: Collection[str], progress: Progress) -> Sought:
    """Look for consumers by their ids: in Placement for their type, in Nova for servers that exist or existed."""
    found = Sought()
    ordered = sorted(unknown)
    progress(UNKNOWN, 0, len(ordered))
    for number, (consumer, is_a) in enumerate(zip(ordered, readers.each(_seek_one, ordered), strict=True), start=1):
        progress(UNKNOWN, number, len(ordered))
        if isinstance(is_a, Server):
            found.servers.append(is_a)
        elif is_a is not None:
            {_Kind.OTHER: found.others, _Kind.FORMER: found.former, _Kind.HIDDEN: found.hidden}[is_a].add(consumer)
    return found


class _Kind(Enum):
    """What an unknown consumer is, if it is not a server that Nova shows."""

    OTHER = auto()
    FORMER = auto()
    HIDDEN = auto()


def _seek_one(clients: Clients, consumer: str) -> Server | _Kind | None:
    if clients.placement.of_other_services([consumer]):
        return _Kind.OTHER
    try:
        server = clients.servers.find_in_any_cell(consumer)
        return server or (_Kind.FORMER if clients.instance_actions.remembers(consumer) else None)
    except ApiError as failure:
        if failure.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return _Kind.HIDDEN


@dataclass(frozen=True)
class Charged:
    """Whom the allocations of consumers are charged to: consumer -> project, and consumer -> user."""

    projects: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)


def whom_charged(
    readers: Readers, ledger: Ledger, servers: Sequence[Server], migrations: Sequence[Migration], progress: Progress
) -> Charged:
    """Read whom servers and their moves are charged to, where those of an owner do not add up to the owner's usages.

    What consumers hold that Nova does not know counts for whom it is charged to: else one of them, as a deleted server
    often leaves it, would make every server of its former owner doubtful.
    """
    owner = {server.id: (server.project_id, server.user_id) for server in servers}
    owner |= {move.uuid: owner[move.server] for move in migrations if move.uuid and move.server in owner}
    totals = ledger.totals()
    strangers = charged_for(readers, totals.keys() - owner.keys())
    held: dict[tuple[str, str | None], dict[str, Resources]] = defaultdict(dict)
    beside: dict[tuple[str | None, str | None], list[Resources]] = defaultdict(list)
    for consumer, amounts in totals.items():
        project, user = owner.get(consumer, (None, None))
        if project:
            held[project, user][consumer] = amounts
        else:
            beside[strangers.projects.get(consumer), strangers.users.get(consumer)].append(amounts)
    owners = sorted(held, key=str)
    doubtful: list[str] = []
    progress(OWNERS, 0, len(owners))
    for number, (one, usages) in enumerate(zip(owners, readers.each(_usages, owners), strict=True), start=1):
        progress(OWNERS, number, len(owners))
        if usages != Resources.total([*held[one].values(), *beside[one]]):
            doubtful += held[one]
    return charged_for(readers, doubtful)


def _usages(clients: Clients, owner: tuple[str, str | None]) -> Resources:
    project, user = owner
    return clients.placement.project_usages(project, user_id=user)


def charged_for(readers: Readers, consumers: Collection[str]) -> Charged:
    """Read whom each of these consumers is charged to: one request for each."""
    ordered = sorted(consumers)
    read = dict(
        zip(ordered, readers.each(lambda clients, one: clients.placement.allocations(one), ordered), strict=True)
    )
    return Charged(
        {consumer: one.project_id for consumer, one in read.items() if one.project_id},
        {consumer: one.user_id for consumer, one in read.items() if one.user_id},
    )
