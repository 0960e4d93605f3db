"""What HTTP cannot do: the lab's endpoint, the operator's commands, and the rule for disruption."""

import json
import re
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hamcrest import is_in
from stocktake.support.config.target import Settings as CloudSettings
from stocktake.support.errors import CloudError, ConfigurationError, Unverified
from stocktake.support.hosts.control import CommandControl, HttpControl, NotDone, control_for, may_disrupt
from stocktake.support.waiting import SYSTEM_CLOCK, eventually


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
    assert control.add_host("FakeBuildAbortDriver") == "compute-4"
    control.remove_host("compute/4")
    assert control.option("allow_resize_to_same_host") is False
    assert control.configure("allow_resize_to_same_host", True) is False
    assert control.read_log(None, ["req-1", "req-2"]) == ["ERROR no room"]
    assert control.hosts() == [{"host": "compute-1", "state": "up", "driver": "MediumFakeDriver"}]
    assert endpoint.seen[:8] == [
        ("POST", "/hosts/compute-1/stop", None),
        ("POST", "/hosts/compute-1/return", {"guests": "lost"}),
        ("POST", "/hosts/compute-1/periodic", None),
        ("POST", "/periodic", None),
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
        ("GET", "/placement-fault"): (200, {"seen": 1, "times": 0}),
    }
    control = HttpControl(endpoint.url, "t")
    assert control.set_capabilities("compute-1", {"supports_multiattach": False}) == {"supports_multiattach": True}
    assert control.nova_manage("placement", "audit") == (3, "found one")
    control.inject_fault("PUT", "^/allocations/", status=409, detail="a conflict", times=2)
    assert control.fault()["seen"] == 1
    control.remove_fault()
    assert endpoint.seen == [
        ("PUT", "/hosts/compute-1/capabilities", {"supports_multiattach": False}),
        ("POST", "/nova-manage", {"args": ["placement", "audit"]}),
        (
            "PUT",
            "/placement-fault",
            {"method": "PUT", "path_regex": "^/allocations/", "status": 409, "detail": "a conflict", "times": 2},
        ),
        ("GET", "/placement-fault", None),
        ("DELETE", "/placement-fault", None),
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


@pytest.mark.parametrize("status", [401, 403])
def test_http_control_names_a_token_that_is_wrong(endpoint, status):
    endpoint.answers = {("POST", "/periodic"): (status, {"error": "no"})}
    with pytest.raises(NotDone, match='does not accept the token; correct "token" under "stocktake: control:"'):
        HttpControl(endpoint.url, "t").run_periodic()


def commands(*, hosts=(), secrets=(), periodic_interval=None, clock=SYSTEM_CLOCK, **settings):
    return CommandControl(
        settings, cloud="staging", hosts=hosts, secrets=secrets, periodic_interval=periodic_interval, clock=clock
    )


def test_command_gets_the_host_as_one_word_whatever_it_contains(tmp_path):
    control = commands(stop_host=f"touch '{tmp_path}/a b {{host}}'")
    control.stop_host("x; touch y $(z)")
    assert [file.name for file in tmp_path.iterdir()] == ["a b x; touch y $(z)"]


def test_no_shell_unless_asked(tmp_path):
    control = commands(
        stop_host="echo {host} | cat", return_host={"command": "echo {host} | tr a-z A-Z", "shell": True}
    )
    control.stop_host("alpha")
    control.return_host("alpha")
    assert [output.text for output in control.outputs] == ["alpha | cat\n", "ALPHA\n"]


def test_command_may_be_a_list_of_words():
    control = commands(
        stop_host=["echo", "one word", "{host}"], return_host={"command": ["echo", "a  b"], "shell": True}
    )
    control.stop_host("alpha")
    control.return_host("alpha")
    assert [output.text for output in control.outputs] == ["one word alpha\n", "a  b\n"]


def test_limit_of_all_commands(tmp_path):
    with pytest.raises(Unverified, match=r"stopped at its limit, 0\.05 s"):
        commands(stop_host="sleep 60", timeout=0.05).stop_host("alpha")


def test_a_shells_command_gets_the_host_quoted(tmp_path):
    control = commands(stop_host={"command": "echo {host}", "shell": True})
    control.stop_host("x; echo y")
    assert control.outputs[-1].text == "x; echo y\n"


def test_outputs_are_kept_without_the_command_and_with_secrets_masked():
    control = commands(stop_host="sh -c 'echo password is hunter2; echo on {host} >&2'", secrets=["hunter2", ""])
    control.stop_host("alpha")
    (output,) = control.outputs
    assert (output.action, output.host, output.status) == ("stop_host", "alpha", 0)
    assert output.text == "password is ***\non alpha\n"
    assert "hunter2" not in repr(control.outputs)
    assert "hunter2" not in repr(control)


def test_command_that_fails_is_named_with_its_last_line():
    control = commands(stop_host="sh -c 'echo one; echo no route to {host} >&2; exit 255'")
    with pytest.raises(Unverified) as failure:
        control.stop_host("alpha")
    assert str(failure.value) == (
        'the command to stop the compute service of a host ("alpha") ended with status 255: '
        'no route to alpha; correct "stop_host" under "stocktake: control:" of cloud "staging" in clouds.yaml'
    )
    assert not isinstance(failure.value, NotDone)
    assert control.outputs[-1].status == 255


def test_command_that_does_not_exist_is_named():
    with pytest.raises(NotDone, match=r"ended with status 127.*no-such-command"):
        commands(stop_host="no-such-command {host}").stop_host("alpha")


def state_of(pid):
    """The one-letter state of a process; None when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return None


def test_command_and_its_children_are_stopped_at_the_limit(tmp_path):
    pid_file = tmp_path / "pid"
    command = f"sleep 60 & echo $! > {pid_file}; wait"
    control = commands(stop_host={"command": command, "shell": True, "timeout": 0.2})
    with pytest.raises(Unverified, match=r"was stopped at its limit, 0.2 s: it printed nothing"):
        control.stop_host("alpha")
    assert control.outputs[-1].status is None
    child = int(pid_file.read_text())
    eventually(lambda: state_of(child), is_in(["Z", None]), within=5, what="the command's child to end")


def test_service_left_running_by_the_command_does_not_hold_it_up():
    began = time.monotonic()
    commands(return_host={"command": "sleep 20 & echo started {host}", "shell": True}).return_host("alpha")
    assert time.monotonic() - began < 15


def test_guests_are_lost_only_by_a_command_that_knows_how():
    with pytest.raises(Unverified) as outcome:
        commands(return_host="echo {host}").return_host("alpha", guests="lost")
    assert "always keeps its guests" in outcome.value.reason
    assert "{guests}" in outcome.value.remedy
    assert str(commands(return_host="echo {host}").missing("lose_guests")) == str(outcome.value)
    assert '"return_host"' in commands().missing("lose_guests").remedy
    control = commands(return_host="echo {host} {guests}")
    assert control.missing("lose_guests") is None
    control.return_host("alpha", guests="lost")
    assert control.outputs[-1].text == "alpha lost\n"


def test_periodic_of_all_hosts_runs_on_each_listed_one():
    control = commands(run_periodic="echo {host}", hosts=["alpha", "beta"])
    control.run_periodic()
    control.run_periodic("gamma")
    assert [output.host for output in control.outputs] == ["alpha", "beta", "gamma"]


def test_command_that_needs_no_host_runs_once_for_all():
    control = commands(run_periodic="echo everywhere")
    control.run_periodic()
    assert [output.text for output in control.outputs] == ["everywhere\n"]


def test_periodic_of_all_hosts_needs_to_know_the_hosts():
    with pytest.raises(Unverified, match='list them as "hosts" under "stocktake:" of cloud "staging"'):
        commands(run_periodic="echo {host}").run_periodic()


def test_without_a_command_the_next_periodic_is_waited_for(fake_clock):
    commands(clock=fake_clock, periodic_interval=60).run_periodic("alpha")
    assert 60 <= fake_clock.waited <= 65


def test_log_is_asked_for_all_requests_at_once():
    control = commands(read_log="printf '{host} {request_ids}\\nmore\\n'", hosts=["alpha", "beta"])
    assert control.read_log("alpha", ["req-1", "req-2"]) == ["alpha req-1|req-2", "more"]
    assert control.read_log(None, ["req-1"]) == ["alpha req-1", "more", "beta req-1", "more"]


def test_log_without_a_matching_line_is_empty():
    control = commands(read_log="grep -E {request_ids} /dev/null")
    assert control.read_log("alpha", ["req-1"]) == []


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("stop_host", lambda control: control.stop_host("alpha")),
        ("return_host", lambda control: control.return_host("alpha")),
        ("run_periodic", lambda control: control.run_periodic("alpha")),
        ("read_log", lambda control: control.read_log("alpha", [])),
    ],
)
def test_action_that_is_not_configured_is_unverified_with_the_key_to_set(action, call):
    control = control_for(None, cloud="staging")
    with pytest.raises(Unverified) as outcome:
        call(control)
    assert str(control.missing(action)) == str(outcome.value)
    assert f'"{action}" under "stocktake: control:" of cloud "staging" in clouds.yaml' in control.missing(action).remedy


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("add_host", lambda control: control.add_host("MediumFakeDriver")),
        ("remove_host", lambda control: control.remove_host("alpha")),
        ("configure", lambda control: control.configure("allow_resize_to_same_host", True)),
    ],
)
def test_what_only_a_lab_can_do_is_unverified_elsewhere(action, call):
    control = commands(stop_host="true")
    assert "--cloud=lab" in control.missing(action).remedy
    with pytest.raises(Unverified):
        call(control)


def test_settings_let_through_every_form_of_a_command():
    control = {"stop_host": {"command": "sleep {host}", "timeout": 5, "shell": True}, "return_host": ["echo", "{host}"]}
    settings = CloudSettings.read({"control": control}, cloud="staging", file="clouds.yaml")
    assert control_for(settings.control, cloud="staging").missing("stop_host") is None


def test_configured_actions_are_not_missing():
    control = commands(stop_host="true", periodic_interval=60)
    assert control.missing("stop_host") is None
    assert control.missing("run_periodic") is None
    assert HttpControl("http://127.0.0.1", "t").missing("add_host") is None


@pytest.mark.parametrize("action", ["stop_host", "return_host", "run_periodic", "read_log"])
def test_command_whose_program_is_not_there_is_to_be_corrected(action):
    missing = commands(**{action: "no-such-command {host}"}).missing(action)
    assert 'there is no program "no-such-command" on this machine' in missing.reason
    assert missing.remedy == f'correct "{action}" under "stocktake: control:" of cloud "staging" in clouds.yaml'


def test_guests_are_not_lost_by_a_program_that_is_not_there():
    control = commands(return_host="no-such-command {host} {guests}")
    assert 'correct "return_host"' in control.missing("lose_guests").remedy


@pytest.mark.parametrize(
    "command",
    ["{host}", "./{host}/stop", {"command": "no-such-command {host}", "shell": True}],
    ids=["named by the host", "below the host's name", "known to the shell only"],
)
def test_program_that_cannot_be_looked_for_is_believed(command):
    assert commands(stop_host=command).missing("stop_host") is None


def test_control_is_chosen_by_what_is_configured():
    assert isinstance(control_for({"url": "http://127.0.0.1:1", "token": "t"}, cloud="lab"), HttpControl)
    assert isinstance(control_for({"stop_host": "true"}, cloud="staging"), CommandControl)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stop_hosts": "true"}, 'no such control; did you mean "stop_host"'),
        ({"url": "http://127.0.0.1"}, "needs a token beside it"),
        ({"stop_host": 7}, "neither text nor a list of words"),
        ({"stop_host": ["ssh", 7]}, "neither text nor a list of words"),
        ({"stop_host": {"shell": True}}, "neither text nor a list of words"),
        ({"stop_host": {"command": "x", "limit": 4}}, 'no option "limit"; known are command, shell, timeout'),
        ({"stop_host": {"command": "x", "shell": "yes"}}, 'shell is "yes", not true or false'),
        ({"stop_host": {"command": "x", "timeout": "2m"}}, '"2m" is not a number of seconds'),
        ({"stop_host": "x {guest}"}, r"\{guest\} means nothing here; use \{host\}"),
        ({"stop_host": "x {host.y}"}, r"\{host.y\} means nothing here"),
        ({"stop_host": "x {"}, "the command cannot be read"),
        ({"stop_host": "x 'y"}, "the command cannot be read"),
        ({"stop_host": " "}, "neither text nor a list of words"),
        ({"timeout": "long"}, '"long" is not a number of seconds'),
    ],
)
def test_configuration_mistakes_are_one_sentence(settings, message):
    with pytest.raises(ConfigurationError, match=message) as error:
        control_for(settings, cloud="staging")
    assert 'of cloud "staging" in clouds.yaml' in str(error.value)


def test_host_that_looks_like_an_option_is_refused():
    with pytest.raises(CloudError, match="begins with a dash"):
        commands(stop_host="echo {host}").stop_host("-rf")


@dataclass
class Settings:
    allow_disruptive: bool = True
    hosts: list | None = None


@pytest.mark.parametrize(
    ("settings", "foreign", "reason", "remedy"),
    [
        (Settings(False, ["alpha"]), [], "does not allow disruptive scenarios", '"allow_disruptive: true"'),
        (Settings(True, None), [], "no host is named", '"hosts:"'),
        (Settings(True, []), [], "no host is named", '"hosts:"'),
        (Settings(True, ["beta", "gamma"]), [], r'"alpha" is not among .* \(beta, gamma\)', '"hosts:"'),
        (Settings(True, ["alpha"]), ["id-1"], r"runs 1 server that .* \(such as id-1\)", "move them away"),
        (Settings(True, ["alpha"]), ["id-1", "id-2"], "runs 2 servers that", "move them away"),
    ],
)
def test_disruption_needs_leave_a_listed_host_and_nobody_else_on_it(settings, foreign, reason, remedy):
    outcome = may_disrupt(settings, "alpha", foreign)
    assert isinstance(outcome, Unverified)
    assert re.search(reason, outcome.reason)
    assert remedy in outcome.remedy
    assert "clouds.yaml" in outcome.remedy


def test_disruption_is_allowed_on_a_listed_host_of_our_own():
    assert may_disrupt(Settings(True, ["alpha"]), "alpha", []) is None
