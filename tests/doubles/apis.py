"""Keystone and whatever else a test tells, over real HTTP on loopback, faults included."""

import contextlib
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

PASSWORD = "correct-horse-battery"
SLOW = 5.0  # seconds
CATALOG = {
    "identity": "/identity/v3",
    "compute": "/compute/v2.1",
    "placement": "/placement",
    "image": "/image",
    "volumev3": "/volume/v3/a-project",
}
"""Type of a service, and where it is: below the doubles' address, or somewhere else."""


@dataclass
class Answer:
    """What to answer; `then` is called before: what the request did.

    `fault`: "reset" closes the connection instead; "cut" sends half of the body as if it were all, "short" promises
    more than it sends, "slow" waits until the test is over.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None
    then: Callable[["Request"], None] | None = None


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


class Apis:
    """Keystone, and whatever else a test tells: `answer("GET", "/compute/v2.1/servers", say(503), say(200, {}))`.

    Answers to one request are used in turn, the last of them for ever. What nobody told is a 404.
    """

    say = Answer

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.tokens: list[str] = []
        self.catalog = dict(CATALOG)
        self.service_ids = {kind: f"id-of-{kind}" for kind in CATALOG}
        self.over = threading.Event()
        self.token: str | None = None  # None gives out another one every time
        self.roles: list[str] = []
        self.scopes: dict[str, str] = {}  # project by token
        self.rescoping: Answer | None = None  # what an exchange of tokens is answered
        self._scheme = "http"
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"apis": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        links = [{"rel": "self", "href": f"{self.url}/identity/v3"}]
        self.answer(
            "GET", "/identity/v3", Answer(body={"version": {"id": "v3.14", "status": "stable", "links": links}})
        )
        self.versions("compute", "2.1", "2.104")
        self.versions("placement", "1.0", "1.39")

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https"
        self._answer_version()

    def answer(self, method: str, path: str, *answers: Answer) -> None:
        self._answers[method, path] = list(answers)

    def versions(self, service: str, least: str, most: str) -> None:
        path, document = {
            "compute": ("/compute/v2.1/", {"version": {"id": "v2.1", "min_version": least, "version": most}}),
            "placement": ("/placement/", {"versions": [{"id": "v1.0", "min_version": least, "max_version": most}]}),
        }[service]
        self.answer("GET", path, Answer(body=document))

    def asked(self, pattern: str = ".*") -> list[Request]:
        """Return the requests whose "METHOD /path" fits, Keystone's own excepted."""
        return [r for r in self.requests if "/identity/v3" not in r.path and re.fullmatch(pattern, r.line)]

    def next_answer(self, request: Request) -> Answer:
        self.requests.append(request)
        plain = request.path.partition("?")[0]
        for path in (request.path, plain):
            waiting = self._answers.get((request.method, path))
            if waiting:
                return waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if (request.method, plain) == ("POST", "/identity/v3/auth/tokens"):
            return self._login(request)
        return Answer(404, {"itemNotFound": {"code": 404, "message": f"nobody told what {request.line} answers"}})

    def _answer_version(self) -> None:
        links = [{"rel": "self", "href": f"{self.url}/identity/v3"}]
        self.answer(
            "GET", "/identity/v3", Answer(body={"version": {"id": "v3.14", "status": "stable", "links": links}})
        )

    def _at(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _login(self, request: Request) -> Answer:
        if request.body["auth"]["identity"]["methods"] == ["token"]:
            return self.rescoping or self.new_token(request.body["auth"]["scope"]["project"]["id"])
        if request.body["auth"]["identity"]["password"]["user"]["password"] != PASSWORD:
            return Answer(
                401, {"error": {"code": 401, "message": "The request you have made requires authentication."}}
            )
        return self.new_token()

    def new_token(self, project: str = "a-project") -> Answer:
        """Return the answer to a right password, or to a token that is exchanged for one of another project."""
        token = self.token or f"gAAAA-token-number-{len(self.tokens) + 1}-of-this-test"
        self.tokens.append(token)
        self.scopes[token] = project
        catalog = [
            {
                "id": self.service_ids.get(kind),
                "type": kind,
                "name": kind,
                "endpoints": [
                    {"interface": "public", "region": "here", "region_id": "here", "url": self._at(path), "id": kind}
                ],
            }
            for kind, path in self.catalog.items()
        ]
        body = {
            "methods": ["password"],
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "user": {"id": "a-user", "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "roles": [{"id": role, "name": role} for role in self.roles],
            "project": {"id": project, "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "catalog": catalog,
        }
        return Answer(201, {"token": body}, {"X-Subject-Token": token})


class Handler(BaseHTTPRequestHandler):
    """Answers for the `apis` of a subclass."""

    apis: Apis
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer with a body takes 40 ms

    def answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(sent) if sent else None
        except ValueError:
            body = sent
        request = Request(self.command, self.path, dict(self.headers), body)
        answer = self.apis.next_answer(request)
        if answer.then:
            answer.then(request)
        if answer.fault == "slow":
            self.apis.over.wait(SLOW)
        if answer.fault == "reset":
            self.close_connection = True
        else:
            with contextlib.suppress(OSError):  # whoever asked may have given up
                self.give(answer)

    def give(self, answer: Answer) -> None:
        is_text = isinstance(answer.body, str)
        data = b"" if answer.body is None else answer.body.encode() if is_text else json.dumps(answer.body).encode()
        if answer.fault == "cut":
            data = data[: len(data) // 2]
        kind = "text/html" if is_text else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(data)), "Date": self.date_time_string()}
        headers |= answer.headers
        if answer.fault == "short":
            headers |= {"Content-Length": str(len(data) + 10), "Connection": "close"}
        self.send_response_only(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)  # which closes the connection after `Connection: close`
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 - names http.server looks for

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def apis() -> Iterator[Apis]:
    """A cloud's APIs, as the test tells them."""
    apis = Apis()
    yield apis
    apis.stop()


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
