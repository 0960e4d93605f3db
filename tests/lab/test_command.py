"""The words of `stocktake lab`, as a shell sees them, with hollow labs."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from hamcrest import equal_to, has_length, is_, none
from stocktake.support import lab
from stocktake.support.lab import state
from stocktake.support.waiting import eventually

Stocktake = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = (sys.executable, "-m", "stocktake.support.cli")


@pytest.fixture
def stocktake(hollow: Path) -> Iterator[Stocktake]:
    """Runs the command with hollow labs; they are all stopped in the end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60)

    yield run
    for name in ("lab", "second"):
        if a_lab := lab.running(name):
            a_lab.stop()


def test_up_status_and_down(stocktake: Stocktake, hollow: Path):
    up = stocktake("lab", "up", "--hosts=2")
    assert up.returncode == 0, up.stderr
    a_lab = lab.running()
    assert a_lab is not None
    assert f"its folder is {a_lab.folder}" in up.stdout
    assert re.search(r"\d s  nova: ready\n", up.stderr)  # plain lines, for this is no terminal

    status = stocktake("lab", "status")
    assert status.returncode == 0
    assert re.search(r"running: Nova 34\.\S+, 2 hosts; its folder is", status.stdout)

    down = stocktake("lab", "down")
    assert (down.returncode, down.stdout) == (0, "the lab is stopped\n")
    assert list(hollow.iterdir()) == []
    assert stocktake("lab", "status").returncode == 3


def test_status_tells_of_every_lab_or_of_the_one_that_is_named(stocktake: Stocktake):
    assert stocktake("lab", "up", "--name=second", "--hosts=2", "--release=2026.2").returncode == 0
    told = re.compile(r'lab "second" is running: 2026\.2, Nova 34\.\S+, 2 hosts; its folder is \S+\n')

    alone = stocktake("lab", "status")
    assert (alone.returncode, bool(told.fullmatch(alone.stdout))) == (0, True)
    again = stocktake("lab", "up", "--name=second", "--release=2024.1")
    assert "stop it with `stocktake lab down --name=second`" in again.stderr
    assert again.stderr.endswith("or give the new one another --name\n")
    other = stocktake("lab", "status", "--name=lab")
    assert (other.returncode, other.stdout) == (3, "no lab is running\n")

    assert stocktake("lab", "up", "--hosts=2").returncode == 0
    both = stocktake("lab", "status").stdout.splitlines(keepends=True)
    assert [line.startswith("the lab is running: Nova 34.") for line in both] == [True, False]
    assert told.fullmatch(both[1])


def test_optional_services_are_shown_and_asked_for(stocktake: Stocktake):
    assert stocktake("lab", "up", "--with=neutron").returncode == 0

    assert " 3 hosts with neutron; its folder is" in stocktake("lab", "status").stdout
    assert "neutron: line 29\n" in stocktake("lab", "logs").stdout
    assert stocktake("lab", "up", "--with=neutron").returncode == 0
    more = stocktake("lab", "up", "--with=neutron,cinder")
    assert more.stderr.startswith(
        "stocktake: a lab without cinder is already running; stop it with `stocktake lab down`"
    )
    none = stocktake("lab", "logs", "cinder")
    assert none.stderr == "stocktake: the lab has no cinder; start one that has it: stocktake lab up --with=cinder\n"


def test_down_and_status_without_a_lab(stocktake: Stocktake):
    assert stocktake("lab", "down").returncode == 0
    status = stocktake("lab", "status")
    assert (status.returncode, status.stdout) == (3, "no lab is running\n")


@pytest.mark.parametrize("word", ["env", "logs"])
def test_words_that_need_a_lab_say_how_to_start_one(stocktake: Stocktake, word: str):
    answer = stocktake("lab", word)

    assert answer.returncode == 2
    assert answer.stderr == "stocktake: no lab is running; start one with: stocktake lab up\n"


def test_env_is_for_a_shell(stocktake: Stocktake):
    stocktake("lab", "up")
    env = stocktake("lab", "env").stdout

    shell = subprocess.run(
        ["sh", "-c", f'{env}\necho "$OS_CLOUD $OS_CLIENT_CONFIG_FILE"'], capture_output=True, text=True, check=True
    )

    a_lab = lab.running()
    assert a_lab is not None
    assert shell.stdout == f"lab {a_lab.clouds_yaml}\n"


def test_logs_of_one_service_or_of_all(stocktake: Stocktake):
    stocktake("lab", "up")

    assert stocktake("lab", "logs", "nova", "--lines=2").stdout == "line 28\nline 29\n"
    assert "glance: line 29\n" in stocktake("lab", "logs").stdout


def test_up_again_finds_the_running_lab(stocktake: Stocktake):
    stocktake("lab", "up", "--hosts=2")
    first = lab.running()

    again = stocktake("lab", "up")
    other = stocktake("lab", "up", "--hosts=3")

    assert again.returncode == 0
    assert "is already running" in again.stdout
    assert other.returncode == 2
    assert "a lab with 2 hosts is already running" in other.stderr
    assert lab.running() == first


def test_a_second_lab_has_a_name(stocktake: Stocktake):
    stocktake("lab", "up")
    second = stocktake("lab", "up", "--name=second")

    assert "stocktake lab env --name=second" in second.stdout
    assert stocktake("lab", "down", "--name=second").returncode == 0
    assert lab.running() is not None


def test_up_that_fails_says_why_in_one_message(stocktake: Stocktake, hollow: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOLLOW_NOVA", "crash")

    up = stocktake("lab", "up")

    assert up.returncode == 2
    assert "stocktake: the lab did not come up: nova ended with status 1" in up.stderr
    assert "told to crash" in up.stderr
    assert list(hollow.iterdir()) == []


def test_status_tells_why_the_last_lab_ended(
    stocktake: Stocktake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hollow: Path
):
    monkeypatch.setenv("HOLLOW_NOVA", "late crash")
    stocktake("lab", "up")
    (tmp_path / "signal").touch()
    eventually(lab.running, is_(None), within=60, what="the end of the lab")
    eventually(lambda: list(hollow.iterdir()), equal_to([]), within=60, what="the end of its folder")

    assert "the last one ended because nova ended with status 7" in stocktake("lab", "status").stdout


def test_run_gives_the_command_the_lab_and_returns_its_status(stocktake: Stocktake, hollow: Path):
    script = 'test "$OS_CLOUD" = lab && test -f "$OS_CLIENT_CONFIG_FILE" && echo found; exit 42'

    run = stocktake("lab", "run", "--", "sh", "-c", script)

    assert run.returncode == 42
    assert run.stdout == "found\n"
    assert list(hollow.iterdir()) == []


def test_run_reports_a_signal_as_a_shell_does(stocktake: Stocktake):
    assert stocktake("lab", "run", "--", "sh", "-c", "kill -9 $$").returncode == 137


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ([], "no command given; write it after --"),
        (["--", "no-such-command"], "command 'no-such-command' not found"),
    ],
)
def test_run_needs_a_command(stocktake: Stocktake, command: list[str], sentence: str):
    run = stocktake("lab", "run", *command)

    assert run.returncode == 2
    assert sentence in run.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_run_that_is_killed_leaves_neither_command_nor_lab(
    hollow: Path, processes: Callable[[Path], list[int]], all_gone: Callable[[Path], None], number: signal.Signals
):
    run = subprocess.Popen([*COMMAND, "lab", "run", "--", "sleep", "60"], stderr=subprocess.PIPE)
    assert run.stderr
    while b"lab: ready" not in run.stderr.readline():
        pass
    eventually(lambda: _children(run.pid), has_length(1), within=60, what="the command")
    (command,) = _children(run.pid)

    run.send_signal(number)
    run.communicate(timeout=60)

    assert run.returncode == (143 if number == signal.SIGTERM else -9)
    eventually(lambda: state.start_time(command), none(), within=60, what="the command to be gone")
    all_gone(hollow)


def test_ctrl_c_is_the_commands(hollow: Path, all_gone: Callable[[Path], None]):
    """A test run that is interrupted still tells its results, and only then the lab goes."""
    script = "trap 'echo results; exit 5' INT; echo waiting; while :; do sleep 0.1; done"
    run = subprocess.Popen(
        [*COMMAND, "lab", "run", "--", "sh", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert run.stdout
    assert run.stdout.readline() == b"waiting\n"

    os.killpg(run.pid, signal.SIGINT)

    output, _errors = run.communicate(timeout=60)
    assert (output, run.returncode) == (b"results\n", 5)
    all_gone(hollow)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["lab", "up", "--hosts=0"], "'0' is not a number of hosts from 1 to 500"),
        (["lab", "up", "--hosts=many"], "'many' is not a number of hosts from 1 to 500"),
        (["lab", "up", "--port=65535"], "'65535' is not a port from 1 to 65531"),
        (["lab", "up", "--name=a/b"], "a lab's name is made of"),
        (["lab", "up", "--with=ironic"], "'ironic' is not libvirt, libvirt:PROFILE or one of neutron, cinder, cyborg"),
        (
            ["lab", "run", "--with=libvirt:gold", "--", "true"],
            "no profile 'gold' of libvirt hosts; choose one",
        ),
        (["lab", "logs", "ironic"], "invalid choice: 'ironic'"),
        (["lab"], "required: WORD"),
        (["lav"], "invalid choice: 'lav'"),
    ],
)
def test_a_mistake_gets_one_sentence(stocktake: Stocktake, arguments: list[str], sentence: str):
    answer = stocktake(*arguments)

    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


def test_help_names_every_word(stocktake: Stocktake):
    answer = stocktake("--help")

    assert answer.returncode == 0
    for word in ("lab", "steps", "check", "report", "audit", "sweep", "doctor"):
        assert re.search(rf"^    {word} ", answer.stdout, re.MULTILINE)


def _children(pid: int) -> list[int]:
    children = psutil.Process(pid).children()
    return [child.pid for child in children if "stocktake.support.lab.supervisor" not in child.cmdline()]


def test_a_release_that_is_not_known(stocktake: Stocktake):
    answer = stocktake("lab", "up", "--release=2024.3")

    assert answer.returncode == 2
    assert answer.stderr.startswith("stocktake: --release=2024.3 is not known; choose one of Xena, Yoga")


def test_a_driver_that_the_lab_of_a_release_does_not_have(stocktake: Stocktake):
    answer = stocktake("lab", "up", "--release=2024.1", "--with=libvirt")

    assert answer.returncode == 2
    assert "a lab of release 2024.1 has no hosts with the libvirt driver; leave out either" in answer.stderr


def test_the_installed_release_by_its_name(stocktake: Stocktake):
    assert stocktake("lab", "up", "--release=2026.2", "--hosts=2").returncode == 0
    assert "the lab is running: 2026.2, Nova 34." in stocktake("lab", "status").stdout
    assert "already running" in stocktake("lab", "up", "--release=2026.2").stdout

    other = stocktake("lab", "up", "--release=2024.1")
    assert other.returncode == 2
    assert "a lab of 2026.2, Nova 34.0.0 is already running; stop it with" in other.stderr
