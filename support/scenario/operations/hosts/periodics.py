"""The periodic task of the resource tracker on a scenario's hosts, run by steps."""

from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts


def run(context: Context, role: str) -> None:
    """Run the periodic task on one host. Raises Unverified where the cloud has no way to do that."""
    context.cloud.control.run_periodic(context.roles.host(role).service)


def run_everywhere(context: Context) -> None:
    """Run the periodic task on every host of the scenario that is up, in the order of the roles."""
    up = [host.service for host in context.roles.played.values() if hosts.is_up(context, host)]
    context.cloud.control.run_periodics(up)
