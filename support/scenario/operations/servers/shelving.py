"""Shelving: servers shelved, offloaded from their host, and unshelved."""

from stocktake.support.api.compute.requests import Unshelving
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.servers import scheduling, server_requests
from stocktake.support.scenario.operations.servers.servers import act, await_spawning
from stocktake.support.scenario.state.servers import Sought

SHELVED = "SHELVED"

STAY = -1
"""Value of Nova's `shelved_offload_time` with which shelved servers stay on their host until offloaded on request."""


def let_shelved_servers_stay(context: Context) -> None:
    """Let shelved servers stay on their host until the scenario ends. Raises Unverified where that cannot be set."""
    hosts.set_option(context, "shelved_offload_time", value=STAY)


def shelve(context: Context, name: str) -> None:
    """Shelve a server and wait until that has ended; whether it is offloaded depends on the cloud's configuration."""
    act(context, name, "shelve", context.cloud.server_actions.shelve)


def offload(context: Context, name: str) -> None:
    """Offload a shelved server from its host."""
    act(context, name, "shelve", context.cloud.server_actions.shelve_offload)


def shelve_and_offload(context: Context, name: str) -> None:
    """Shelve and offload a server, which many clouds do in one operation and others after a delay.

    One that is shelved is only offloaded; one that could not be shelved stays as it is.
    """
    server = context.servers.last(name)
    if server is None or server.status != SHELVED:
        shelve(context, name)
        server = context.servers.read(name)
    if context.answers.refusal is None and server is not None and server.status == SHELVED:
        offload(context, name)


def unshelve(context: Context, name: str, unshelving: Unshelving) -> None:
    """Unshelve a server and wait until it runs or has failed to start."""
    _will_be_unshelved(context, name, unshelving)
    act(context, name, "unshelve", lambda server_id: context.cloud.server_actions.unshelve(server_id, unshelving))


def start_unshelving(context: Context, name: str, host: str) -> None:
    """Request that a server is unshelved to a slow host, and return once that host has claimed its resources.

    Raises the ApiError of a refused request.
    """
    unshelving = server_requests.unshelving(context, host)
    _will_be_unshelved(context, name, unshelving)
    context.cloud.server_actions.unshelve(context.servers.id_of(name), unshelving)
    await_spawning(context, name, host, "unshelve")


def _will_be_unshelved(context: Context, name: str, unshelving: Unshelving) -> None:
    scheduling.anywhere(context)
    context.servers.sought[name] = Sought("unshelve", host=unshelving.host)
