"""The operator's own commands: how they get their words, and what is said when they fail."""

import time

import psutil
import pytest
from hamcrest import is_in
from stocktake.support.errors import CloudError, NotDone, Unverified
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.control import control_for
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.waiting import SYSTEM_CLOCK, eventually


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


def test_a_host_fails_and_loses_messages_by_commands():
    control = commands(fail_host="echo killed {host}", drop_messages="echo purged {host}")
    assert control.missing("fail_host") is None
    control.fail_host("alpha")
    control.drop_messages("alpha")
    assert [output.text for output in control.outputs] == ["killed alpha\n", "purged alpha\n"]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("fail_host", 'to let a host fail unnoticed on cloud "staging"; set "fail_host"'),
        ("drop_messages", 'to delete the messages that wait for a host on cloud "staging"; set "drop_messages"'),
    ],
)
def test_a_failure_needs_its_commands(action, reason):
    with pytest.raises(Unverified, match=reason):
        getattr(commands(), action)("alpha")


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
    """The state of a process; None when there is none."""
    try:
        return psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return None


def test_command_and_its_children_are_stopped_at_the_limit(tmp_path):
    pid_file = tmp_path / "pid"
    command = f"sleep 60 & echo $! > {pid_file}; wait"
    control = commands(stop_host={"command": command, "shell": True, "timeout": 0.2})
    with pytest.raises(Unverified, match=r"was stopped at its limit, 0.2 s: it printed nothing"):
        control.stop_host("alpha")
    assert control.outputs[-1].status is None
    child = int(pid_file.read_text())
    dead = is_in([psutil.STATUS_ZOMBIE, None])
    eventually(lambda: state_of(child), dead, within=5, what="the command's child to end")


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


def test_one_interval_serves_all_hosts(fake_clock):
    commands(clock=fake_clock, periodic_interval=60).run_periodics(["alpha", "beta", "gamma"])
    assert fake_clock.waited == pytest.approx(60, abs=5)


def test_periodic_of_several_hosts_runs_on_each_in_order():
    control = commands(run_periodic="echo {host}", hosts=["alpha", "beta"])
    control.run_periodics(["beta", "gamma"])
    assert [output.host for output in control.outputs] == ["beta", "gamma"]


def test_command_that_needs_no_host_runs_once_for_several():
    control = commands(run_periodic="echo everywhere")
    control.run_periodics(["beta", "gamma"])
    assert [output.text for output in control.outputs] == ["everywhere\n"]


def test_without_a_command_the_next_periodic_is_waited_for(fake_clock):
    commands(clock=fake_clock, periodic_interval=60).run_periodic("alpha")
    assert 60 <= fake_clock.waited <= 65


@pytest.mark.parametrize(
    ("settings", "interval"),
    [({"periodic_interval": 60}, 60), ({"periodic_interval": 60, "run_periodic": "true"}, None), ({}, None)],
    ids=["only awaited", "run", "neither"],
)
def test_interval_is_awaited_only_where_the_periodic_cannot_be_run(settings, interval):
    assert commands(**settings).awaited_interval == interval


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


def test_configured_actions_are_not_missing():
    control = commands(stop_host="true", periodic_interval=60)
    assert control.missing("stop_host") is None
    assert control.missing("run_periodic") is None
    assert HttpControl("http://127.0.0.1", "t").missing("add_host") is None


@pytest.mark.parametrize("action", ["stop_host", "return_host", "run_periodic", "read_log"])
def test_command_whose_program_is_not_there_is_to_be_corrected(action):
    missing = commands(**{action: "no-such-command {host}"}).missing(action)
    assert 'program "no-such-command" not found on this machine' in missing.reason
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


def test_host_that_looks_like_an_option_is_refused():
    with pytest.raises(CloudError, match="begins with a dash"):
        commands(stop_host="echo {host}").stop_host("-rf")
