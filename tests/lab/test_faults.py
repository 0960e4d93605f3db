import io
import json
from typing import Any

import pytest
from stocktake.support.lab.services import faults

TOKEN = "secret"


class Client:
    """Talks to a filter in front of an application that answers 200 to everything."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self._filter = faults.FaultFilter(self._application, TOKEN)

    def _application(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.reached.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        start_response("200 OK", [])
        return [b"{}"]

    def ask(self, method: str, path: str, body: object = None, token: str | None = None) -> tuple[int, Any]:
        text = json.dumps(body).encode() if body is not None else b""
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(text)),
            "wsgi.input": io.BytesIO(text),
            **({"HTTP_X_CONTROL_TOKEN": token} if token else {}),
        }
        statuses: list[str] = []
        answer = b"".join(self._filter(environ, lambda status, _headers: statuses.append(status)))
        return int(statuses[0].split()[0]), json.loads(answer)

    def control(self, method: str, body: object = None) -> Any:
        return self.ask(method, faults.PATH, body, TOKEN)[1]


@pytest.fixture
def client() -> Client:
    return Client()


def test_without_a_fault_everything_passes(client: Client):
    assert client.ask("PUT", "/allocations/1") == (200, {})


def test_a_fault_strikes_as_often_as_asked_and_is_not_carried_out(client: Client):
    client.control("PUT", {"method": "PUT", "path_regex": "^/allocations/", "status": 409, "times": 2})

    statuses = [client.ask("PUT", "/allocations/1")[0] for _turn in range(3)]

    assert statuses == [409, 409, 200]
    assert client.reached == ["PUT /allocations/1"]
    assert client.control("GET")["seen"] == 2


def test_a_conflict_is_told_as_placement_tells_it(client: Client):
    client.control("PUT", {"method": "PUT", "path_regex": "allocations", "status": 409})

    _status, answer = client.ask("PUT", "/allocations/1")

    assert answer["errors"][0]["code"] == "placement.concurrent_update"
    assert answer["errors"][0]["status"] == 409


@pytest.mark.parametrize(("method", "path"), [("GET", "/allocations/1"), ("PUT", "/resource_providers/1")])
def test_other_requests_pass(client: Client, method: str, path: str):
    client.control("PUT", {"method": "PUT", "path_regex": "^/allocations/", "status": 503})

    assert client.ask(method, path)[0] == 200


def test_a_removed_fault_is_gone(client: Client):
    client.control("PUT", {"method": "PUT", "path_regex": ".", "status": 503})

    client.control("DELETE")

    assert client.ask("PUT", "/anything")[0] == 200
    assert client.control("GET") == {}


def test_only_who_knows_the_token_can_inject(client: Client):
    status, _answer = client.ask("PUT", faults.PATH, {"method": "GET", "path_regex": ".", "status": 500}, "guess")

    assert status == 200  # it went to the service, whose business it is
    assert client.ask("GET", "/anything")[0] == 200
