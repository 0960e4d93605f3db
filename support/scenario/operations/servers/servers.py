"""Servers of a scenario: booted, stopped, started, rebuilt, deleted; each awaited to its true end.

An operation ends well or badly, and the steps that follow say which was promised. A refusal (HTTP 4xx) is kept on the
books for them; `require` is for what a scenario takes for granted.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from hamcrest import has_properties
from stocktake.support.api.compute import Accepted, Compute
from stocktake.support.api.values import Server
from stocktake.support.errors import CloudError, FeatureError
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.matchers import Worded, listed
from stocktake.support.scenario.operations.refusals import ask
from stocktake.support.scenario.operations.servers.progress import Progress, await_end, read_progress
from stocktake.support.waiting import TookTooLong, eventually

INTERRUPTIONS: Mapping[str, Callable[[Compute, str], str]] = {
    "paused": Compute.pause,
    "rebooted": Compute.reboot,
    "rescued": Compute.rescue,
    "suspended": Compute.suspend,
}
"""What stops a server and leaves it where it is, by the words of a feature."""


def boot(context: Context, name: str, flavor: str, **wishes: Any) -> None:
    """Boot a server and wait until its build has ended; `wishes` are those of `request_boot`."""
    accepted = request_boot(context, name, flavor, **wishes)
    if accepted is not None:
        await_end(context, name, accepted.request_id, "boot")


def request_boot(
    context: Context,
    name: str,
    flavor: str,
    *,
    host: str | None = None,
    by_zone: bool = False,
    zone: str | None = None,
    compute: Compute | None = None,
    **source: Any,
) -> Accepted | None:
    """Ask for a server, and return what Nova agreed to, or None when it refused.

    With `host` it goes there: through the scheduler where Nova can name a host (2.74), or always by the older zone
    form if `by_zone`; `zone` is an availability zone. `compute` asks as another user. `source` is what it boots from,
    `image_id` or `block_devices` of a boot request; the run's image unless given. Raises FeatureError when the
    scenario has a server of that name.
    """
    compute, settings = compute or context.cloud.compute, context.cloud.settings
    real_flavor = context.flavor(flavor)
    real_host = context.roles.host(host).service if host else None
    if real_host and by_zone:
        zone, real_host = f"{context.cloud.compute.service(real_host).zone}:{real_host}", None
    real_name = introduce(context, name)
    with context.undoing.after("server", real_name, lambda: remove(context, name)) as entry:
        accepted = ask(
            context,
            lambda: compute.create_server(
                real_name,
                str(real_flavor.id),
                networks=settings.network,
                host=real_host,
                zone=zone,
                metadata=context.cloud.mark.metadata,
                **(source or {"image_id": context.cloud.image.id}),
            ),
        )
    if accepted is not None:
        context.servers[name] = accepted.id
        context.undoing.identify(entry, accepted.id)
    return accepted


def start_build(context: Context, name: str, flavor: str, host: str) -> None:
    """Ask for a server on a host that takes its time, and return once that has claimed room and builds it."""
    request_boot(context, name, flavor, host=host)
    eventually(
        lambda: context.server(name),
        has_properties(task_state="spawning", host=context.roles.host(host).service),
        within=context.cloud.settings.patience_for("boot"),
        what=f'server "{name}" to be spawning on host "{host}"',
    )


def boot_together(context: Context, name: str, flavor: str, count: int) -> list[str]:
    """Boot `count` servers in one request, which Nova names NAME-1 and so on, and wait until all builds have ended.

    Returns their names, which are none when the request was refused.
    """
    compute, settings = context.cloud.compute, context.cloud.settings
    real_flavor, real_name = context.flavor(flavor), introduce(context, name)
    names = [f"{name}-{number}" for number in range(1, count + 1)]

    def remove_all() -> None:
        for each in names:
            remove(context, each)

    with context.undoing.after("server", real_name, remove_all):
        reservation = ask(
            context,
            lambda: compute.create_servers(
                real_name,
                str(real_flavor.id),
                count,
                image_id=context.cloud.image.id,
                networks=settings.network,
                metadata=context.cloud.mark.metadata,
            ),
        )
    if reservation is None:
        return []
    for each in names:
        context.servers[each] = compute.find_servers(context.real_name(each))[0].id
        await_end(context, each, None, "boot")  # nothing is recorded before a host was sought
        recorded = compute.actions(context.server_id(each))
        request_id = next((one.request_id for one in recorded if one.action == "create"), None)
        await_end(context, each, request_id, "boot")
    return names


def introduce(context: Context, name: str) -> str:
    """Return a real name for a new server. Raises FeatureError when the scenario has one of that name."""
    if name in context.servers:
        raise FeatureError(f'server "{name}" exists in this scenario already: give each server its own name')
    return context.real_name(name)


def act(context: Context, name: str, operation: str, send: Callable[[str], str | None]) -> None:
    """Ask something of a server and wait until it has ended; `send` takes the server's id and returns a request id.

    `operation` is one of the settings' patience. A refusal is kept on the books, and nothing awaited.
    """
    server_id = context.server_id(name)
    request_id = ask(context, lambda: send(server_id))
    if context.refusal is None:
        await_end(context, name, request_id, operation)


def stop(context: Context, name: str) -> None:
    """Shut a server off."""
    act(context, name, "stop", context.cloud.compute.stop)


def start(context: Context, name: str) -> None:
    """Start a server that is shut off."""
    act(context, name, "start", context.cloud.compute.start)


def interrupt(context: Context, name: str, interruption: str) -> None:
    """Do to a server what INTERRUPTIONS calls so, and wait until that has ended."""
    act(context, name, "stop", partial(INTERRUPTIONS[interruption], context.cloud.compute))


def rebuild(context: Context, name: str, image_id: str | None = None) -> None:
    """Build a server anew on its host, from its image or another one."""
    image = image_id or context.cloud.image.id
    act(context, name, "rebuild", lambda server_id: context.cloud.compute.rebuild(server_id, image))


def declare_broken(context: Context, name: str) -> None:
    """Set a server's status to ERROR as an administrator may, without doing anything to it."""
    context.cloud.compute.reset_state(context.server_id(name), "error")
    require(context, name, "ERROR")


def delete(context: Context, name: str) -> None:
    """Delete a server and wait until Nova answers 404 for it and its last event has finished."""
    context.refresh_migrations()
    act_until_gone(context, name, context.cloud.compute.delete_server)


def act_until_gone(context: Context, name: str, send: Callable[[str], str | None]) -> None:
    """Ask for a server's end and wait until Nova no longer knows it and nothing of it is still under way."""
    server_id = context.server_id(name)
    request_id = ask(context, lambda: send(server_id))
    if context.refusal is not None:
        return
    eventually(
        lambda: _Leaving(read_progress(context, name, request_id)),
        has_properties(over=True),
        within=context.cloud.settings.patience_for("delete"),
        what=f'server "{name}" to be gone',
    )


def remove(context: Context, name: str) -> None:
    """Undo a boot: delete the server whatever became of it, and wait until its allocations are gone as well."""
    server_id = context.servers.get(name)
    if server_id is None:
        server_id = next((server.id for server in context.cloud.compute.find_servers(context.real_name(name))), None)
        if server_id is None:
            return
        context.servers[name] = server_id
    server = context.cloud.compute.find_server(server_id)
    if server is not None:
        context.refresh_migrations()
        if server.status == "MIGRATING":
            _abort_moves(context, name)
        act_until_gone(context, name, context.cloud.compute.delete_whatever_it_takes)
        if context.refusal is not None:
            raise context.refusal
    _await_freed(context, name, [server_id, *(uuid for uuid, owner in context.migrations.items() if owner == name)])


def _await_freed(context: Context, name: str, consumers: Collection[str]) -> None:
    """Wait until a deleted server and its migrations hold nothing; what Nova leaks is told, and freed all the same."""
    placement, names = context.cloud.placement, context.consumer_names()

    def tell(held: Collection[str]) -> str:
        charged = listed(names.get(consumer, consumer) for consumer in held)
        return f"{charged} is still charged" if held else "nothing is charged"

    try:
        eventually(
            lambda: [consumer for consumer in consumers if placement.allocations(consumer).allocations],
            Worded(lambda held: not held, "nothing is charged", tell),
            within=context.cloud.settings.patience_for("accounts"),
            what=f'the allocations of server "{name}" to be gone',
            describe=tell,
        )
    except TookTooLong as failure:
        for consumer in failure.last:
            placement.delete_allocations(consumer)
        raise


def _abort_moves(context: Context, name: str) -> None:
    """End what a scenario left running: Nova would delete the server and leave its migration to go on."""
    for migration in context.cloud.compute.live_migrations(context.server_id(name)):
        context.cloud.compute.abort_live_migration(context.server_id(name), migration.id)
    await_end(context, name, None, "live_migrate")


def require(
    context: Context, name: str, status: str | None, host: str | None = None, *, chosen: bool = False
) -> Server:
    """Insist that a server is where a scenario takes it for granted; `chosen` lets the role name its host.

    A status of None is any but ERROR. Raises the refusal of the request before, or CloudError telling what became of
    the server instead, with Nova's reason.
    """
    if context.refusal is not None:
        refusal, context.refusal = context.refusal, None
        raise refusal
    server = context.server(name)
    if server is None:
        raise CloudError(f'server "{name}" should be {status or "running"}, but Nova does not know it')
    if chosen and host and server.host:
        context.roles.choose(host, server.host)
    wanted = context.roles.host(host).service if host else server.host
    right_status = server.status == status if status else server.status != "ERROR"
    if not right_status or server.host != wanted:
        where = f" on {context.roles.role_of(wanted)}" if host else ""
        fault = f": {server.fault.message}" if server.fault else ""
        raise CloudError(
            f'server "{name}" should be {status or "running"}{where}, '
            f"but is {server.status} on {context.roles.role_of(server.host)}{fault}"
        )
    return server


def require_gone(context: Context, name: str) -> None:
    """Insist that Nova knows a server no longer, as a scenario takes for granted. Raises as `require` does."""
    if context.refusal is not None:
        refusal, context.refusal = context.refusal, None
        raise refusal
    server = context.server(name)
    if server is not None:
        raise CloudError(f'server "{name}" should be gone, but is {server}')


class _Leaving:
    """The progress of a deletion, which is over when the server is gone and nothing of it is under way."""

    def __init__(self, progress: Progress):
        self.progress = progress
        self.over = progress.server is None and progress.ended

    def __str__(self) -> str:
        return str(self.progress)
