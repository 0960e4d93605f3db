"""Compute services of a scenario's hosts: disabled, so that the scheduler does not use their hosts, and enabled
again."""

from stocktake.support.ownership.kinds.hosts import DISABLED_SERVICE
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import guard


def disable(context: Context, role: str) -> None:
    """Disable a host's compute service until the scenario ends (2.53). Raises Unverified where that is not allowed."""
    host = context.roles.host(role)
    guard.check_disruption(context, host)
    cloud = context.cloud
    service = cloud.services.get(host.service)
    with context.undoing.after(DISABLED_SERVICE, host.service, id=service.id):
        cloud.services.disable(service.id, reason=context.names.real("disabled"))


def enable(context: Context, role: str) -> None:
    """Enable a host's compute service again."""
    cloud = context.cloud
    cloud.services.enable(cloud.services.get(context.roles.host(role).service).id)
