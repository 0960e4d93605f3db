"""Servers of a scenario: booted, stopped, started, rebuilt, deleted; each operation is awaited until it has really
ended. An operation succeeds or fails, and the following steps say which was expected. A refusal (HTTP 4xx) is kept for
them; `require` checks what a scenario presupposes.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from hamcrest import has_properties
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.requests import BootRequest
from stocktake.support.api.compute.server_actions import ServerActions
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.servers import Accepted
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.ownership.kinds.servers import SERVER
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.refusals import ask, check_spoken
from stocktake.support.scenario.operations.servers import scheduling, server_requests
from stocktake.support.scenario.operations.servers.progress import Progress, await_end, read_progress
from stocktake.support.scenario.operations.shortages import limit_behind
from stocktake.support.scenario.state.servers import Sought
from stocktake.support.waiting import eventually

INTERRUPTIONS: Mapping[str, Callable[[ServerActions, str], str]] = {
    "paused": ServerActions.pause,
    "rebooted": ServerActions.reboot,
    "rescued": ServerActions.rescue,
    "suspended": ServerActions.suspend,
}
"""Operations that interrupt a server without moving it, by the feature's words."""

MOVES = frozenset({"resize", "migrate", "evacuate"})
"""The operations after which a server may be on another host; live migrations are begun elsewhere."""


def boot(context: Context, name: str, request: BootRequest, clients: Clients | None = None) -> None:
    """Boot a server and wait until its build has ended; `clients` are those of another user."""
    accepted = request_boot(context, name, request, clients)
    if accepted is not None:
        await_end(context, name, accepted.request_id, "boot")


def request_boot(context: Context, name: str, request: BootRequest, clients: Clients | None = None) -> Accepted | None:
    """Request a server, and return what Nova accepted, or None when it refused."""
    create = (clients or context.cloud).servers.create
    scheduling.anywhere(context)
    host = request.host or (request.zone or "").partition(":")[2] or None
    context.servers.sought[name] = Sought("create", request.flavor_id, host)
    with context.undoing.after(SERVER, request.name, learnt=lambda: _consumers(context, [name])) as entry:
        accepted = ask(context, lambda: create(request))
    if accepted is not None:
        context.servers.ids[name] = accepted.id
        context.undoing.identify(entry, accepted.id)
    return accepted


def start_build(context: Context, name: str, flavor: str, host: str) -> None:
    """Request a server on a slow host, and return once the host has claimed its resources and is building it."""
    request_boot(context, name, server_requests.boot(context, name, flavor, host=host))
    await_spawning(context, name, host, "boot")


def await_spawning(context: Context, name: str, host: str, operation: str) -> None:
    """Wait until a slow host has claimed a server's resources and is starting its guest.

    `operation` is one of the settings' patience.
    """
    eventually(
        lambda: context.servers.read(name),
        has_properties(task_state="spawning", host=context.roles.host(host).service),
        within=context.cloud.settings.patience_for(operation),
        what=f'server "{name}" to be spawning on host "{host}"',
    )


def boot_together(context: Context, name: str, flavor: str, count: int) -> list[str]:
    """Boot `count` servers in one request, which Nova names NAME-1 and so on, and wait until all builds have ended.

    Returns their names; none when the request was refused.
    """
    cloud, request = context.cloud, server_requests.boot(context, name, flavor)
    names = [f"{name}-{number}" for number in range(1, count + 1)]
    scheduling.anywhere(context)
    context.servers.sought |= dict.fromkeys(names, Sought("create", request.flavor_id))
    with context.undoing.after(SERVER, request.name, learnt=lambda: _consumers(context, names)):
        reservation = ask(context, lambda: cloud.servers.create_together(request, count))
    if reservation is None:
        return []
    for each in names:
        context.servers.ids[each] = cloud.servers.named(context.names.real(each))[0].id
        await_end(context, each, None, "boot")  # nothing is recorded before the scheduler runs
        await_end(context, each, cloud.instance_actions.creation_of(context.servers.id_of(each)), "boot")
    return names


def act(context: Context, name: str, operation: str, send: Callable[[str], str | None]) -> None:
    """Perform an operation on a server and wait until it ends; `send` takes the server's id and returns a request id.

    `operation` is one of the settings' patience. A refusal is kept for the next step, and nothing is awaited.
    """
    server_id = context.servers.id_of(name)
    if operation in MOVES:
        context.servers.begins_move(name)
    request_id = ask(context, lambda: send(server_id))
    if context.answers.refusal is None:
        await_end(context, name, request_id, operation)


def stop(context: Context, name: str) -> None:
    """Stop a server."""
    act(context, name, "stop", context.cloud.server_actions.stop)


def start(context: Context, name: str) -> None:
    """Start a server that is shut off."""
    act(context, name, "start", context.cloud.server_actions.start)


def interrupt(context: Context, name: str, interruption: str) -> None:
    """Perform one of INTERRUPTIONS on a server, and wait until it has ended."""
    act(context, name, "stop", partial(INTERRUPTIONS[interruption], context.cloud.server_actions))


def rebuild(context: Context, name: str, image_id: str | None = None) -> None:
    """Rebuild a server on its host, from its image or another one."""
    image = image_id or context.cloud.image.id
    act(context, name, "rebuild", lambda server_id: context.cloud.server_actions.rebuild(server_id, image))


def declare_broken(context: Context, name: str) -> None:
    """Reset a server's status to ERROR, without doing anything else to it."""
    context.cloud.server_actions.reset_state(context.servers.id_of(name), "error")
    require(context, name, "ERROR")


def delete(context: Context, name: str) -> None:
    """Delete a server and wait until Nova answers 404 for it and its last event has finished."""
    context.servers.last_migrations()
    act_until_gone(context, name, context.cloud.servers.delete)


def act_until_gone(context: Context, name: str, send: Callable[[str], str | None], *, restorable: bool = True) -> None:
    """Request a deletion and wait until Nova no longer knows the server and none of its operations is in progress.

    Raises Unverified where Nova keeps the server to be restored, if `restorable` says that it may (API reference,
    "Delete Server": with `reclaim_instance_interval` above 0 it becomes SOFT_DELETED and holds what it held).
    """
    server_id = context.servers.id_of(name)
    request_id = ask(context, lambda: send(server_id))
    if context.answers.refusal is not None:
        return
    with context.cloud.pace.learning("delete") as first_look:
        eventually(
            lambda: _Leaving(read_progress(context, name, request_id), restorable=restorable),
            has_properties(over=True),
            within=context.cloud.settings.patience_for("delete"),
            what=f'server "{name}" to be gone',
            first_look=first_look,
        )
    context.servers.has_ended(name, None)


def _consumers(context: Context, names: Collection[str]) -> Mapping[str, Mapping[str, str]]:
    """Return the consumers of the scenario's servers, with their names, including those that Nova no longer knows."""
    called = context.names.of_consumers()
    servers = [context.servers.ids[name] for name in names if name in context.servers.ids]
    migrations = [uuid for uuid, owner in context.servers.migrations.items() if owner in names]
    return {"consumers": {uuid: called[uuid] for uuid in (*servers, *migrations)}}


def require(
    context: Context, name: str, status: str | None, host: str | None = None, *, chosen: bool = False
) -> Server:
    """Require the state of a server that a scenario presupposes; `chosen` binds the role to its host.

    A status of None is any but ERROR. The reading that showed the end of the last operation serves for this, too.
    Raises the refusal of the previous request, CloudError with the server's actual state and Nova's reason, or
    Unverified if a limit of the cloud is the reason.
    """
    check_spoken(context)
    server = context.servers.at_rest(name)
    if server is None:
        raise CloudError(f'server "{name}" should be {status or "running"}, but Nova does not know it')
    if chosen and host and server.host:
        same = context.roles.played.get(host)  # a role that the server's host plays already stays on purpose
        if server.host == context.servers.departed.get(name) and (same is None or same.service != server.host):
            left = context.roles.role_of(server.host)
            limit = limit_behind(context, name, status)
            raise limit or CloudError(f'server "{name}" should have left {left}, but is {server}')
        context.roles.choose(host, server.host)
    wanted = context.roles.host(host).service if host else server.host
    right_status = server.status == status if status else server.status != "ERROR"
    if not right_status or server.host != wanted:
        limit = limit_behind(context, name, status)
        if limit is not None:
            raise limit
        where = f" on {context.roles.role_of(wanted)}" if host else ""
        fault = f": {server.fault.message}" if server.fault else ""
        raise CloudError(
            f'server "{name}" should be {status or "running"}{where}, '
            f"but is {server.status} {context.roles.place_of(server.host)}{fault}"
        )
    return server


def require_gone(context: Context, name: str) -> None:
    """Require that Nova no longer knows a server, as a scenario presupposes. Raises as `require` does."""
    check_spoken(context)
    server = context.servers.at_rest(name)
    if server is not None:
        raise CloudError(f'server "{name}" should be gone, but is {server}')


class _Leaving:
    """The progress of a deletion, which ends when the server is gone and none of its events is running."""

    def __init__(self, progress: Progress, *, restorable: bool):
        self.progress = progress
        server = progress.server
        if restorable and server and server.status == "SOFT_DELETED" and server.task_state is None:
            raise Unverified(
                "this cloud keeps deleted servers, which hold what they held, until they are reclaimed",
                "run this feature on a cloud whose reclaim_instance_interval in nova.conf is 0",
            )
        self.over = progress.server is None and progress.ended

    def __str__(self) -> str:
        return str(self.progress)
