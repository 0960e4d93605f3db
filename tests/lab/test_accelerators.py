"""What stands for Cyborg's agents."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from stocktake.support.errors import LabError
from stocktake.support.lab.blueprint import Blueprint, host_names
from stocktake.support.lab.hosts.accelerators import PATH, AcceleratorAgents
from stocktake.support.lab.shape import Shape


class Service(HTTPServer):
    """A service that is told of hosts and answers with a status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.told: list[tuple[str, str, object]] = []


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((self.path, self.headers["X-Control-Token"], body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Be quiet."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def plan_of(folder: Path, service: Service, *services: str) -> Blueprint:
    return Blueprint(folder, host_names(1), {"cyborg": service.server_port}, Shape(services=services))


def test_a_host_is_reported_to_cyborg(service: Service, tmp_path: Path):
    plan = plan_of(tmp_path, service, "cinder", "cyborg")

    AcceleratorAgents(plan).report("host1")

    assert service.told == [(PATH, plan.control_token, {"host": "host1"})]


def test_a_plain_lab_reports_to_nobody(service: Service, tmp_path: Path):
    AcceleratorAgents(plan_of(tmp_path, service)).report("host1")

    assert service.told == []


def test_a_report_that_is_not_taken_is_an_error(service: Service, tmp_path: Path):
    service.status = 500

    with pytest.raises(LabError, match="Cyborg answered 500 to the report of host1; see its log"):
        AcceleratorAgents(plan_of(tmp_path, service, "cyborg")).report("host1")
