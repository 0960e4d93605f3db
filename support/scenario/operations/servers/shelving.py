"""Shelving: servers shelved, offloaded from their host, and unshelved."""

from stocktake.support.api.compute.requests import Unshelving
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.servers.servers import act

STAY = -1
"""Value of Nova's `shelved_offload_time` by which shelved servers stay on their host until offloaded on request."""

OFFLOADED = "SHELVED_OFFLOADED"


def let_shelved_servers_stay(context: Context) -> None:
    """Have shelved servers stay on their host until the scenario ends. Raises Unverified where that cannot be set."""
    hosts.set_option(context, "shelved_offload_time", value=STAY)


def shelve(context: Context, name: str) -> None:
    """Put a server aside and wait until that has ended; the cloud's configuration says whether it leaves its host."""
    act(context, name, "shelve", context.cloud.server_actions.shelve)


def offload(context: Context, name: str) -> None:
    """Take a shelved server off its host."""
    act(context, name, "shelve", context.cloud.server_actions.shelve_offload)


def shelve_and_offload(context: Context, name: str) -> None:
    """Put a server aside and take it off its host, which many clouds do at once and others after a while."""
    shelve(context, name)
    server = context.servers.read(name)
    if context.answers.refusal is None and server is not None and server.status != OFFLOADED:
        offload(context, name)


def unshelve(context: Context, name: str, unshelving: Unshelving) -> None:
    """Bring a shelved server back and wait until it runs or has failed to."""
    act(context, name, "unshelve", lambda server_id: context.cloud.server_actions.unshelve(server_id, unshelving))
