"""The periodic task of the resource tracker on a scenario's hosts, run by steps."""

from collections.abc import Sequence

from stocktake.support.hosts import provider_cache
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts


def run(context: Context, role: str) -> None:
    """Run the periodic task on one host, once nova-compute will read what the scenario has changed on its provider.

    Raises Unverified where the cloud has no way to do that.
    """
    host = context.roles.host(role)
    _await_outdated(context, [host.service])
    context.cloud.control.run_periodic(host.service)


def run_everywhere(context: Context) -> None:
    """Run the periodic task on every host of the scenario that is up, in the order of the roles."""
    _await_outdated(context, list(context.owned.unread))
    up = [host.service for host in context.roles.played.values() if hosts.is_up(context, host)]
    context.cloud.control.run_periodics(up)


def _await_outdated(context: Context, hosts: Sequence[str]) -> None:
    for host in hosts:
        since = context.owned.unread.pop(host, None)
        if since is not None:
            provider_cache.await_outdated(context.cloud, since)
