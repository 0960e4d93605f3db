"""Answers some requests to a service with an error instead of passing them on, on request."""

import hmac
import json
import re
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from stocktake.support.lab.services.serving import WsgiApplication

# Not a path of any API; only the control endpoint knows the token.
PATH = "/-/lab/fault"

FALLIBLE = ("placement", "cinder", "cyborg")
"""The services that have the filter."""

# Placement's error code for a concurrent update of a provider or consumer, which its clients check.
CONCURRENT_UPDATE = "placement.concurrent_update"
DEFAULTS = {"times": 1, "code": CONCURRENT_UPDATE, "detail": "injected by the lab"}


class FaultFilter:
    """A WSGI filter that injects one fault: the next `times` requests that match get `status` and are not carried out.

    It is set with PUT `{"method", "path_regex", "status", "times", "code", "detail"}` at `PATH`, read with GET (`times`
    are left, `seen` were answered) and removed with DELETE.
    """

    def __init__(self, application: WsgiApplication, token: str):
        self._application = application
        self._token = token.encode()
        self._lock = threading.Lock()
        self._fault: dict[str, Any] | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer with the fault, or let the service answer."""
        if environ.get("PATH_INFO") == PATH and is_known(environ, self._token):
            return self._control(environ, start_response)
        fault = self._strike(environ)
        if fault is None:
            return self._application(environ, start_response)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status = HTTPStatus(fault["status"])
        error = {"status": status.value, "title": status.phrase, "detail": fault["detail"], "code": fault["code"]}
        # Placement's clients look for errors, those of other services for the message.
        return answer(start_response, status, {"message": fault["detail"], "errors": [error]})

    def _strike(self, environ: dict[str, Any]) -> dict[str, Any] | None:
        with self._lock:
            fault = self._fault
            if (
                fault is None
                or fault["times"] <= 0
                or environ["REQUEST_METHOD"] != fault["method"]
                or not re.search(fault["path_regex"], environ.get("PATH_INFO", ""))
            ):
                return None
            fault["times"] -= 1
            fault["seen"] += 1
            return dict(fault)

    def _control(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        with self._lock:
            if method == "PUT":
                wanted = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
                self._fault = {**DEFAULTS, **wanted, "seen": 0}
            state = dict(self._fault or {})
            if method == "DELETE":
                self._fault = None
        return answer(start_response, HTTPStatus.OK, state)


def is_known(environ: dict[str, Any], token: bytes) -> bool:
    """Whether a request comes from the lab's control endpoint, which alone knows its token."""
    return hmac.compare_digest(environ.get("HTTP_X_CONTROL_TOKEN", "").encode(), token)


def answer(start_response: Callable[..., Any], status: HTTPStatus, body: object) -> Iterable[bytes]:
    """A WSGI answer in JSON."""
    text = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(text)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [text]
