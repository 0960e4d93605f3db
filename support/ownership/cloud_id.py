"""What tells one cloud from another, whatever address it is reached by.

A journal must find its cloud again though a clouds.yaml was edited meanwhile, and must not be taken for one of
another cloud that has come to the same address.
"""

from urllib.parse import urlsplit

from stocktake.support.api.session import Session

DEFAULT_PORTS = {"http": 80, "https": 443}


def cloud_id(session: Session) -> str:
    """Return what identifies the region of a cloud: the id of its Placement endpoint in Keystone's catalog.

    Every address of a Keystone hands out the same catalog. Where the catalog has no such id, as one of a plain token
    has none, it is the address. Raises CloudError where the cloud cannot be reached, or has no Placement.
    """
    session.endpoint("placement")  # which authenticates, as patiently as any request
    region = session.target.region.get_region_name("placement")
    ids = sorted(_endpoint_ids(session, region))
    return f"endpoint {ids[0]}" if ids else f"{same_address(session.target.auth_url)} {region or ''}".rstrip()


def same_address(auth_url: str) -> str:
    """Return an address of Keystone without what may be written in several ways: case, port, slash, API version."""
    parts = urlsplit(auth_url.strip())
    port = parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), 0)
    path = parts.path.rstrip("/").removesuffix("/v3").removesuffix("/v2.0")
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{port}{path}"


def _endpoint_ids(session: Session, region: str | None) -> list[str]:
    get_access = getattr(session.keystone.auth, "get_access", None)  # which plugins without Keystone do not have
    if get_access is None:
        return []
    found = get_access(session.keystone).service_catalog.get_endpoints_data(
        service_type="placement", region_name=region
    )
    return [one.endpoint_id for endpoints in found.values() for one in endpoints if one.endpoint_id]
