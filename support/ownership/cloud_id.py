"""What identifies a cloud, whatever address it is reached by.

A journal must match its cloud even if clouds.yaml has been edited, and must not match another cloud that now has the
same address.
"""

from urllib.parse import urlsplit

from stocktake.support.api.session import Session

DEFAULT_PORTS = {"http": 80, "https": 443}


def cloud_id(session: Session) -> str:
    """Return what identifies the region of a cloud: the id of its Placement service in Keystone's catalog.

    Keystone returns the same catalog at each of its addresses. If the catalog has no such id, the address is used.
    Raises CloudError where the cloud cannot be reached.
    """
    region = session.target.region.get_region_name("placement")
    return session.identity_of("placement") or f"{same_address(session.target.auth_url)} {region or ''}".rstrip()


def same_address(auth_url: str) -> str:
    """Return a normalized address of Keystone: without case, port, trailing slash and API version."""
    parts = urlsplit(auth_url.strip())
    port = parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), 0)
    path = parts.path.rstrip("/").removesuffix("/v3").removesuffix("/v2.0")
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{port}{path}"
