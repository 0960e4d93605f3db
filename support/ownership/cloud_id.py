"""What tells one cloud from another, whatever address it is reached by.

A journal must find its cloud again though a clouds.yaml was edited meanwhile, and must not be taken for one of
another cloud that has come to the same address.
"""

from urllib.parse import urlsplit

from stocktake.support.api.session import Session

DEFAULT_PORTS = {"http": 80, "https": 443}


def cloud_id(session: Session) -> str:
    """Return what identifies the region of a cloud: the id of its Placement service in Keystone's catalog.

    A Keystone hands out the same catalog at each of its addresses. Where the catalog has no such id, it is the
    address. Raises CloudError where the cloud cannot be reached.
    """
    region = session.target.region.get_region_name("placement")
    return session.identity_of("placement") or f"{same_address(session.target.auth_url)} {region or ''}".rstrip()


def same_address(auth_url: str) -> str:
    """Return an address of Keystone without what may be written in several ways: case, port, slash, API version."""
    parts = urlsplit(auth_url.strip())
    port = parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), 0)
    path = parts.path.rstrip("/").removesuffix("/v3").removesuffix("/v2.0")
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{port}{path}"
