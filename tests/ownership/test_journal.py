"""The mark and the journal: what they say, and what survives of them."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stocktake.support.errors import ConfigurationError
from stocktake.support.ownership.journal import KINDS, Journal, Mark, OldJournal, find_journals, journals_folder

MARK = Mark("0t5k2m1abcde")


@pytest.fixture
def journal(tmp_path):
    with Journal(MARK, cloud="lab", auth_url="http://127.0.0.1:5000/v3", folder=tmp_path) as journal:
        yield journal


def left_in(journal):
    """What somebody else reads of a journal: (kind, name, id) of its entries."""
    return [(entry.kind, entry.name, entry.id) for entry in OldJournal(journal.path).entries]


# --- the mark


def test_mark_in_names_traits_and_metadata():
    assert MARK.name("web") == "stocktake-0t5k2m1abcde-web"
    assert MARK.trait("gold disk") == "CUSTOM_STOCKTAKE_0T5K2M1ABCDE_GOLD_DISK"
    assert MARK.owns(MARK.id())
    assert MARK.id() != MARK.id()
    assert MARK.metadata == {"stocktake": "0t5k2m1abcde"}


@given(what=st.text(max_size=30))
def test_mark_is_read_back_from_everything_it_is_on(what):
    mark = Mark.new()
    for name in (mark.name(what), mark.trait(what)):
        assert Mark.of(name) == mark
        assert mark.owns(name)
        assert not MARK.owns(name)


@pytest.mark.parametrize(
    "name",
    [
        "web",
        "",
        "stocktake",
        "stocktake-web",
        "stocktake-0t5k2m1abcd-web",  # a digit short
        "stocktake-0t5k2m1abcdef-web",  # one too many
        "my-stocktake-0t5k2m1abcde-web",
        "Stocktake-0t5k2m1abcde-web",
        "CUSTOM_STOCKTAKE",
        "CUSTOM_STOCKTAKE_GOLD",
        "CUSTOM_STOCKTAKE_0t5k2m1abcde_GOLD",
    ],
)
def test_names_of_others_carry_no_mark(name):
    assert Mark.of(name) is None
    assert not MARK.owns(name)


def test_nothing_is_owned_without_a_name():
    assert not MARK.owns(None)


def test_new_marks_differ_and_tell_when():
    marks = {Mark.new() for _ in range(100)}
    assert len(marks) == 100
    assert all(timedelta(0) <= datetime.now(UTC) - mark.began < timedelta(seconds=10) for mark in marks)


@pytest.mark.parametrize("run", ["", "ABCDEFGHIJKL", "0t5k2m1abcd", "0t5k2m1abcde\n", "../../../../e"])
def test_mark_that_is_none_is_refused(run):
    with pytest.raises(ValueError, match="is not the name of a run"):
        Mark(run)


# --- the journal


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


def test_kind_nobody_could_undo_is_refused(journal):
    with pytest.raises(ValueError, match='"serverr" is nothing a journal knows'):
        journal.note("serverr", "x")
    assert "server" in KINDS


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
    with pytest.raises(ConfigurationError, match=r"the journal .*nowhere/0t5k2m1abcde-.* cannot be made"):
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


def test_process_number_that_was_given_again_is_another_process(tmp_path):
    lines = [
        {"journal": 1, "run": MARK.run, "cloud": "lab", "auth_url": "", "machine": os.uname().nodename,
         "pid": os.getpid(), "birth": "another boot 1"},
        {"entry": 1, "kind": "server", "name": "a", "id": None, "mark": MARK.run, "at": "2026-01-01T00:00:00+00:00",
         "details": {}},
    ]  # fmt: skip
    path = tmp_path / "x.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    old = OldJournal(path)
    assert old.claim()
    old.strike(old.entries[0])
    assert OldJournal(path).entries == []


WRITER = """
import sys, pathlib
from stocktake.support.ownership.journal import Journal, Mark
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
