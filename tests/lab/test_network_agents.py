"""What the lab says for network agents: who may have it said, and what an agent reports."""

import io
import json
from typing import Any

import pytest
from stocktake.support.lab.services import network_agents
from stocktake.support.lab.services.network_agents import AgentFilter, state_of

TOKEN = "secret"


class Asking:
    """Asks the filter, in front of an application that answers 200 to everything."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self._filter = AgentFilter(self._application, TOKEN, "physnet0")

    def _application(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.passed.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b"{}"]

    def __call__(self, method: str, path: str, body: object = None, token: str = TOKEN) -> tuple[int, Any]:
        text = json.dumps(body).encode() if body is not None else b""
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(text)),
            "wsgi.input": io.BytesIO(text),
            "HTTP_X_CONTROL_TOKEN": token,
        }
        statuses: list[str] = []
        answer = b"".join(self._filter(environ, lambda status, _headers: statuses.append(status)))
        return int(statuses[0].split()[0]), json.loads(answer)


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setattr(network_agents, "_stop", lambda host, body: {"stopped": host, **body})
    monkeypatch.setattr(network_agents, "_device_up", lambda host, port, _body: {"port": port, "host": host})
    return Asking()


def test_a_request_of_the_lab_is_answered_for_the_agent_in_its_path(asking: Asking):
    assert asking("POST", "/-/lab/agents/host1/down", {"why": 1}) == (200, {"stopped": "host1", "why": 1})
    assert asking("POST", "/-/lab/agents/host1/ports/p-1/up") == (200, {"port": "p-1", "host": "host1"})
    assert asking.passed == []


@pytest.mark.parametrize(
    ("path", "token"), [("/v2.0/networks", TOKEN), ("/-/lab/agents/host1/down", "guess"), ("/-/lab/agents", TOKEN)]
)
def test_others_are_neutrons(asking: Asking, path: str, token: str):
    assert asking("POST", path, token=token) == (200, {})
    assert asking.passed == [path]


def test_what_no_agent_does_is_refused_in_a_sentence(asking: Asking):
    assert asking("GET", "/-/lab/agents/host1") == (400, {"error": "no agent takes GET /host1"})


def test_an_agent_that_goes_on_running_does_not_report_a_start():
    both = {"egress": 7, "ingress": 8}
    assert "start_flag" not in state_of("host1", "physnet0", "node1", {"br-physnet0": both}, 9, starts=False)


def test_an_agent_reports_its_budget_below_its_compute_node():
    both = {"egress": 7, "ingress": 8}
    reported = state_of("host1", "physnet0", "node1", {"br-physnet0": both, "rp_tunnelled": both}, 9)
    found = reported["configurations"]

    assert (reported["host"], reported["start_flag"]) == ("host1", True)
    assert found["resource_provider_bandwidths"]["rp_tunnelled"] == both
    assert set(found["resource_provider_hypervisors"].values()) == {"node1"}
    assert set(found["resource_provider_hypervisors"]) == {"br-physnet0", "rp_tunnelled", "host1"}
    assert found["resource_provider_packet_processing_without_direction"] == {"host1": {"any": 9}}
    assert found["bridge_mappings"] == {"physnet0": "br-physnet0"}
