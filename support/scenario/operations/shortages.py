"""Why a server is not in the state that a step expects, where a limit of the cloud explains it: no room, a quota, or
hosts that cannot exchange servers.

Nova answers a lack of room with "No valid host was found", and so it does in case of an accounting fault. What
Placement says about the scenario's hosts distinguishes the two: if one of them has room for the flavor, it was a fault,
unless its servers cannot move there at all (`separation`).
"""

from collections.abc import Sequence

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.limits import MORE_ROOM, limit_of_server
from stocktake.support.api.placement.values import Inventory
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.separation import MOVES, host_in_other_cell, hosts_apart
from stocktake.support.scenario.state.servers import Sought

NO_HOST = "No valid host was found"
TO_ERROR = frozenset({"create", "evacuate"})
"""Actions that leave a server in ERROR when no host is found (Nova, `conductor.manager.ComputeTaskManager`)."""


def limit_behind(context: Context, name: str, status: str | None) -> Unverified | None:
    """Return which limit of the cloud explains that a server does not have this status, or is not where it should be.

    None if nothing but a fault explains it, or if the cloud cannot be read. Requests are sent only where Nova says that
    an operation has failed.
    """
    try:
        return _limit_behind(context, name, status)
    except CloudError:
        return None


def _limit_behind(context: Context, name: str, status: str | None) -> Unverified | None:
    server, sought = context.servers.read(name), context.servers.sought.get(name)
    if server is None or sought is None or server.task_state is not None:
        return None
    if server.status == "ERROR":
        if status == "ERROR" or server.fault is None or sought.action not in TO_ERROR:
            return None
        if NO_HOST in server.fault.message:
            return _not_placed(context, server, sought)
        session, reason = context.cloud.session, f'server "{name}" could not be built: {server.fault.message}'
        limit = limit_of_server(session.target, reason, session.why_given)
        return Unverified(*limit) if limit else None
    action = context.cloud.instance_actions.latest(server.id)
    failed = action is not None and action.action == sought.action and action.failed
    return _not_placed(context, server, sought) if failed else None


def limit_behind_refusal(context: Context, refusal: ApiError) -> Unverified | None:
    """Return what explains that Nova finds no host to move a server to, or not the specified one; None if it is another
    refusal, or if the cloud cannot be read."""
    moved = next((name for name, uuid in context.servers.ids.items() if uuid in refusal.path), None)
    if moved is None:
        return None
    try:
        if NO_HOST not in refusal.message:
            return host_in_other_cell(context, refusal)
        server, sought = context.servers.read(moved), context.servers.sought.get(moved)
        return _not_placed(context, server, sought) if server is not None and sought is not None else None
    except CloudError:
        return None


def _not_placed(context: Context, server: Server, sought: Sought) -> Unverified | None:
    """Return why a server could not be placed: no host that it may have been placed on has room for it, or those that
    have cannot exchange servers with its own."""
    flavor = _flavor_of(context, sought.flavor_id or server.flavor_id, server)
    held = list(context.roles.hosts)
    others = [host for host in held if host.service != server.host] or held
    hosts = [host for host in held if host.service == sought.host] if sought.host else others
    if flavor is None or not hosts:
        return None
    lacks = [lack_of_room(context, host, flavor.alternatives(volume_backed=server.volume_backed)) for host in hosts]
    if not all(lacks):
        roomy = [host for host, lack in zip(hosts, lacks, strict=True) if lack is None and host.service != server.host]
        fitting = [host for host in roomy if _has_traits(context, host, flavor)]
        moves = sought.action in MOVES and fitting
        return hosts_apart(context, context.cloud.instance_actions.latest(server.id), fitting) if moves else None
    return Unverified(
        f"no host had room for the flavor: {'; '.join(filter(None, lacks))}",
        MORE_ROOM,
    )


def _flavor_of(context: Context, flavor_id: str | None, server: Server) -> Flavor | None:
    """Return the scenario's flavor of that id, or else the one with the name that Nova shows in the server."""
    shown = server.flavor.name if server.flavor else None
    known = context.owned.flavors.values()
    by_id = next((flavor for flavor in known if flavor.id == flavor_id), None)
    return by_id or next((flavor for flavor in known if flavor.name == shown), None)


def _has_traits(context: Context, host: ComputeHost, flavor: Flavor) -> bool:
    """Return whether a host's provider has the traits that a flavor requires."""
    wanted = {key.removeprefix("trait:") for key, value in flavor.extra_specs.items() if value == "required"}
    return wanted <= context.cloud.traits.of_provider(host.provider)


def lack_of_room(context: Context, host: ComputeHost, alternatives: Sequence[Resources]) -> str | None:
    """Return what a host lacks for each of these alternative amounts, as Placement knows it now; None if one fits.

    A class that no provider of the host has may be on a sharing provider, so it is not judged.
    """
    placement = context.cloud.placement
    tree = [provider.uuid for provider in placement.tree(host.provider)]
    parts = [(placement.inventories(uuid).inventories, placement.usages(uuid)) for uuid in tree]
    lacking = ""
    for wanted in alternatives:
        lacks = []
        for name, amount in wanted.items():
            free = [(inventory[name], used[name]) for inventory, used in parts if name in inventory]
            if free and not any(_fits(amount, *one) for one in free):
                most = max(inventory.capacity - used for inventory, used in free)
                lacks.append(f"{max(most, 0)} {name} free of {amount}")
        if not lacks:
            return None
        lacking = lacking or f'host "{host.service}" has ' + " and ".join(lacks)
    return lacking


def _fits(amount: int, inventory: Inventory, used: int) -> bool:
    """Return whether Placement would allocate an amount (`placement.objects.allocation`)."""
    room = used + amount <= inventory.capacity
    return room and inventory.min_unit <= amount <= inventory.max_unit and amount % inventory.step_size == 0
