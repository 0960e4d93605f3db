"""Requests between the processes of a lab: what they say, and what is made of an answer."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
from stocktake.support.lab import inner_requests


@pytest.fixture
def service():
    """A service that answers with `status` and `answer`, and keeps what it was asked in `asked`."""
    told = SimpleNamespace(status=200, answer=b"{}", asked=None)

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.asked = (self.path, self.headers["X-Control-Token"], body)
            self.send_response(told.status)
            self.end_headers()
            self.wfile.write(told.answer)

        def log_message(self, *_args):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    told.plan = SimpleNamespace(ports={"neutron": server.server_port}, control_token="secret")
    yield told
    server.shutdown()
    server.server_close()


def test_a_request_carries_the_token_and_its_body(service):
    service.answer = b'{"resources_synced": true}'
    answer = inner_requests.ask(service.plan, "neutron", "PUT", "/agent", {"node": "host1"})
    assert answer == (200, {"resources_synced": True})
    assert service.asked == ("/agent", "secret", b'{"node": "host1"}')


@pytest.mark.parametrize("answer", ["Traceback (most recent call last)", '["a list"]'])
def test_what_is_no_json_object_is_the_error(service, answer):
    service.status, service.answer = 500, answer.encode()
    assert inner_requests.ask(service.plan, "neutron", "PUT", "/agent") == (500, {"error": answer})
