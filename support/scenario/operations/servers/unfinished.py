"""Operations on servers that are requested and not awaited: they wait for a failed host or for the scheduler, or
others are to begin meanwhile.

Those that wait for a host return once Nova's control plane has done its part: what remains is up to the host. They
raise Unverified if Nova has noticed the failure of a host meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hamcrest import greater_than, has_properties
from stocktake.support.api.compute.instance_actions import Action
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import claims, laboratory
from stocktake.support.scenario.operations.hosts.failures import check_unnoticed
from stocktake.support.scenario.operations.matchers import Worded
from stocktake.support.scenario.operations.refusals import ask, check_spoken
from stocktake.support.scenario.operations.servers import flavors, scheduling, server_requests, servers
from stocktake.support.waiting import eventually

SCHEDULED_MOVE = "conductor_migrate_server"
PREPARED_MOVE = "compute_prep_resize"
"""The events after which the conductor, or the destination, of a resize or cold migration waits for the other host."""
SCHEDULED_EVACUATION = "rebuild_server"
"""The event after which the new host of an evacuation has been chosen."""


def boot(context: Context, name: str, flavor: str, host: str) -> None:
    """Request a server on a specified host; return once Nova has scheduled it there."""
    accepted = servers.request_boot(context, name, server_requests.boot(context, name, flavor, host=host))
    if accepted is None:
        return
    _await_action(context, name, accepted.request_id, "boot", Worded(lambda found: found is not None, "an action", str))
    check_unnoticed(context)


def boot_unscheduled(context: Context, name: str, flavor: str, host: str | None = None) -> None:
    """Request a server, on a host if one is named, while the scheduler is held."""
    with _until_held(context, name):
        servers.request_boot(context, name, server_requests.boot(context, name, flavor, host=host))


@contextmanager
def _until_held(context: Context, name: str) -> Iterator[None]:
    """Wait until the request that the block makes has reached the scheduler, unless it was refused."""
    lab = laboratory.control(context)
    before = lab.pending(laboratory.SCHEDULER)
    yield
    if context.answers.refusal is None:
        eventually(
            lambda: lab.pending(laboratory.SCHEDULER),
            greater_than(before),
            within=context.cloud.settings.patience_for("boot"),
            what=f'the request for server "{name}" to reach the scheduler',
        )


def delete(context: Context, name: str) -> None:
    """Request the deletion of a server; return once Nova has accepted it."""
    context.servers.last_migrations()
    ask(context, lambda: context.cloud.servers.delete(context.servers.id_of(name)))
    check_unnoticed(context)


def evacuate(context: Context, name: str) -> None:
    """Request an evacuation, which Nova refuses as long as it reports the host as up; return once it is scheduled."""
    evacuation = server_requests.evacuation(context)
    scheduling.anywhere(context)
    request_id = ask(context, lambda: context.cloud.server_actions.evacuate(context.servers.id_of(name), evacuation))
    check_unnoticed(context)
    if request_id is not None:
        context.servers.begins_move(name)
        _await_event(context, name, request_id, "evacuate", SCHEDULED_EVACUATION)


def resize(context: Context, name: str, flavor: str) -> None:
    """Request a resize; return once it is up to the hosts."""
    flavor_id = flavors.in_cloud(context, flavor)
    _move(context, name, "resize", lambda server: context.cloud.server_actions.resize(server, flavor_id))


def cold_migrate(context: Context, name: str) -> None:
    """Request a cold migration; return once it is up to the hosts."""
    migration = server_requests.cold_migration(context)
    _move(context, name, "migrate", lambda server: context.cloud.server_actions.migrate(server, migration))


def _move(context: Context, name: str, operation: str, send: Callable[[str], str | None]) -> None:
    """Request a move that its destination begins and its source carries out."""
    server = context.servers.read(name)
    source_failed = server is not None and server.host in context.owned.stopped
    context.servers.begins_move(name)
    scheduling.elsewhere(context, name)
    request_id = ask(context, lambda: send(context.servers.id_of(name)))
    if request_id is None:
        return
    _await_event(context, name, request_id, operation, PREPARED_MOVE if source_failed else SCHEDULED_MOVE)
    check_unnoticed(context)


def has_become(context: Context, name: str, status: str) -> None:
    """Wait until what was requested for a server has ended, and require that it is in a status."""
    check_spoken(context)
    claims.server_is(context, name, status=status)


def repeat(context: Context) -> None:
    """Send the last request again that was sent by `ask`, whatever Nova answers now.

    Raises FeatureError if there was none, ApiError if the API fails.
    """
    last = context.answers.last_request
    if last is None:
        raise FeatureError("there is no request to send again: begin with a step that sends one about a server")
    check_spoken(context)
    ask(context, last)
    context.answers.refusal = None


def _await_event(context: Context, name: str, request_id: str, operation: str, event: str) -> None:
    """Wait until an event of a request has finished."""
    _await_action(
        context,
        name,
        request_id,
        operation,
        Worded(lambda found: found is not None and _has_finished(found, event), f"{event} finished", str),
    )


def _has_finished(action: Action, event: str) -> bool:
    found = action.event(event)
    return found is not None and found.finish is not None


def _await_action(
    context: Context, name: str, request_id: str | None, operation: str, matcher: Worded[Action | None]
) -> None:
    eventually(
        lambda: context.cloud.instance_actions.find(context.servers.id_of(name), request_id) if request_id else None,
        matcher,
        within=context.cloud.settings.patience_for(operation),
        what=f'Nova to hand on the {operation} of server "{name}"',
    )


def is_busy(context: Context, name: str, status: str, task: str) -> None:
    """Check the status of a server that has a task."""
    eventually(
        lambda: context.servers.read(name),
        has_properties(status=status, task_state=task),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'server "{name}" to be {status} with task {task}',
    )
