"""Operations that are still in progress when a scenario ends, because none of its steps waits for them."""

from contextlib import suppress

from hamcrest import is_
from stocktake.support.api.compute.server_values import Server
from stocktake.support.scenario.context import Context
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually

STILL = 3.0
"""Seconds without a change after which a server in the middle of an operation is taken to wait for something that the
scenario does not bring about, such as a host that is down."""


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
        return not any(map(_is_busy, servers)) or clock.now() - since >= STILL

    listed = ", ".join(f'"{name}"' for name in names)
    with suppress(TookTooLong):
        within = context.cloud.settings.patience_for("boot")
        eventually(at_rest, is_(True), within=within, what=f"the operations on {listed} to end", clock=clock)
    context.forget_readings()
    return True


def _is_busy(server: Server | None) -> bool:
    return server is not None and (server.task_state is not None or server.status == "BUILD")
