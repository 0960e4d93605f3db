"""Hosts that accept servers of certain projects only."""

from http import HTTPStatus

from stocktake.support.api.clients import Clients
from stocktake.support.api.replies import ApiError

ISOLATING = "filter_tenant_id"
"""How the keys of an aggregate's metadata begin that name the projects whose servers its hosts accept.

Nova, "Configuring Nova compute scheduler": AggregateMultiTenancyIsolation and `limit_tenants_to_placement_aggregate`.
"""


def why_isolated(clients: Clients) -> str | None:
    """Return which aggregate lets only certain projects use hosts of the run, None if there is none.

    Without permission to list aggregates, none is known.
    """
    try:
        aggregates = clients.aggregates.all()
    except ApiError as refusal:
        if refusal.status != HTTPStatus.FORBIDDEN:
            raise
        return None
    allowed = clients.target.settings.hosts
    for aggregate in aggregates:
        keys = [key for key in aggregate.metadata if key.startswith(ISOLATING)]
        ours = [host for host in aggregate.hosts if allowed is None or host in allowed]
        if keys and ours:
            return f'aggregate "{aggregate.name}" with host "{ours[0]}" is restricted to projects ({keys[0]})'
    return None
