"""A reverse proxy on loopback that stands before a lab's APIs and does what networks, balancers and restarts do.

One listener per API. A request is hit with the given probability (`write_rate`, if given, is that of requests which
change something, the rare ones), by the next kind of a shuffled deck, so that every
kind has its turn; the seed makes a run repeatable as far as the order of requests is. What is injected is what an
honest cloud may do: a fault "after" has had its effect and loses only the answer.

It can also refuse everything that would change something, as a gateway for readers does; a login changes nothing.

It can also make a cloud older: an API with a ceiling offers no microversion above it, and answers 406 to who asks for
one, as an API of that age does.
"""

import contextlib
import http.client
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import yaml

RESTART_SECONDS = 2.0
SLOW_SECONDS = 1.5
SILENT_SECONDS = 30.0  # longer than any client of these tests waits
RETRY_AFTER = "1"  # seconds
CLIENT_TIMEOUT = 15  # seconds, written into the copied clouds.yaml: how long a client waits for an answer

BEFORE = ("reset before", "429", "502 before", "503 before", "504 before", "401", "restart")
"""Faults of requests that never arrive."""

AFTER = ("reset after", "silent", "slow", "502 after", "503 after", "504 after", "cut", "short")
"""Faults of requests that arrive, and whose answer is lost, late or broken."""

KINDS = BEFORE + AFTER

READING = ("GET", "HEAD")
LOGIN = "/v3/auth/tokens"

OVERRIDES = {"compute": "nova", "placement": "placement", "image": "glance", "identity": "keystone"}
"""Service types as clouds.yaml spells their endpoint overrides, and our names for them."""

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"}


class FaultyProxy:
    """Listeners before some upstream addresses; `counts` holds how often each kind was injected, and all requests.

    `seen` is called with the method, path and body of each request. `ceilings` are the newest microversions of
    upstreams; `beyond` holds the requests that asked for more. With `read_only`, `refused` holds what was refused.
    """

    def __init__(
        self,
        upstreams: Mapping[str, str],
        *,
        rate: float,
        write_rate: float | None = None,
        kinds: Sequence[str] = KINDS,
        seed: int = 1,
        ceilings: Mapping[str, str] | None = None,
        read_only: bool = False,
    ):
        self._rates = {True: rate, False: rate if write_rate is None else write_rate}  # keys: whether it only reads
        self.counts: Counter[str] = Counter()
        self.log: list[tuple[str, str, str]] = []  # fault, method, path
        self.seen: Callable[[str, str, bytes], object] = lambda method, path, body: None
        self._kinds = tuple(kinds)
        self._deck: list[str] = []
        self._random = random.Random(seed)
        self._guard = threading.Lock()
        self.over = threading.Event()
        self.beyond: list[str] = []
        self.read_only = read_only
        self.refused: list[str] = []
        ceilings = ceilings or {}
        self.listeners = {name: Listener(self, url, ceilings.get(name)) for name, url in upstreams.items()}

    def fault_for(self, method: str, path: str, headers: Mapping[str, str]) -> str | None:
        """Choose what happens to a request: None is nothing. A 401 hits only who has a token."""
        with self._guard:
            self.counts["requests"] += 1
            if self._random.random() >= self._rates[method in READING]:
                return None
            if not self._deck:
                self._deck = self._random.sample(self._kinds, len(self._kinds))
            fault = self._deck.pop()
            if fault == "401" and "X-Auth-Token" not in headers:
                self._deck.insert(0, fault)
                return None
            self.counts[fault] += 1
            self.log.append((fault, method, path))
            return fault

    def url(self, name: str) -> str:
        """Where the proxy of an upstream listens, with the upstream's path."""
        return self.listeners[name].url

    def stop(self) -> None:
        """Close everything."""
        self.over.set()
        for listener in self.listeners.values():
            listener.close()


class Listener:
    """One address that forwards to one upstream; it can refuse connections for a while, and be older than that is."""

    def __init__(self, proxy: FaultyProxy, upstream: str, ceiling: str | None = None):
        parts = urlsplit(upstream)
        self.proxy = proxy
        self.upstream = (str(parts.hostname), int(parts.port or 80))
        self.ceiling = ceiling
        self._path = parts.path
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._restarting = False
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._socket.getsockname()[1]
        self._accept()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._path}"

    def restart(self) -> None:
        """Cut every connection and refuse new ones, then listen again. Two at the same time are one."""
        with self._guard:
            if self._restarting:
                return
            self._restarting = True
        self.close()
        threading.Thread(target=self._come_back, daemon=True).start()

    def close(self) -> None:
        """Stop listening; whoever is connected is cut off."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()
        with self._guard:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _come_back(self) -> None:
        if not self.proxy.over.wait(RESTART_SECONDS):
            self._socket = socket.create_server(("127.0.0.1", self.port), backlog=128)
            self._restarting = False
            self._accept()

    def _accept(self) -> None:
        threading.Thread(target=self._accept_from, args=(self._socket,), daemon=True).start()

    def _accept_from(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, address = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection, address), daemon=True).start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        with self._guard:
            self._connections.add(connection)
        try:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                Handler(connection, address, self)  # type: ignore[arg-type] - it needs no more of a server than this
        finally:
            with self._guard:
                self._connections.discard(connection)
            connection.close()


class Handler(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"
    server: Any
    reasons: ClassVar[dict[str, int]] = {"502": 502, "503": 503, "504": 504}

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(*self.server.upstream, timeout=120)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        proxy: FaultyProxy = self.server.proxy
        proxy.seen(self.command, self.path, body)
        if proxy.read_only and self.command not in READING and not self.path.endswith(LOGIN):
            proxy.refused.append(f"{self.command} {self.path}")
            refusal = {"forbidden": {"code": 403, "message": "this gateway is for readers"}}
            self._give(403, [("Content-Type", "application/json")], json.dumps(refusal).encode())
            return
        fault = proxy.fault_for(self.command, self.path, self.headers)
        if fault in BEFORE:
            self._break_before(fault)
            return
        if self.server.ceiling is not None and self._asks_beyond(self.server.ceiling):
            proxy.beyond.append(f"{self.command} {self.path} at {self._microversion()}")
            message = f"Version {self._microversion()} is not supported by the API. Maximum is {self.server.ceiling}."
            fault_body = {"computeFault": {"code": 406, "message": message}}
            self._give(406, [("Content-Type", "application/json")], json.dumps(fault_body).encode())
            return
        status, headers, data = self._forward(body)
        if self.server.ceiling is not None:
            data = _older(data, self.server.ceiling) if self._asks_for_versions() else data
        if fault is None:
            self._give(status, headers, data)
        else:
            self._break_after(fault, status, headers, data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_request  # noqa: N815 - what http.server calls

    def _microversion(self) -> str:
        """What the request asks for ("compute 2.79"), without the service's name; "" where it does not say."""
        return str(self.headers.get("OpenStack-API-Version", "")).rpartition(" ")[2]

    def _asks_beyond(self, ceiling: str) -> bool:
        asked = self._microversion()
        return asked == "latest" or (asked != "" and _numbers(asked) > _numbers(ceiling))

    def _asks_for_versions(self) -> bool:
        return self.command == "GET" and self.path.partition("?")[0].rstrip("/") in ("", "/v2.1")

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        for last_try in (False, True):  # the upstream may have closed an idle connection
            try:
                self._upstream.request(self.command, self.path, body=body or None, headers=headers)
                answer = self._upstream.getresponse()
                data = answer.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._upstream.close()
                if last_try:
                    raise
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        return answer.status, kept, data

    def _break_before(self, fault: str) -> None:
        if fault == "reset before":
            self._reset()
        elif fault == "restart":
            self.server.restart()
            self.close_connection = True
        elif fault == "429":
            self._give(429, [("Retry-After", RETRY_AFTER), ("Content-Type", "text/plain")], b"slow down")
        elif fault == "401":
            body = b'{"error": {"code": 401, "message": "The request you have made requires authentication."}}'
            self._give(401, [("Content-Type", "application/json")], body)
        else:
            self._balancer_says(self.reasons[fault.partition(" ")[0]])

    def _break_after(self, fault: str, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        if fault == "reset after":
            self._reset()
        elif fault == "silent":
            self.server.proxy.over.wait(SILENT_SECONDS)
            self._reset()
        elif fault == "slow":
            self.server.proxy.over.wait(SLOW_SECONDS)
            self._give(status, headers, data)
        elif fault == "cut":  # half a body that says it is whole
            self._give(status, headers, data[: len(data) // 2])
        elif fault == "short":  # half a body, and then the connection ends
            self._give(status, headers, data[: len(data) // 2], promised=len(data))
            self._reset()
        else:
            self._balancer_says(self.reasons[fault.partition(" ")[0]])

    def _balancer_says(self, status: int) -> None:
        page = f"<html><body><h1>{status}</h1>the backend is not at home</body></html>".encode()
        self._give(status, [("Content-Type", "text/html")], page)

    def _give(self, status: int, headers: list[tuple[str, str]], data: bytes, *, promised: int | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if promised is None else promised))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def _reset(self) -> None:
        """End the connection as a crashed peer does, with RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _older(document: bytes, ceiling: str) -> bytes:
    """Let a version document name an older newest microversion; one that has none (v2.0) stays as it is."""
    body = json.loads(document)
    for version in [body["version"]] if "version" in body else body["versions"]:
        for key in ("version", "max_version"):
            if version.get(key):
                version[key] = ceiling
    return json.dumps(body).encode()


@contextlib.contextmanager
def before(clouds_yaml: Path, copy: Path, **options: Any) -> Iterator[FaultyProxy]:
    """Stand before the lab of a clouds.yaml; `copy` is that file with every address led through the proxy.

    `options` are those of FaultyProxy. The control endpoint is no API, and stays where it is.
    """
    clouds = yaml.safe_load(clouds_yaml.read_text())
    entries = clouds["clouds"]
    upstreams = {"keystone": entries["lab"]["auth"]["auth_url"], **_addresses(clouds_yaml)}
    proxy = FaultyProxy(upstreams, **options)
    try:
        for entry in entries.values():
            entry["auth"]["auth_url"] = proxy.url("keystone")
            entry["api_timeout"] = CLIENT_TIMEOUT
            entry.update({f"{kind}_endpoint_override": proxy.url(name) for kind, name in OVERRIDES.items()})
        copy.touch(mode=0o600)
        copy.write_text(yaml.safe_dump(clouds))
        yield proxy
    finally:
        proxy.stop()


def _addresses(clouds_yaml: Path) -> dict[str, str]:
    """Where the lab's catalog says its APIs are."""
    from openstack.config import OpenStackConfig  # noqa: PLC0415 - slow, and not needed by who imports the kinds

    session = OpenStackConfig(config_files=[str(clouds_yaml)], load_envvars=False).get_one("lab").get_session()
    session.session.trust_env = False
    wanted = {name: kind for kind, name in OVERRIDES.items() if name != "keystone"}
    return {name: str(session.get_endpoint(service_type=kind)).rstrip("/") for name, kind in wanted.items()}
