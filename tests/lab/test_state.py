import os
import subprocess
import sys
from pathlib import Path

import pytest
from hamcrest import is_
from stocktake.support.errors import ConfigurationError, LabError
from stocktake.support.lab import state
from stocktake.support.waiting import eventually


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def a_record(name: str = "lab", pid: int | None = None, begun: int | None = None) -> state.Record:
    pid = pid or os.getpid()
    return state.Record(name, "/folder", pid, state.start_time(pid) if begun is None else begun, 3, keep=False)


def test_a_lab_is_recalled_by_its_name():
    state.remember(a_record("lab"))
    state.remember(a_record("other"))

    assert state.recall("other") == a_record("other")
    assert state.recall("third") is None


def test_a_forgotten_lab_is_not_recalled():
    state.remember(a_record())

    state.forget("lab")

    assert state.recall() is None
    assert state.last_words("lab") is None


def test_all_that_run_are_told(runtime: Path):
    assert state.running() == []
    for record in (a_record("lab"), a_record("before"), a_record("v1.2"), a_record("ended", begun=1)):
        state.remember(record)

    assert [record.name for record in state.running()] == ["before", "lab", "v1.2"]


def test_the_first_lab_of_a_name_keeps_it():
    state.remember(a_record())

    with pytest.raises(LabError, match="another lab was started as 'lab' meanwhile"):
        state.remember(a_record())


def test_last_words_stay_until_the_next_lab():
    state.leave_word("lab", "nova died")
    assert state.last_words("lab") == "nova died"

    state.remember(a_record())
    assert state.last_words("lab") is None


def test_a_lab_whose_supervisor_died_is_not_recalled():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    state.remember(a_record(pid=process.pid, begun=1))

    assert state.recall() is None
    assert state.written("lab") is not None


def test_a_process_that_got_the_same_id_later_is_not_the_supervisor():
    state.remember(a_record(begun=1))

    assert state.recall() is None


def test_a_dead_process_nobody_has_waited_for_is_not_the_supervisor():
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    begun = state.start_time(process.pid)
    assert process.stdout
    process.stdout.read()  # until it is dead
    eventually(lambda: state.start_time(process.pid), is_(None), within=60, what="the process's death")

    state.remember(a_record(pid=process.pid, begun=begun))

    assert state.recall() is None
    process.communicate()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "lab"}', '{"surprise": 1}'])
def test_an_unreadable_record_is_no_lab(text: str):
    state.remember(a_record()).write_text(text)

    assert state.recall() is None


@pytest.mark.parametrize("name", ["", "a/b", "../lab", "a b", "x" * 65])
def test_a_name_that_is_no_file_name_is_a_mistake(name: str):
    with pytest.raises(ConfigurationError, match="--name"):
        state.recall(name)


def test_folders_are_private(runtime: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(runtime / "cache"))

    assert state.runtime_folder().stat().st_mode & 0o777 == 0o700
    cache = state.cache_folder()
    assert cache is not None
    assert cache.stat().st_mode & 0o777 == 0o700


def test_a_folder_others_can_write_to_is_not_trusted(runtime: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(runtime / "temporary"))
    for folder in (runtime / "stocktake", runtime / "temporary" / f"stocktake-{os.getuid()}"):
        folder.mkdir(parents=True)
        folder.chmod(0o777)

    with pytest.raises(ConfigurationError, match="no other user can write to"):
        state.runtime_folder()


def test_without_a_runtime_folder_the_temporary_one_serves(runtime: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(runtime))

    assert state.runtime_folder() == runtime / f"stocktake-{os.getuid()}"


def test_looking_for_a_lab_imports_nothing_heavy():
    """Every run of Stocktake does it."""
    code = """
import sys, stocktake.support.lab
assert stocktake.support.lab.running() is None
print(" ".join(sorted(set(sys.modules) & {"yaml", "requests", "openstack", "rich", "hamcrest", "nova", "sqlalchemy"})))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.split() == []
