"""How labs begin and end, with services that are hollow: they crash, hang or do nothing, as they are told."""

import contextlib
import os
import py_compile
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest
from hamcrest import equal_to
from stocktake.support import lab
from stocktake.support.errors import LabError
from stocktake.support.lab import shape, state
from stocktake.support.lab.client import Lab, News
from stocktake.support.lab.shape import Shape
from stocktake.support.waiting import eventually

Processes = Callable[[Path], list[int]]
AllGone = Callable[[Path], None]


def test_a_lab_is_a_process_for_each_service_and_a_supervisor(hollow: Path, started: list[Lab], processes: Processes):
    started.append(lab.start(hosts=2))

    assert len(processes(hollow)) == 1 + len(shape.SERVICES)
    assert {os.getsid(pid) for pid in processes(hollow)} == {started[0].supervisor}


def test_optional_services_are_processes_too(hollow: Path, started: list[Lab], processes: Processes):
    started.append(lab.start(hosts=1, shape=Shape(services=("neutron", "cinder")), name="rich"))

    assert len(processes(hollow)) == 1 + len(shape.SERVICES) + 2
    assert "neutron obeys" in (started[0].folder / "logs" / "neutron.log").read_text()
    assert state.recall("rich").services == ("neutron", "cinder")  # type: ignore[union-attr]


def test_a_stopped_lab_leaves_nothing(hollow: Path, processes: Processes):
    a_lab = lab.start()

    a_lab.stop()

    assert processes(hollow) == []
    assert list(hollow.iterdir()) == []
    a_lab.stop()  # again is no mistake


def test_the_folder_is_private_and_names_the_lab(hollow: Path, started: list[Lab]):
    started.append(lab.start())
    folder = started[0].folder

    assert folder.stat().st_mode & 0o777 == 0o700
    assert started[0].clouds_yaml.stat().st_mode & 0o077 == 0
    assert started[0].environment == {"OS_CLOUD": "lab", "OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml")}


def test_progress_is_told_service_by_service(hollow: Path, started: list[Lab]):
    heard: list[News] = []

    started.append(lab.start(progress=heard.append))

    told = [(news.get("service"), news.get("stage")) for news in heard]
    for service in shape.SERVICES:
        assert told.index((service, "importing")) < told.index((service, "ready"))
    assert heard[-1]["ready"]
    assert [news["seconds"] for news in heard] == sorted(news["seconds"] for news in heard)


def test_loopback_goes_to_no_proxy(hollow: Path, started: list[Lab], monkeypatch: pytest.MonkeyPatch):
    """Neither what a lab's services ask each other nor what a client asks the lab."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.org")
    monkeypatch.delenv("NO_PROXY", raising=False)

    started.append(lab.start())

    log = (started[0].folder / "logs" / "nova.log").read_text()
    assert "nova asks the proxy for: elsewhere\n" in log
    for name in ("no_proxy", "NO_PROXY"):
        assert started[0].environment[name] == "example.org,127.0.0.1,localhost"


def test_services_inherit_the_callers_environment(hollow: Path, started: list[Lab], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOLLOW_NOVA", "dance")

    started.append(lab.start())

    assert "nova obeys: dance" in (started[0].folder / "logs" / "nova.log").read_text()


def test_two_labs_run_side_by_side(hollow: Path, started: list[Lab]):
    started.append(lab.start(name="one"))
    started.append(lab.start(name="two"))

    assert lab.running("one") == started[0]
    assert lab.running("two") == started[1]
    assert lab.running() is None


def test_a_service_that_crashes_is_told_with_the_end_of_its_log(
    hollow: Path, monkeypatch: pytest.MonkeyPatch, processes: Processes
):
    monkeypatch.setenv("HOLLOW_GLANCE", "crash")

    with pytest.raises(LabError) as caught:
        lab.start()

    message = str(caught.value)
    assert "glance ended with status 1 during: importing" in message
    assert "RuntimeError: glance was told to crash" in message
    assert "line 0" not in message  # only the end
    assert processes(hollow) == []
    assert list(hollow.iterdir()) == []


def test_a_lab_that_failed_can_be_kept_to_look_into(
    hollow: Path, monkeypatch: pytest.MonkeyPatch, processes: Processes
):
    monkeypatch.setenv("HOLLOW_GLANCE", "crash")

    with pytest.raises(LabError, match="its folder is kept: "):
        lab.start(keep=True)

    assert processes(hollow) == []
    (folder,) = hollow.iterdir()
    assert "told to crash" in (folder / "logs" / "glance.log").read_text()


def test_a_service_that_never_gets_ready_ends_the_lab(
    hollow: Path, monkeypatch: pytest.MonkeyPatch, processes: Processes
):
    monkeypatch.setenv("HOLLOW_PLACEMENT", "hang")
    monkeypatch.setenv("HOLLOW_PATIENCE", "5")

    with pytest.raises(LabError, match=r"placement was not ready within 5 seconds \(current stage: importing\)"):
        lab.start()

    assert processes(hollow) == []
    assert list(hollow.iterdir()) == []


def test_a_service_that_answers_wrongly_ends_the_lab(
    hollow: Path, monkeypatch: pytest.MonkeyPatch, processes: Processes
):
    monkeypatch.setenv("HOLLOW_KEYSTONE", "wrong")

    with pytest.raises(LabError, match="keystone does not answer as it should: GET / answered 500"):
        lab.start()

    assert processes(hollow) == []


def test_a_service_that_dies_later_takes_the_lab_with_it(
    hollow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[Lab], all_gone: AllGone
):
    monkeypatch.setenv("HOLLOW_NOVA", "late crash")
    started.append(lab.start(name="lab"))

    (tmp_path / "signal").touch()

    all_gone(hollow)
    assert lab.running() is None
    assert "nova ended with status 7" in (state.last_words("lab") or "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_supervisor_ends_the_lab(
    hollow: Path, started: list[Lab], all_gone: AllGone, number: signal.Signals
):
    started.append(lab.start(name="lab"))

    os.kill(started[0].supervisor, number)

    all_gone(hollow)
    assert state.written("lab") is None
    assert state.last_words("lab") is None


def test_no_service_outlives_a_killed_supervisor(hollow: Path, started: list[Lab], processes: Processes):
    started.append(lab.start())

    os.kill(started[0].supervisor, signal.SIGKILL)

    eventually(lambda: processes(hollow), equal_to([]), within=60, what="the end of the lab's processes")


def test_the_next_lab_of_the_name_tidies_up_after_a_killed_one(hollow: Path, started: list[Lab], processes: Processes):
    killed = lab.start(name="lab")
    os.kill(killed.supervisor, signal.SIGKILL)
    eventually(lambda: processes(hollow), equal_to([]), within=60, what="the end of the lab's processes")
    assert lab.running() is None

    started.append(lab.start(name="lab"))

    assert list(hollow.iterdir()) == [started[0].folder]
    assert lab.running() == started[0]


def test_a_lab_ends_with_its_owner(hollow: Path, started: list[Lab], all_gone: AllGone):
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started.append(lab.start(owner=owner.pid))

    owner.kill()
    owner.communicate()

    all_gone(hollow)


def test_a_lab_ends_with_who_started_it_if_that_dies_meanwhile(
    hollow: Path, monkeypatch: pytest.MonkeyPatch, processes: Processes, all_gone: AllGone
):
    monkeypatch.setenv("HOLLOW_NOVA", "hang")
    starter = subprocess.Popen([sys.executable, "-c", "from stocktake.support import lab; lab.start()"])
    eventually(lambda: len(processes(hollow)), equal_to(1 + len(shape.SERVICES)), within=60, what="the lab's processes")

    starter.kill()
    starter.wait()

    all_gone(hollow)


def test_a_lab_without_an_owner_outlives_who_started_it(hollow: Path, processes: Processes):
    code = "from stocktake.support import lab; print(lab.start(name='lab').supervisor)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    a_lab = lab.running()

    assert a_lab is not None
    assert a_lab.supervisor == int(run.stdout)
    a_lab.stop()
    eventually(lambda: processes(hollow), equal_to([]), within=60, what="the end of the lab's processes")


def test_a_port_that_is_taken_is_named(hollow: Path, processes: Processes):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1] - 1  # so that the second one collides

        with pytest.raises(LabError, match=rf"--port={port}: .* needs port {port}|{port + 1} of 127.0.0.1"):
            lab.start(port=port)

    assert processes(hollow) == []
    assert list(hollow.iterdir()) == []


def first_of_free_ports(count: int) -> int:
    """Below those that the kernel gives to whoever asks for any, at a place of this process's own."""
    first = 20_000 + os.getpid() % 2000 * count
    while True:
        with contextlib.ExitStack() as sockets:
            try:
                for port in range(first, first + count):
                    sockets.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                first += count
            else:
                return first


def test_chosen_ports_are_used_in_order(hollow: Path, started: list[Lab]):
    port = first_of_free_ports(5)

    started.append(lab.start(port=port))

    assert f"http://127.0.0.1:{port}/v3" in started[0].clouds_yaml.read_text()


@pytest.mark.skipif(os.getuid() == 0, reason="root can write everywhere")
def test_a_temporary_folder_that_is_not_writable_is_named(hollow: Path):
    hollow.chmod(0o500)

    with pytest.raises(LabError, match=r"the lab's folder cannot be created: .*set TMPDIR"):
        lab.start()


def test_a_temporary_folder_that_is_not_there_is_named(hollow: Path):
    hollow.rmdir()

    with pytest.raises(LabError, match=r"the lab's folder cannot be created: .*set TMPDIR"):
        lab.start()


@pytest.mark.parametrize("folder", ["/proc/lab", "/dev/null"])
def test_a_folder_that_cannot_be_used_is_named(hollow: Path, folder: str):
    with pytest.raises(LabError, match=f"--folder={folder} cannot be used: "):
        lab.start(folder=Path(folder))


def test_a_folder_with_something_in_it_is_left_alone(hollow: Path):
    (hollow / "thesis.tex").touch()
    hollow.chmod(0o755)

    with pytest.raises(LabError, match=r"--folder=.* is not empty"):
        lab.start(folder=hollow)

    assert [file.name for file in hollow.iterdir()] == ["thesis.tex"]
    assert hollow.stat().st_mode & 0o777 == 0o755


def test_a_folder_may_be_chosen(hollow: Path, started: list[Lab]):
    started.append(lab.start(folder=hollow / "mine"))

    assert started[0].folder == hollow / "mine"


def test_packages_that_are_missing_are_named(hollow: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(LabError, match=r"not installed \(nova, .*pip install -c \S+constraints.txt 'stocktake\[lab\]'"):
        lab.start()


def test_bytecode_is_cached_where_python_would_not_write_it(hollow: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(hollow))
    monkeypatch.setattr(lab.client, "_has_bytecode", lambda package: False)

    environment = lab.client._environment()

    assert environment["PYTHONPYCACHEPREFIX"] == str(hollow / "stocktake" / "bytecode")
    assert "PYTHONDONTWRITEBYTECODE" not in environment


@pytest.mark.parametrize(
    ("mode", "changes", "has"),
    [
        (PycInvalidationMode.TIMESTAMP, {}, True),
        (PycInvalidationMode.TIMESTAMP, {"time": 1_800_000_000}, False),  # as in a copied environment
        (PycInvalidationMode.TIMESTAMP, {"text": "value = 22\n"}, False),
        (PycInvalidationMode.UNCHECKED_HASH, {"time": 1_800_000_000}, True),
        (PycInvalidationMode.TIMESTAMP, {"bytecode": b"\0" * 16}, False),
        (PycInvalidationMode.TIMESTAMP, {"bytecode": b"cut"}, False),
        (None, {}, False),
    ],
)
def test_bytecode_counts_if_it_is_that_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: PycInvalidationMode | None, changes: dict, has: bool
):
    monkeypatch.syspath_prepend(str(tmp_path))
    source = tmp_path / "some_package" / "__init__.py"
    source.parent.mkdir()
    source.write_text("value = 1\n")
    os.utime(source, (1_700_000_000, 1_700_000_000))
    if mode is not None:
        compiled = Path(py_compile.compile(str(source), invalidation_mode=mode))
        compiled.write_bytes(changes.get("bytecode", compiled.read_bytes()))
    source.write_text(changes.get("text", "value = 1\n"))
    moment = changes.get("time", 1_700_000_000)
    os.utime(source, (moment, moment))

    assert lab.client._has_bytecode("some_package") is has


def test_a_supervisor_that_cannot_even_begin_is_quoted(hollow: Path, monkeypatch: pytest.MonkeyPatch):
    (hollow.parent / "planted" / "sitecustomize.py").write_text(
        "import sys\nif 'stocktake.support.lab.supervisor' in sys.orig_argv: sys.exit('no way')"
    )

    with pytest.raises(LabError, match=r"its supervisor died, saying(.|\n)*no way"):
        lab.start()

    assert list(hollow.iterdir()) == []


def test_start_is_interrupted_without_a_trace(hollow: Path, processes: Processes):
    def interrupt(_news: News) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.start(progress=interrupt)

    assert processes(hollow) == []
    assert list(hollow.iterdir()) == []
