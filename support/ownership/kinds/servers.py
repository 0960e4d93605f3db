"""Servers of a run, and the allocations of servers and other consumers."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from hamcrest import empty, has_properties
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.replies import REFUSALS, ApiError
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leaked, Leftover, unless_gone
from stocktake.support.ownership.mark import METADATA_KEY, NAME_PREFIX, Mark
from stocktake.support.waiting import SYSTEM_CLOCK, TookTooLong, eventually

CLEAN_UP = "clean-up of a server"
"""What `ControlledCloud.pace` knows the deletion of a server by, which is a forced one here."""

UNLISTED = "SOFT_DELETED"
"""The status of servers that wait to be reclaimed; no list has them that does not ask for them (Nova, "Servers")."""


def _find_servers(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    """Find the servers that an entry names, or the allocations of those that Nova no longer knows.

    A server whose id is unknown, because its response was lost or its run killed, may be in any user's project.
    """
    known = entry.details.get("consumers", {entry.id: f"server {entry.name}"} if entry.id else {})
    found = list(_servers_of(cloud, entry, known))
    if found:
        return [_server(cloud, server, known) for server in found if _carries(server, Mark(entry.mark))]
    held = [consumer for consumer in known if cloud.placement.allocations(consumer).allocations]
    left = {consumer: known[consumer] for consumer in held if cloud.servers.find(consumer) is None}
    if not left:
        return []
    name = f"of deleted server {entry.name}"
    return [Leftover("free allocation", name, lambda: None, entry.id, partial(_free, cloud, entry.name, left))]


def _servers_of(cloud: ControlledCloud, entry: Entry, known: Collection[str]) -> Iterable[Server]:
    if entry.id is not None:
        server = cloud.servers.find(entry.id)
        return [server] if server else []
    # Servers created in one request are named NAME-1, NAME-2 and so on.
    listed = cloud.servers.all(name=f"^{re.escape(entry.name)}", all_projects=True)
    named = [server for server in listed if re.fullmatch(rf"{re.escape(entry.name)}(-[0-9]+)?", server.name)]
    others = map(cloud.servers.find, set(known) - {server.id for server in named})
    return [*named, *(server for server in others if server and server.status == UNLISTED)]


def _list_servers(cloud: ControlledCloud) -> Iterable[Leftover]:
    for server in cloud.servers.all(name=f"^{NAME_PREFIX}", all_projects=True):
        mark = Mark.of(server.name)
        if mark and _carries(server, mark):
            yield _server(cloud, server, {})


def _carries(server: Server, mark: Mark) -> bool:
    return mark.owns(server.name) and server.metadata.get(METADATA_KEY) == mark.run


def _server(cloud: ControlledCloud, server: Server, known: Mapping[str, str]) -> Leftover:
    consumers = {server.id: f"server {server.name}", **known}
    requests: list[str] = []
    began: list[float] = []

    def remove() -> None:
        # Nova forgets the uuids of a server's migrations with the server, and migrations may have allocations, too.
        for move in cloud.migrations.all(server_id=server.id):
            if move.uuid:
                consumers.setdefault(move.uuid, f"a migration of server {server.name}")
        if server.status == "MIGRATING":
            _end_live_migrations(cloud, server)
        began.append(SYSTEM_CLOCK.now())
        delete()

    def delete() -> None:
        deletion = unless_gone(lambda: cloud.servers.delete_whatever_it_takes(server.id))
        requests.extend([deletion] if deletion else [])

    def look() -> _Leaving:
        leaving = _Leaving(cloud, server.id, requests)
        if leaving.ignored:
            delete()
        return leaving

    def finish() -> None:
        with cloud.pace.learning(CLEAN_UP, since=began[0]) as first_look:
            eventually(
                look,
                has_properties(over=True),
                within=cloud.patience("delete"),
                what=f'server "{server.name}" to be gone',
                first_look=first_look,
            )
        _free(cloud, server.name, consumers)

    return Leftover("delete server", server.name, remove, server.id, finish)


class _Leaving:
    """The progress of a server's deletion: over when Nova no longer knows the server and no event is running.

    `ignored` says that Nova has accepted the request and does nothing, as for a server whose earlier deletion failed
    halfway (Nova, `compute.api.API._delete`: "already in deleting state").
    """

    def __init__(self, cloud: ControlledCloud, server_id: str, requests: Collection[str]):
        self.server = cloud.servers.find(server_id)
        self.ignored = self.server is not None and self.server.task_state is None
        actions = [cloud.instance_actions.find(server_id, one) for one in requests] if self.server is None else []
        self.running = [event.name for action in actions if action for event in action.events if not event.finish]
        self.over = self.server is None and not self.running

    def __str__(self) -> str:
        return str(self.server or f"gone; {', '.join(self.running)} still runs")


def _end_live_migrations(cloud: ControlledCloud, server: Server) -> None:
    """Abort live migrations, which would outlast the server. One that ends meanwhile need not be aborted."""
    for migration in cloud.migrations.live(server.id):
        try:
            cloud.migrations.abort(server.id, migration.id)
        except ApiError as error:
            if error.status not in REFUSALS:
                raise
    eventually(
        lambda: _live_migrations_under_way(cloud, server.id),
        empty(),
        within=cloud.patience("live_migrate"),
        what=f'the live migration of server "{server.name}" to end',
    )


def _live_migrations_under_way(cloud: ControlledCloud, server_id: str) -> list[Migration]:
    """List them; none if the server is no longer MIGRATING, which it may stay for ever (Launchpad 2000069)."""
    server = cloud.servers.find(server_id)
    if server is None or server.status != "MIGRATING":
        return []
    return [move for move in cloud.migrations.all(server_id=server_id, type="live-migration") if move.under_way]


def _free(cloud: ControlledCloud, name: str, consumers: Mapping[str, str]) -> None:
    """Wait until deleted consumers hold nothing; `consumers` describes them by uuid.

    Raises Leaked for allocations that Nova does not free, after freeing them.
    """
    try:
        eventually(
            lambda: [consumer for consumer in consumers if cloud.placement.allocations(consumer).allocations],
            empty(),
            within=cloud.patience("accounts"),
            what=f'the allocations of server "{name}" to be gone',
        )
    except TookTooLong as failure:
        for consumer in failure.last:
            cloud.placement.delete_allocations(consumer)
        held = ", ".join(f"{consumers[one]} ({one})" for one in failure.last)
        raise Leaked(f"Nova did not free the allocations of {held}; they have now been freed") from failure


def _find_allocation(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    consumer = entry.id or entry.name
    server = cloud.servers.find(consumer)
    if server is not None and not _carries(server, Mark(entry.mark)):
        return
    if cloud.placement.allocations(consumer).allocations:
        yield from _allocation(cloud, entry)


def _allocation(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    consumer = entry.id or entry.name
    return [Leftover("free allocation", entry.name, partial(cloud.placement.delete_allocations, consumer), consumer)]


SERVER = Kind("server", _find_servers, list_marked=_list_servers)
"""A server; `name`, of which servers made in one request have the beginning; `id`; `consumers`: the uuids of the
server and of migrations that may hold something though Nova no longer knows them, and what to call each."""

ALLOCATION = Kind("allocation", _find_allocation, known=_allocation)
"""What a consumer that is not a server holds; `id` is its uuid."""
