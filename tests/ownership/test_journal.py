"""The journal: what it says, and what survives of it."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from hamcrest import equal_to
from stocktake.support.errors import ConfigurationError
from stocktake.support.ownership.journal import Journal, OldJournal, find_interrupted, find_journals, journals_folder
from stocktake.support.ownership.mark import Mark
from stocktake.support.waiting import eventually

MARK = Mark("0t5k2m1abcde")


@pytest.fixture
def journal(tmp_path):
    with Journal(MARK, cloud="lab", auth_url="http://127.0.0.1:5000/v3", folder=tmp_path) as journal:
        yield journal


def left_in(journal):
    """What somebody else reads of a journal: (kind, name, id) of its entries."""
    return [(entry.kind, entry.name, entry.id) for entry in OldJournal(journal.path).entries]


def test_entry_is_on_disk_before_the_thing_exists_and_struck_after_it_is_gone(journal):
    entry = journal.note("flavor", MARK.name("small"), id="42", ram=512)
    assert left_in(journal) == [("flavor", MARK.name("small"), "42")]
    journal.strike(entry)
    journal.strike(entry)
    assert left_in(journal) == []
    assert journal.entries == []


def test_entry_keeps_what_undoing_needs(journal):
    other = Mark.new()
    journal.note("provider-trait", "CUSTOM_X", mark=other, provider="uuid-1")
    (entry,) = OldJournal(journal.path).entries
    assert entry.details == {"provider": "uuid-1"}
    assert entry.mark == other.run
    assert abs(datetime.now(UTC) - entry.at) < timedelta(seconds=10)
    assert OldJournal(journal.path).marks == {MARK, other}


def test_id_is_remembered_once_it_is_known(journal):
    entry = journal.note("server", MARK.name("web"))
    journal.identify(entry, "uuid-1")
    assert entry.id == "uuid-1"
    assert left_in(journal) == [("server", MARK.name("web"), "uuid-1")]


def test_cloud_is_remembered_once(journal):
    assert OldJournal(journal.path).cloud_id is None
    journal.belongs_to(lambda: "a-cloud")
    journal.belongs_to(lambda: pytest.fail("asked again"))
    assert OldJournal(journal.path).cloud_id == "a-cloud"


def test_journal_is_private_and_goes_when_nothing_is_left(tmp_path):
    with Journal(MARK, cloud="lab", auth_url="http://127.0.0.1", folder=tmp_path) as journal:
        assert journal.path.stat().st_mode & 0o777 == 0o600
        journal.strike(journal.note("server", "a"))
    assert list(tmp_path.iterdir()) == []
    journal.close()  # again


def test_journal_with_something_left_stays(tmp_path):
    with Journal(MARK, cloud="lab", auth_url="http://127.0.0.1", folder=tmp_path) as journal:
        journal.note("server", "a")
    (old,) = find_journals(tmp_path)
    assert (old.run, old.cloud, old.auth_url) == (MARK.run, "lab", "http://127.0.0.1")
    assert f"process {os.getpid()} on " in old.where


def test_journal_of_a_cloud_that_is_gone_can_be_discarded(tmp_path):
    journal = Journal(MARK, cloud="lab", auth_url="http://127.0.0.1", folder=tmp_path)
    journal.note("server", "a")
    journal.discard()
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"the journal .*nowhere/0t5k2m1abcde-.* cannot be created"):
        Journal(MARK, cloud="lab", auth_url="", folder=tmp_path / "nowhere")


# --- what is found later


def test_journals_default_to_the_users_state_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with Journal(MARK, cloud="lab", auth_url="") as journal:
        assert journal.mark == MARK
        assert journal.path.parent == tmp_path / "stocktake" / "journals"
        assert [old.path for old in find_journals()] == [journal.path]


def test_journals_of_a_cloud_with_a_folder_of_its_own_are_there(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))
    folder = journals_folder(tmp_path / "cloud")
    assert folder == tmp_path / "cloud" / "journals"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not (tmp_path / "user").exists()


def test_every_prefix_of_a_journal_can_be_read(journal, tmp_path):
    """Whatever moment the process was killed at, and wherever in a line, what was written before counts."""
    entry = journal.note("server", MARK.name("w\u00e9b"))
    journal.identify(entry, "uuid-1")
    journal.note("flavor", MARK.name("small"))
    journal.strike(entry)
    content = journal.path.read_bytes()
    seen = []
    for length in range(len(content) + 1):
        (tmp_path / "torn").write_bytes(content[:length])
        seen.append(tuple(left_in(Torn(tmp_path / "torn"))))
    assert list(dict.fromkeys(seen)) == [
        (),
        (("server", MARK.name("w\u00e9b"), None),),
        (("server", MARK.name("w\u00e9b"), "uuid-1"),),
        (("server", MARK.name("w\u00e9b"), "uuid-1"), ("flavor", MARK.name("small"), None)),
        (("flavor", MARK.name("small"), None),),
    ]


class Torn:
    def __init__(self, path):
        self.path = path


def test_lines_that_say_nothing_are_passed_over(journal):
    journal.note("server", "a")
    with journal.path.open("a") as file:
        file.write('[1, 2]\n"x"\n{"struck": 99}\n{"other": 1}\n{"entry": 5}\n\n')
    journal.note("server", "b")
    assert [name for _, name, _ in left_in(journal)] == ["a", "b"]


def test_journal_of_a_living_process_cannot_be_claimed(journal, tmp_path):
    (old,) = find_journals(tmp_path)
    assert not old.claim()


def test_journal_of_this_living_process_is_known_by_it_even_without_locks(journal, tmp_path, monkeypatch):
    monkeypatch.setattr("stocktake.support.ownership.journal._lock", lambda file: True)
    (old,) = find_journals(tmp_path)
    assert not old.claim()


def written_by(folder, **process):
    """A journal with one entry that a process of this machine has written."""
    lines = [
        {"journal": 2, "run": MARK.run, "cloud": "lab", "auth_url": "", "machine": os.uname().nodename, **process},
        {"entry": 1, "kind": "server", "name": "a", "id": None, "mark": MARK.run, "at": "2026-01-01T00:00:00+00:00",
         "details": {}},
    ]  # fmt: skip
    path = folder / "x.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return OldJournal(path)


@pytest.mark.parametrize("birth", [1000.5, "another boot 1", None])
def test_process_number_that_was_given_again_is_another_process(tmp_path, birth):
    old = written_by(tmp_path, pid=os.getpid(), birth=birth)
    assert old.claim()
    old.strike(old.entries[0])
    assert OldJournal(old.path).entries == []


def test_process_is_known_again_after_the_clock_was_set(tmp_path):
    assert not written_by(tmp_path, pid=os.getpid(), birth=psutil.Process().create_time() + 20).claim()


def test_process_that_is_dead_and_not_yet_reaped_is_dead(tmp_path):
    with subprocess.Popen(["true"]) as process:
        birth = psutil.Process(process.pid).create_time()
        eventually(
            lambda: psutil.Process(process.pid).status(), equal_to("zombie"), within=5, what="the process to end"
        )
        assert written_by(tmp_path, pid=process.pid, birth=birth).claim()


WRITER = """
import sys, pathlib
from stocktake.support.ownership.journal import Journal
from stocktake.support.ownership.mark import Mark
journal = Journal(Mark.new(), cloud="lab", auth_url="", folder=pathlib.Path(sys.argv[1]))
journal.note("server", "a")
print("in", flush=True)
sys.stdin.readline()
"""


def test_killed_process_leaves_a_journal_that_one_sweep_can_claim(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdout.readline() == "in\n"
        (old,) = find_journals(tmp_path)
        assert not old.claim()
        process.send_signal(signal.SIGKILL)
    assert old.claim()
    assert [entry.name for entry in old.entries] == ["a"]
    (again,) = find_journals(tmp_path)
    assert not again.claim()
    old.release()
    assert again.claim()
    again.remove()
    again.release()
    assert not old.claim() if old.path.exists() else True
    assert find_journals(tmp_path) == []


class TestInterruptedRuns:
    def test_are_those_of_dead_processes_that_left_something(self, tmp_path):
        with subprocess.Popen([sys.executable, "-c", LEFT_BEHIND, str(tmp_path)], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            assert find_interrupted(tmp_path) == []
            process.kill()
        (found,) = find_interrupted(tmp_path)
        assert found.hosts == ["cmp-1", "cmp-2"]

    def test_are_found_while_a_sweep_undoes_what_they_left(self, tmp_path):
        with subprocess.Popen([sys.executable, "-c", LEFT_BEHIND, str(tmp_path)], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            process.kill()
        (sweeping,) = find_journals(tmp_path)
        assert sweeping.claim()
        assert find_interrupted(tmp_path)
        for entry in list(sweeping.entries):
            sweeping.strike(entry)
        assert find_interrupted(tmp_path) == []
        sweeping.release()

    @pytest.mark.parametrize("other", [{"machine": "another"}, {"pids": "pid:[1]"}])
    def test_of_other_machines_and_containers_are_not_judged(self, journal, tmp_path, other):
        journal.note("server", "web")
        lines = journal.path.read_text().splitlines()
        header = {**json.loads(lines[0]), "pid": 2**22, **other}
        journal.path.write_text("\n".join([json.dumps(header), *lines[1:]]) + "\n")
        assert find_interrupted(tmp_path) == []

    @pytest.mark.parametrize("line", ["", '{"jour'])
    def test_are_none_of_those_killed_before_they_had_begun(self, tmp_path, line):
        (tmp_path / "run-1.ndjson").write_text(line)
        assert find_interrupted(tmp_path) == []


LEFT_BEHIND = """
import sys, time
from pathlib import Path
from stocktake.support.ownership.journal import Journal
from stocktake.support.ownership.mark import Mark
journal = Journal(Mark.new(), cloud="lab", auth_url="http://127.0.0.1:5000/v3", folder=Path(sys.argv[1]))
journal.note("flavor", "small")
journal.note("provider-trait", "CUSTOM_X", hosts=["cmp-2", "cmp-1"])
print("noted", flush=True)
time.sleep(60)
"""


def test_what_was_interrupted_before_it_began_is_not_left_to_the_sweep(journal, monkeypatch):
    def interrupt(_file):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fdatasync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        journal.note("server", "web")
    assert journal.entries == []
