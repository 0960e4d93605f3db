"""The control endpoint of a lab: what is sent, and what is said when it does not answer."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from stocktake.support.errors import CloudError, NotDone, Unverified
from stocktake.support.hosts.lab_control import HttpControl


@pytest.fixture
def endpoint():
    """A control endpoint that remembers (method, path, body, token) and answers what `.answers` says."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.seen.append((self.command, self.path, json.loads(body) if body else None))
            server.tokens.append(self.headers["X-Control-Token"])
            status, content = server.answers.get((self.command, self.path), (200, {}))
            answer = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - named by http.server

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.tokens, server.answers = [], [], {}
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_http_control_speaks_the_endpoints_language(endpoint):
    endpoint.answers = {
        ("POST", "/hosts"): (200, {"host": "compute-4"}),
        ("GET", "/options?group=DEFAULT&name=allow_resize_to_same_host"): (200, {"value": False}),
        ("PUT", "/options"): (200, {"was": False}),
        ("GET", "/logs?request_id=req-1&request_id=req-2&level=WARNING"): (200, {"lines": ["ERROR no room"]}),
        ("GET", "/hosts"): (200, {"hosts": [{"host": "compute-1", "state": "up", "driver": "MediumFakeDriver"}]}),
    }
    control = HttpControl(endpoint.url + "/", "s3cret")
    control.stop_host("compute-1")
    control.return_host("compute-1", guests="lost")
    control.run_periodic("compute-1")
    control.run_periodic()
    control.run_periodics(["compute-2", "compute-1"])
    assert control.add_host("FakeBuildAbortDriver") == "compute-4"
    control.remove_host("compute/4")
    assert control.option("allow_resize_to_same_host") is False
    assert control.configure("allow_resize_to_same_host", True) is False
    assert control.read_log(None, ["req-1", "req-2"]) == ["ERROR no room"]
    assert control.hosts() == [{"host": "compute-1", "state": "up", "driver": "MediumFakeDriver"}]
    assert endpoint.seen[:9] == [
        ("POST", "/hosts/compute-1/stop", None),
        ("POST", "/hosts/compute-1/return", {"guests": "lost"}),
        ("POST", "/hosts/compute-1/periodic", None),
        ("POST", "/periodic", None),
        ("POST", "/periodic", {"hosts": ["compute-2", "compute-1"]}),
        ("POST", "/hosts", {"driver": "FakeBuildAbortDriver"}),
        ("DELETE", "/hosts/compute%2F4", None),
        ("GET", "/options?group=DEFAULT&name=allow_resize_to_same_host", None),
        ("PUT", "/options", {"group": "DEFAULT", "name": "allow_resize_to_same_host", "value": True}),
    ]
    assert set(endpoint.tokens) == {"s3cret"}
    assert "s3cret" not in repr(control)


def test_http_control_does_what_only_a_lab_can(endpoint):
    endpoint.answers = {
        ("PUT", "/hosts/compute-1/capabilities"): (200, {"was": {"supports_multiattach": True}}),
        ("POST", "/nova-manage"): (200, {"status": 3, "output": "found ", "errors": "one"}),
        ("GET", "/faults/placement"): (200, {"seen": 1, "times": 0}),
    }
    control = HttpControl(endpoint.url, "t")
    assert control.set_capabilities("compute-1", {"supports_multiattach": False}) == {"supports_multiattach": True}
    assert control.nova_manage("placement", "audit") == (3, "found one")
    control.inject_fault("PUT", "^/allocations/", status=409, detail="a conflict", times=2)
    assert control.fault()["seen"] == 1
    control.remove_fault()
    control.lose_cell(2)
    assert endpoint.seen == [
        ("PUT", "/hosts/compute-1/capabilities", {"supports_multiattach": False}),
        ("POST", "/nova-manage", {"args": ["placement", "audit"]}),
        (
            "PUT",
            "/faults/placement",
            {"method": "PUT", "path_regex": "^/allocations/", "status": 409, "detail": "a conflict", "times": 2},
        ),
        ("GET", "/faults/placement", None),
        ("DELETE", "/faults/placement", None),
        ("POST", "/cells/2/lose", None),
    ]


def test_http_control_fails_hosts_and_holds_messages(endpoint):
    endpoint.answers = {("GET", "/topics/scheduler"): (200, {"pending": 2})}
    control = HttpControl(endpoint.url, "t")
    control.fail_host("compute/1")
    control.drop_messages("compute/1")
    control.hold_topic("scheduler")
    control.release_topic("scheduler")
    assert control.pending("scheduler") == 2
    assert [request[:2] for request in endpoint.seen] == [
        ("POST", "/hosts/compute%2F1/fail"),
        ("DELETE", "/hosts/compute%2F1/messages"),
        ("POST", "/topics/scheduler/hold"),
        ("POST", "/topics/scheduler/release"),
        ("GET", "/topics/scheduler"),
    ]


def test_http_control_ignores_proxies_of_the_environment(endpoint, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    HttpControl(endpoint.url, "t").stop_host("compute-1")
    assert endpoint.seen


def test_http_control_tells_why_it_was_refused(endpoint):
    endpoint.answers = {("POST", "/hosts/nowhere/stop"): (404, {"error": 'no host "nowhere"'})}
    with pytest.raises(CloudError, match=r'refused POST /hosts/nowhere/stop with 404: no host "nowhere"$'):
        HttpControl(endpoint.url, "t").stop_host("nowhere")


@pytest.mark.parametrize("answer", [b"<html>", b"{"])
def test_http_control_says_when_the_answer_is_not_json(endpoint, answer):
    endpoint.answers = {("POST", "/periodic"): (200, answer)}
    with pytest.raises(CloudError, match="did not answer POST /periodic"):
        HttpControl(endpoint.url, "t").run_periodic()


def test_http_control_names_an_endpoint_that_is_gone(endpoint):
    endpoint.shutdown()
    endpoint.server_close()
    with pytest.raises(NotDone) as failure:
        HttpControl(endpoint.url, "t").run_periodic()
    assert failure.value.reason == f"the control endpoint {endpoint.url} cannot be reached: Connection refused"
    assert failure.value.remedy.startswith('correct "url" under "stocktake: control:"')


def test_what_the_release_of_a_lab_does_not_have_is_unverified(endpoint):
    answer = {"error": "a lab of this release has no such hosts", "remedy": "use another release"}
    endpoint.answers = {("POST", "/hosts"): (501, answer)}
    with pytest.raises(Unverified) as refusal:
        HttpControl(endpoint.url, "token").add_host("libvirt")
    assert (refusal.value.reason, refusal.value.remedy) == (answer["error"], answer["remedy"])


@pytest.mark.parametrize("status", [401, 403])
def test_http_control_names_a_token_that_is_wrong(endpoint, status):
    endpoint.answers = {("POST", "/periodic"): (status, {"error": "no"})}
    with pytest.raises(NotDone, match='does not accept the token; correct "token" under "stocktake: control:"'):
        HttpControl(endpoint.url, "t").run_periodic()
