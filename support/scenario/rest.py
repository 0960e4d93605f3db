"""Operations that are still in progress when a scenario ends, because none of its steps waits for them."""

from collections.abc import Sequence
from contextlib import suppress

from hamcrest import is_
from stocktake.support.api.compute.server_values import Server
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers.progress import is_under_way
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually

STILL = 3.0
"""Seconds without a change after which a server in the middle of an operation is taken to wait for something that the
scenario does not bring about, such as a host that is down."""

STILL_IN_LAB = 1.0
"""The same on a lab while no event of the operation is running: there, messages arrive at once."""


def come_to_rest(context: Context, clock: Clock = SYSTEM_CLOCK) -> bool:
    """Wait until no server of the scenario is in the middle of an operation, or none changes any more.

    The accounts of an operation are only final when it has ended. Returns whether there was anything to wait for, so
    that the accounts are worth another audit. Servers that go on changing are left to the check of the periodic.
    """
    context.forget_readings()
    names = [name for name in context.servers.ids if _is_busy(context.servers.last(name))]
    if not names:
        return False
    seen: list[tuple[str, str | None, str | None] | None] = []
    since = clock.now()

    def at_rest() -> bool:
        nonlocal seen, since
        servers = [context.servers.read(name) for name in names]
        now = [(server.status, server.task_state, server.host) if server else None for server in servers]
        if now != seen:
            seen, since = now, clock.now()
        if not any(map(_is_busy, servers)):
            return True
        still = clock.now() - since
        return still >= STILL or (still >= STILL_IN_LAB and _awaits_messages(context, names))

    listed = ", ".join(f'"{name}"' for name in names)
    with suppress(TookTooLong):
        within = context.cloud.settings.patience_for("boot")
        eventually(at_rest, is_(True), within=within, what=f"the operations on {listed} to end", clock=clock)
    context.forget_readings()
    return True


def _awaits_messages(context: Context, names: Sequence[str]) -> bool:
    """Return whether this is a lab on which no event of these servers' latest operations is running."""
    if not isinstance(context.cloud.control, HttpControl):
        return False
    return not any(_has_running_event(context, context.servers.id_of(name)) for name in names)


def _has_running_event(context: Context, server_id: str) -> bool:
    action = context.cloud.instance_actions.latest(server_id)
    return action is not None and is_under_way(action)


def _is_busy(server: Server | None) -> bool:
    return server is not None and (server.task_state is not None or server.status == "BUILD")
