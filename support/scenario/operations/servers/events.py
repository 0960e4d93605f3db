"""Events of an instance action: the compute hosts that ran them, with their results."""

from collections.abc import Sequence
from typing import NamedTuple

from stocktake.support.api import microversions
from stocktake.support.api.compute.instance_actions import Action
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.matchers import Worded, is_list
from stocktake.support.scenario.operations.servers.actions import told
from stocktake.support.scenario.operations.servers.progress import has_ended
from stocktake.support.waiting import eventually

ON_COMPUTE = "compute_"
"""How the names of events on compute hosts begin."""


class Part(NamedTuple):
    """One event on a compute host; the host is a role."""

    event: str
    host: str
    result: str

    def __str__(self) -> str:
        return f'{self.event} on host "{self.host}" {self.result}'


def latest(context: Context, action: str, name: str) -> Action | None:
    """Return a server's latest action of that name, with its events, even if deleted; None when there is none."""
    server_id, cloud = context.servers.id_of(name), context.cloud
    found = next((one for one in cloud.instance_actions.all(server_id) if one.action == action), None)
    return cloud.instance_actions.get(server_id, found.request_id) if found else None


def compute_parts_are(context: Context, action: str, name: str, expected: Sequence[Part]) -> None:
    """Check every event of a server's latest such action that ran on a compute host, in any order.

    Events include their host from 2.62. Their start times have a resolution of one second, so their order is not
    checked.
    """
    context.cloud.session.require(
        "compute", microversions.HOST_OF_EVENT, what="the hosts of an instance action's events"
    )
    roles = {host.service: role for role, host in context.roles.played.items()}

    def read() -> list[str] | None:
        found = latest(context, action, name)
        if found is None:
            return None
        return [
            str(Part(event.name, roles.get(event.host or "", event.host or "nowhere"), event.result or "unfinished"))
            for event in found.events
            if event.name.startswith(ON_COMPUTE)
        ]

    eventually(
        read,
        is_list(map(str, expected)),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the {action} action of server "{name}" to have these compute events',
        describe=lambda parts: "no such action" if parts is None else "; ".join(parts) or "none",
    )


def has_succeeded(context: Context, action: str, name: str) -> None:
    """Check that the latest such action of a server has ended, without an error in any event."""
    eventually(
        lambda: latest(context, action, name),
        Worded(
            lambda found: found is not None and has_ended(found) and not found.failed,
            f"{action}, with every event successful",
            told,
        ),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the {action} action of server "{name}" to succeed',
        describe=told,
    )
