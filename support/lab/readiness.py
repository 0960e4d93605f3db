"""Sends each service of a new lab a typical first request, as its administrator."""

import http.client
import json
from typing import Any

from stocktake.support.lab.blueprint import IMAGE_ID, LOOPBACK, PROJECTS, Blueprint
from stocktake.support.lab.optional import OPTIONAL

ANSWER_SECONDS = 120.0  # for one response, the first, on a busy machine
# A lab that is not ready by then never will be, even on a loaded machine without any cache.
LAB_SECONDS = 300.0


class NotReady(Exception):  # noqa: N818 - the supervisor makes it an error
    """The service did not respond, or not as in a working lab."""


class Check:
    """Sends all requests with one token, which Keystone issues first."""

    def __init__(self, plan: Blueprint):
        self._plan = plan
        self._token: str | None = None

    def possible(self, service: str) -> bool:
        """Whether the service can be checked yet."""
        return service == "keystone" or self._token is not None

    def ask(self, service: str) -> None:
        """Check the service. Raises NotReady, with request and response, if it does not work."""
        if service in OPTIONAL:
            self._request(service, "GET", OPTIONAL[service].question)
            return
        {"keystone": self._keystone, "glance": self._glance, "placement": self._placement, "nova": self._nova}[
            service
        ]()

    def _keystone(self) -> None:
        identity = {
            "methods": ["password"],
            "password": {
                "user": {"name": "admin", "domain": {"name": "Default"}, "password": self._plan.admin_password}
            },
        }
        body = {"auth": {"identity": identity, "scope": {"project": {"id": PROJECTS["admin"]}}}}
        headers, _answer = self._request("keystone", "POST", "/v3/auth/tokens", body=body, expected=201)
        self._token = headers["X-Subject-Token"]

    def _glance(self) -> None:
        _headers, image = self._request("glance", "GET", f"/v2/images/{IMAGE_ID}")
        if image["status"] != "active":
            raise NotReady(f"the image is {image['status']}, not active")

    def _placement(self) -> None:
        self._request("placement", "GET", "/resource_providers")

    def _nova(self) -> None:
        _headers, answer = self._request("nova", "GET", "/v2.1/os-services?binary=nova-compute")
        up = {service["host"] for service in answer["services"] if service["state"] == "up"}
        missing = sorted(set(self._plan.host_names) - up)
        if missing:
            raise NotReady(f"no compute service is up on {', '.join(missing)}")

    def _request(
        self, service: str, method: str, path: str, *, body: object = None, expected: int = 200
    ) -> tuple[http.client.HTTPMessage, Any]:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["X-Auth-Token"] = self._token
        connection = http.client.HTTPConnection(LOOPBACK, self._plan.ports[service], timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotReady(f"{method} {path}: {error or type(error).__name__}") from error
        finally:
            connection.close()
        if response.status != expected:
            raise NotReady(f"{method} {path} answered {response.status}: {text[:300].decode(errors='replace')}")
        return response.headers, json.loads(text)
