"""When an operation on a server has ended: when its last event has finished, not when its status looks right.

Nova records what it does for a request as an instance action with events (API reference, "Servers - run an action",
os-instance-actions). The status changes too early in most operations, and during a confirmation it does not change at
all. Which event is the last one was measured on Nova 34, and is the same since Nova 26. Moves between cells have events
of their own (Nova, `conductor.tasks.cross_cell_migrate`).
"""

from dataclasses import dataclass

from hamcrest import has_properties
from stocktake.support.api.compute.instance_actions import Action
from stocktake.support.api.compute.server_values import Server
from stocktake.support.scenario.context import Context
from stocktake.support.waiting import eventually

ARRIVED_IN_CELL = "compute_finish_snapshot_based_resize_at_dest"
"""The last event of a move to another cell.

The action moves along, with events of the conductor that had begun: their ends are entered in the old cell alone.
"""

LAST_EVENTS = {
    "create": ("compute__do_build_and_run_instance",),
    "resize": ("compute_finish_resize", ARRIVED_IN_CELL),
    "migrate": ("compute_finish_resize", ARRIVED_IN_CELL),
    "confirmResize": ("compute_confirm_resize", "compute_confirm_snapshot_based_resize_at_source"),
    "revertResize": ("compute_finish_revert_resize", "compute_finish_revert_snapshot_based_resize_at_source"),
    "evacuate": ("compute_rebuild_instance",),
    "rebuild": ("compute_rebuild_instance",),
    "start": ("compute_start_instance",),
    "stop": ("compute_stop_instance",),
    "delete": ("compute_terminate_instance", "compute_soft_delete_instance"),
    "restore": ("compute_restore_instance",),
    "unshelve": ("compute_unshelve_instance", "compute_start_instance"),  # the latter if it never left its host
    "shelveOffload": ("compute_shelve_offload_instance",),
}
"""By action: the events that may end it. An action that is not listed has ended when all its events have."""


@dataclass(frozen=True)
class Progress:
    """The progress of an operation: the server (None once it is gone) and the action recorded for the request.
    `tracked` is False when there is no action to follow, so that only the server's task shows the progress. `seen` is
    False when the server was not read, because an event of the action still runs.
    """

    server: Server | None
    action: Action | None
    tracked: bool = True
    seen: bool = True

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen: no task, every event finished, and the last one or an error among them.

        A server that is gone has reached its last event, if its host has ever run one.
        """
        if not self.seen or (self.server is not None and self.server.task_state is not None):
            return False
        if not self.tracked:
            return True
        if self.server is None:
            return self.action is None or not is_under_way(self.action)
        return self.action is not None and (has_ended(self.action) or self._reached_no_host)

    @property
    def _reached_no_host(self) -> bool:
        """Whether the build failed before any host was asked, as when no accelerator could be bound: nothing records
        an event then.
        """
        server, action = self.server, self.action
        failed = server is not None and server.status == "ERROR" and server.host is None
        return failed and action is not None and action.action == "create" and not action.events

    def __str__(self) -> str:
        server = f"{self.server or 'gone'}; " if self.seen else ""
        return f"{server}{self.action or 'no action recorded yet'}"


def has_ended(action: Action) -> bool:
    """Return whether an action has events, none of them is still running, and it has reached its last one or an
    error."""
    if any(event.name == ARRIVED_IN_CELL and event.result == "Success" for event in action.events):
        return True
    if not action.events or is_under_way(action):
        return False
    last = LAST_EVENTS.get(action.action)
    return action.failed or last is None or any(event.name in last for event in action.events)


def is_under_way(action: Action) -> bool:
    """Return whether any event of an action is still running.

    When a second host is tried, its event has the same name as the first one's, and Nova may record its end there: an
    event without an end is over when one of the same name ended after it had begun (Nova, `action_event_finish`).
    """
    ends: dict[str, str] = {}
    for event in action.events:
        if event.finish is not None:
            ends[event.name] = max(event.finish, ends.get(event.name, event.finish))
    running = [event for event in action.events if event.finish is None]
    return any(event.name not in ends or ends[event.name] < (event.start or "") for event in running)


def read_progress(context: Context, name: str, request_id: str | None) -> Progress:
    """Read the action, and the server unless an event shows that the action is still running, to save a request."""
    action = context.cloud.instance_actions.find(context.servers.id_of(name), request_id) if request_id else None
    if action is not None and is_under_way(action):
        return Progress(None, action, seen=False)
    return Progress(context.servers.read(name), action, tracked=bool(request_id))


def await_end(
    context: Context, name: str, request_id: str | None, operation: str, *, patience: str | None = None
) -> Progress:
    """Wait until the operation requested by `request_id` has succeeded or failed, and return its progress.

    Claims that are awaited later check it again (`have_ended`).

    `operation` is one of the settings' patience; `patience` is another one, where most of the operation has ended.
    Without a request id only the server's task is awaited.
    Raises TookTooLong when patience ends.
    """
    if request_id:
        context.servers.requested[name] = request_id
    with context.cloud.pace.learning(operation) as first_look:
        progress = eventually(
            lambda: read_progress(context, name, request_id),
            has_properties(ended=True),
            within=context.cloud.settings.patience_for(patience or operation),
            what=f'the {operation} of server "{name}" to end',
            first_look=first_look,
        )
    context.servers.has_ended(name, progress.server)
    return progress


def have_ended(context: Context) -> bool:
    """Return whether the last event of every operation that the scenario has awaited has finished.

    A server with a task was left in progress on purpose, and one that is gone has nothing to finish.
    """
    return all(_has_ended(context, name, request_id) for name, request_id in context.servers.requested.items())


def _has_ended(context: Context, name: str, request_id: str) -> bool:
    server = context.servers.read(name)
    if server is None or server.task_state is not None:
        return True
    action = context.cloud.instance_actions.find(server.id, request_id)
    return action is None or not action.events or has_ended(action)
