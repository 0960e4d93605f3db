"""The resource tracker's periodic of a scenario's hosts, run when a step says so."""

from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts


def run(context: Context, role: str) -> None:
    """Run the periodic task on one host. Raises Unverified where the cloud has no way to do that."""
    context.cloud.control.run_periodic(context.roles.host(role).service)


def run_everywhere(context: Context) -> None:
    """Run the periodic task on every host of the scenario that is up, in the order of the roles."""
    up = [host.service for host in context.roles.played.values() if hosts.is_up(context, host)]
    context.cloud.control.run_periodics(up)
