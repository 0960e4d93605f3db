"""What the policies and quotas of a cloud allow a run, as far as reading shows."""

from collections.abc import Mapping
from http import HTTPStatus

from stocktake.support.api.clients import Clients
from stocktake.support.api.replies import ApiError, Limited
from stocktake.support.config.own_project import why_not_own
from stocktake.support.hosts.isolation import why_isolated

LISTINGS: Mapping[str, tuple[str, str]] = {
    "compute services": ("compute", "/os-services"),
    "hypervisors": ("compute", "/os-hypervisors"),
    "migrations": ("compute", "/os-migrations?limit=1"),
    "servers of all projects": ("compute", "/servers/detail?all_tenants=1&limit=1"),
    "resource providers": ("placement", "/resource_providers?name=none"),
    "traits": ("placement", "/traits?name=startswith:CUSTOM_STOCKTAKE_"),
}
"""What every scenario reads as an administrator, by service and path."""

PLACEMENT_VERSION = "1.6"  # the first with traits


def forbidden_listings(clients: Clients) -> list[str]:
    """Return which of `LISTINGS` the policies do not let this user read. Raises CloudError for any other failure."""
    forbidden = []
    for listing, (service, path) in LISTINGS.items():
        version = PLACEMENT_VERSION if service == "placement" else None
        expected = (HTTPStatus.OK, HTTPStatus.FORBIDDEN)
        if clients.session.request("GET", service, path, microversion=version, ok=expected).status != HTTPStatus.OK:
            forbidden.append(listing)
    return forbidden


def why_given_project(clients: Clients) -> str | None:
    """Return why a run works in the project of clouds.yaml; None if it may create one of its own.

    Whether Keystone lets it do so only shows when it does.
    """
    why = why_not_own(clients.target) or why_isolated(clients)
    if why is None and not clients.identity.may_make_projects():
        why = "Keystone does not let this user list projects, nor create them"
    return why


def quotas_of_given_project(clients: Clients) -> dict[str, int]:
    """Return the quotas of the project of clouds.yaml: cores, ram (MB), instances; none if they cannot be read."""
    try:
        return clients.quotas.of(clients.session.project_id)
    except Limited:
        return {}
    except ApiError as error:
        if error.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            raise
        return {}
