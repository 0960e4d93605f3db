"""Moves that the scheduler refuses although a host has room: the hosts cannot exchange servers.

No API shows cells or the filters of the scheduler. Nova keeps a move within a cell (`conductor.tasks`), and answers one
that it does not allow like one for which there is no room, with "No valid host was found". Room is what the accounts
are about: if Placement has it, on a host with the required traits, and no compute host took part in the move, something
else has decided, which says nothing against the accounts. A scheduler that asks for too much is caught where it finds a
host, and holds too much there. Where the operator has declared which hosts exchange servers, and on a lab, whose hosts
do, nothing else can have decided, and the failure stands.
"""

import re
from collections.abc import Sequence

from stocktake.support.api.compute.instance_actions import Action
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import Unverified
from stocktake.support.hosts.groups import DECLARE
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.scenario.context import Context

ON_COMPUTE = "compute_"
"""How the names of events on compute hosts begin."""

LIVE_CHECK = "compute_check_can_live_migrate"
"""How the names of the checks begin that hosts run for the scheduler of a live migration, on CPUs and storage."""

UNKNOWN_HOST = re.compile(r"Compute host \S+ could not be found|ComputeHostNotFound")
"""How Nova says that it knows no host of a name."""

MOVES = frozenset({"resize", "migrate", "live-migration", "evacuate", "unshelve"})
"""Nova's names of the actions that look for another host."""


def before_any_host(action: Action) -> bool:
    """Return whether an action failed before any compute host took part in it, other than by checking whether it may.

    A host that has taken part has claimed resources, which is a matter of the accounts.
    """
    parts = [one.name for one in action.events if one.name.startswith(ON_COMPUTE)]
    return action.failed and all(name.startswith(LIVE_CHECK) for name in parts)


def hosts_apart(context: Context, action: Action | None, roomy: Sequence[ComputeHost]) -> Unverified | None:
    """Return that the scenario's hosts may not be able to exchange servers, if that explains why this action failed.

    `roomy` are the hosts that had room for the server.
    """
    if _is_settled(context) or action is None or not before_any_host(action):
        return None
    names = ", ".join(host.service for host in roomy)
    cells = " (the cloud has several cells)" if context.cloud.services.in_several_cells() else ""
    return Unverified(
        f"Nova found no valid host for the {action.action}, although Placement has room on {names}: the hosts of the "
        f"scenario seem unable to exchange servers{cells}",
        DECLARE,
    )


def host_in_other_cell(context: Context, refusal: ApiError) -> Unverified | None:
    """Return that the host which a move names is in another cell, if that explains why the API does not know it.

    Nova looks for a named host only in the cell of the server (`nova.compute.api.API`), and finds none; an evacuation
    ends with HTTP 500 then.
    """
    if (
        _is_settled(context)
        or not UNKNOWN_HOST.search(refusal.message)
        or not context.cloud.services.in_several_cells()
    ):
        return None
    return Unverified(
        f"Nova does not know the specified host in the server's own cell ({refusal.message}): the hosts of the "
        "scenario seem unable to exchange servers (the cloud has several cells)",
        DECLARE,
    )


def _is_settled(context: Context) -> bool:
    """Return whether it is known that the scenario's hosts can exchange servers."""
    return bool(context.group.declared) or isinstance(context.cloud.control, HttpControl)
