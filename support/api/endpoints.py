"""Where the API of a service is: its entry in the catalog, and the API version in use."""

import re
from collections.abc import Callable, Mapping
from typing import Any

SERVICE_TYPES: Mapping[str, str] = {
    "compute": "compute",
    "placement": "placement",
    "image": "image",
    "identity": "identity",
    "volume": "block-storage",
    "network": "network",
    "accelerator": "accelerator",
}
"""Stocktake's name for a service, and its type in the catalog (keystoneauth knows older type names)."""

API_PREFIX: Mapping[str, str] = {
    "compute": "/v2.1",
    "image": "/v2",
    "identity": "/v3",
    "volume": "/v3",
    "network": "/v2.0",
    "accelerator": "/v2",
    "placement": "",
}
"""The API version spoken, appended where the catalog has only the service's root."""

API_VERSION = re.compile(r"/v(?P<major>\d+)(\.\d+)?(?:/(?P<project>[^/]+))?/?$")
"""Where an address names the API's version: at its end, or before the id of a project. A gateway's version is before
other words (`https://gateway/v1/openstack/compute`)."""

PROJECT_ID = re.compile(r"(AUTH_)?[0-9a-f-]{6,64}")


def with_version(address: str, prefix: str, project_id: Callable[[], str]) -> str:
    """Return the address of an API whose own version is `prefix`; one that names it already keeps its own minor.

    `project_id` is asked where it takes the session's project to know a project id from another word.
    """
    named = API_VERSION.search(address) if prefix else None
    project = named["project"] if named else None
    if named is None or (project and not PROJECT_ID.fullmatch(project) and project != project_id()):
        return address + prefix
    if prefix.removeprefix("/v").partition(".")[0] != named["major"]:  # an older version of the API
        return address[: named.start()] + prefix
    return address[: named.start("project") - 1] if project else address


def address_in_catalog(keystone: Any, wanted: Mapping[str, Any]) -> str | None:
    """Return the address that keystoneauth finds in the catalog, None when nothing fits."""
    from keystoneauth1.exceptions import EndpointNotFound  # noqa: PLC0415 - start-up time

    try:
        found = keystone.get_endpoint(**wanted)
    except EndpointNotFound:
        return None
    return str(found) if found else None


def services_in_catalog(keystone: Any) -> frozenset[str]:
    """Return the types of all services that have an endpoint in the catalog, of whichever region and interface.

    Empty where keystoneauth has no catalog, as with a login that needs no Keystone.
    """
    if not hasattr(keystone.auth, "get_access"):
        return frozenset()
    catalog = keystone.auth.get_access(keystone).service_catalog.catalog
    return frozenset(str(entry["type"]) for entry in catalog if entry.get("endpoints"))


def identity_in_catalog(keystone: Any, wanted: Mapping[str, Any]) -> str | None:
    """Return the id that the catalog gives a service, and its region; None when nothing fits, or has no id."""
    from keystoneauth1.exceptions import EndpointNotFound  # noqa: PLC0415 - start-up time

    try:
        found = keystone.get_endpoint_data(discover_versions=False, **wanted)
    except EndpointNotFound:
        return None
    service = getattr(found, "service_id", None)
    return f"{service} {found.region_name}" if service else None
