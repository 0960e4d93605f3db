"""Auto-confirmed resizes: Nova confirms them itself after the confirm window that an operator has set."""

from hamcrest import has_properties
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.servers.progress import Progress
from stocktake.support.waiting import eventually

LONG = 86400  # seconds; nothing is confirmed within that time
SHORT = 1  # second, after which everything is confirmed; 0 would disable auto-confirmation
WINDOW = "resize_confirm_window"
CONFIRMING = "_poll_unconfirmed_resizes"
"""The compute manager's periodic task that confirms moves to its host that are older than the confirm window."""


def give_time(context: Context) -> None:
    """Let Nova confirm resizes and cold migrations after a day, until the scenario ends.

    Raises Unverified where that cannot be set.
    """
    hosts.set_option(context, WINDOW, value=LONG)


def look_for_late_ones(context: Context, name: str) -> None:
    """Let the host of a server confirm resizes older than the confirm window. Raises Unverified without a lab."""
    server = context.servers.read(name)
    if server is not None and server.host:
        context.cloud.control.run_task(server.host, CONFIRMING)


def end_time(context: Context, name: str) -> None:
    """Let the confirm window of a server expire, and wait until its host has confirmed the move.

    Raises TookTooLong when patience for "confirm" ends.
    """
    context.servers.last_migrations()
    hosts.set_option(context, WINDOW, value=SHORT)

    def look_again() -> Progress:
        look_for_late_ones(context, name)
        return _confirmation(context, name)

    eventually(
        look_again,
        has_properties(ended=True),
        within=context.cloud.settings.patience_for("confirm"),
        what=f'Nova to confirm the move of server "{name}"',
    )


def _confirmation(context: Context, name: str) -> Progress:
    """Read the progress of the automatic confirmation, whose request is not one of this run."""
    cloud, server_id = context.cloud, context.servers.id_of(name)
    asked = [action.request_id for action in cloud.instance_actions.all(server_id) if action.action == "confirmResize"]
    return Progress(context.servers.read(name), cloud.instance_actions.find(server_id, asked[0]) if asked else None)
