"""A lab as production clouds are reached: HTTPS from a private authority, all APIs below one port, a region of many.

The addresses stand in the real Keystone's catalog, in a region and an interface of their own, and who comes in has an
application credential.
"""

import contextlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import trustme
import yaml
from sites import Site
from stocktake.support.api.endpoints import API_PREFIX, SERVICE_TYPES
from werkzeug.exceptions import NotFound
from werkzeug.middleware.http_proxy import ProxyMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

CLOUD = "gate"
REGION = "far"
INTERFACE = "internal"
SERVICES = ("compute", "placement", "image", "identity")
TIMEOUT = 120  # seconds an API may take; Nova answers some actions only after a call of up to 60 s


@contextlib.contextmanager
def before(site: Site, folder: Path) -> Iterator[Path]:
    """Open a gate before a lab, and yield a clouds.yaml with the one cloud `gate`, which lies behind it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    with _listening(site, context) as address, _in_catalog(site, address), _credential(site) as auth:
        lab = yaml.safe_load(site.clouds_yaml.read_text())["clouds"]["lab"]
        entry = {
            "auth_type": "v3applicationcredential",
            "auth": {"auth_url": f"{address}/identity/v3", **auth},
            "region_name": REGION,
            "interface": INTERFACE,
            "cacert": str(folder / "authority.pem"),
            "stocktake": lab["stocktake"],
        }
        file = folder / "clouds.yaml"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump({"clouds": {CLOUD: entry}}))
        yield file


def secret_in(clouds_yaml: Path) -> bytes:
    """The secret of the application credential, as it would stand in a file."""
    auth = yaml.safe_load(clouds_yaml.read_text())["clouds"][CLOUD]["auth"]
    return str(auth["application_credential_secret"]).encode()


@contextlib.contextmanager
def _listening(site: Site, context: ssl.SSLContext) -> Iterator[str]:
    """Lead every API's prefix to where the lab has it, over TLS; yield the address."""
    targets = {f"/{name}/": {"target": _root(site, name), "remove_prefix": True} for name in SERVICES}
    server = make_server(
        "127.0.0.1",
        0,
        ProxyMiddleware(NotFound(), targets, timeout=TIMEOUT),
        threaded=True,
        request_handler=_Quiet,
        ssl_context=context,
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def _root(site: Site, name: str) -> str:
    """Where the lab has an API, without the version that clients append."""
    return site.session.endpoint(name).removesuffix(API_PREFIX[name])


@contextlib.contextmanager
def _in_catalog(site: Site, address: str) -> Iterator[None]:
    """Name the gate's addresses in Keystone's catalog, in a region that has no others."""
    with _made(site, "region", id=REGION):
        ids = {one["type"]: one["id"] for one in site.get("identity", "/services")["services"]}
        with contextlib.ExitStack() as endpoints:
            for name in SERVICES:
                body = {"service_id": ids[SERVICE_TYPES[name]], "interface": INTERFACE, "region_id": REGION}
                endpoints.enter_context(_made(site, "endpoint", **body, url=f"{address}/{name}{API_PREFIX[name]}"))
            yield


@contextlib.contextmanager
def _credential(site: Site) -> Iterator[Mapping[str, str]]:
    """Let the administrator's programs in without the password; yield what stands under `auth:` for it."""
    below = f"/users/{site.session.user_id}"
    with _made(site, "application_credential", below=below, name=CLOUD) as made:
        yield {"application_credential_id": made["id"], "application_credential_secret": made["secret"]}


@contextlib.contextmanager
def _made(site: Site, kind: str, *, below: str = "", **body: Any) -> Iterator[Mapping[str, Any]]:
    """Have Keystone make something for a block."""
    path = f"{below}/{kind}s"
    made = site.session.request("POST", "identity", path, json={kind: body}).body[kind]
    try:
        yield made
    finally:
        site.session.request("DELETE", "identity", f"{path}/{made['id']}")
