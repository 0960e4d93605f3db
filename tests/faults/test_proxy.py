"""The proxy itself: each kind of fault is what it says it is, and without faults it is not there."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import proxy
import pytest
import requests

BODY = {"hello": "world"}


@pytest.fixture
def upstream() -> Iterator[Any]:
    """An API that remembers in `.asked` what reached it."""
    asked: list[tuple[str, str, bytes]] = []

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            asked.append((self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0))))
            data = json.dumps(BODY).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer  # noqa: N815 - names http.server looks for

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    server.asked = asked  # type: ignore[attr-defined]
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def through(upstream: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., proxy.FaultyProxy]]:
    """Makes proxies before that API."""
    monkeypatch.setattr(proxy, "RESTART_SECONDS", 0.2)
    monkeypatch.setattr(proxy, "SLOW_SECONDS", 0.05)
    with contextlib.ExitStack() as stack:

        def make(**options: Any) -> proxy.FaultyProxy:
            url = f"http://127.0.0.1:{upstream.server_address[1]}/base"
            made = proxy.FaultyProxy({"api": url}, **{"rate": 1.0, **options})
            stack.callback(made.stop)
            return made

        yield make


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["X-Auth-Token"] = "any"
        yield session


def test_nobody_notices_it_without_faults(through, upstream, client):
    made = through(rate=0.0)
    answer = client.post(f"{made.url('api')}/path?query=1", json=[1])
    assert (answer.status_code, answer.json()) == (200, BODY)
    assert upstream.asked == [("POST", "/base/path?query=1", b"[1]")]
    assert made.counts == {"requests": 1}


@pytest.mark.parametrize(
    ("kind", "status", "arrives"),
    [(f"{status} {when}", status, when == "after") for status in (502, 503, 504) for when in ("before", "after")]
    + [("429", 429, False), ("401", 401, False), ("slow", 200, True)],
)
def test_answers_that_are_none(through, upstream, client, kind, status, arrives):
    answer = client.get(through(kinds=[kind]).url("api"))
    assert answer.status_code == status
    assert bool(upstream.asked) == arrives
    assert answer.headers.get("Retry-After") == ("1" if kind == "429" else None)


@pytest.mark.parametrize(("kind", "arrives"), [("reset before", False), ("reset after", True)])
def test_connections_that_break(through, upstream, client, kind, arrives):
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        client.post(through(kinds=[kind]).url("api"))
    assert bool(upstream.asked) == arrives


def test_silence_lasts_longer_than_a_client_waits(through, upstream, client):
    made = through(kinds=["silent"])
    with pytest.raises(requests.ReadTimeout):
        client.post(made.url("api"), timeout=0.3)
    assert len(upstream.asked) == 1


def test_bodies_cut_short(through, client):
    cut = client.get(through(kinds=["cut"]).url("api"))
    assert cut.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        cut.json()
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match=r"IncompleteRead|Connection broken"):
        client.get(through(kinds=["short"]).url("api"))


def test_restart_refuses_connections_and_then_works_again(through, upstream, client):
    made = through(kinds=["restart"], write_rate=0.0)
    with pytest.raises(requests.ConnectionError):
        client.get(made.url("api"))
    with pytest.raises(requests.ConnectionError, match="refused"):
        client.post(made.url("api"))
    post_until_answered(client, made.url("api"))
    assert len(upstream.asked) == 1


def test_two_restarts_at_the_same_time_are_one(through, client, monkeypatch):
    begun = []

    def come_back(listener: proxy.Listener) -> None:
        begun.append(listener)

    monkeypatch.setattr(proxy.Listener, "_come_back", come_back)
    listener = through(rate=0.0).listeners["api"]
    listener.restart()
    listener.restart()
    assert begun == [listener]


def post_until_answered(client: requests.Session, url: str) -> None:
    while True:
        with contextlib.suppress(requests.ConnectionError):
            assert client.post(url).status_code == 200
            break


def test_every_kind_has_its_turn_and_the_seed_decides(through, client):
    def order(seed: int) -> list[str | None]:
        made = through(seed=seed)
        return [made.fault_for("GET", "/", {"X-Auth-Token": "any"}) for _ in proxy.KINDS]

    assert set(order(1)) == set(proxy.KINDS)
    assert order(2) == order(2) != order(3)


def test_who_has_no_token_is_not_told_that_it_is_invalid(through):
    made = through(kinds=["401"])
    assert made.fault_for("POST", "/v3/auth/tokens", {}) is None
    assert made.fault_for("GET", "/", {"X-Auth-Token": "any"}) == "401"


def test_gateway_for_readers_lets_nothing_through_that_changes_something_but_logins(upstream, through):
    gateway = through(rate=0, read_only=True)
    assert requests.get(f"{gateway.url('api')}/things").json() == BODY
    refused = requests.post(f"{gateway.url('api')}/things", json={})
    assert (refused.status_code, refused.json()["forbidden"]["message"]) == (403, "this gateway is for readers")
    assert requests.post(f"{gateway.url('api')}/v3/auth/tokens", json={}).json() == BODY
    assert gateway.refused == ["POST /base/things"]
    assert [f"{method} {path}" for method, path, _ in upstream.asked] == [
        "GET /base/things",
        "POST /base/v3/auth/tokens",
    ]
