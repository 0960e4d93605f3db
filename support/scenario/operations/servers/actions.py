"""Instance actions of a scenario's servers, as Nova recorded them."""

from stocktake.support.api.compute.instance_actions import Action
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.matchers import Worded
from stocktake.support.waiting import eventually


def has_failed(context: Context, action: str, name: str) -> None:
    """Check that a server's latest action is the one named, and that Nova marked it or one of its events as failed."""
    eventually(
        lambda: latest(context, name),
        Worded(
            lambda found: found is not None and found.action == action and found.failed,
            f"{action} as the latest action, failed",
            told,
        ),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the {action} action of server "{name}" to fail',
        describe=told,
    )


def told(action: Action | None) -> str:
    """Describe an action and its events with their results."""
    if action is None:
        return "no action of this name is recorded"
    events = ", ".join(f"{event.name} {event.result or 'unfinished'}" for event in action.events)
    return f"{action.action}, {'failed' if action.failed else 'not failed'} ({events or 'no events'})"


def latest(context: Context, name: str) -> Action | None:
    """Return a server's latest action with its events; None while nothing is recorded."""
    server_id, cloud = context.servers.id_of(name), context.cloud
    return next(
        (cloud.instance_actions.get(server_id, action.request_id) for action in cloud.instance_actions.all(server_id)),
        None,
    )
