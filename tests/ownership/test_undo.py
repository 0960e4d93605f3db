"""Undoing: latest first, whatever happens, and in the journal before anything is done."""

import pytest
from stocktake.support.hosts.control import NotDone
from stocktake.support.ownership.journal import Journal, Mark, find_journals
from stocktake.support.ownership.undo import Undoing


@pytest.fixture
def journal(tmp_path):
    with Journal(Mark.new(), cloud="double", auth_url="http://keystone", folder=tmp_path) as journal:
        yield journal


@pytest.fixture
def undoing(journal):
    return Undoing(journal)


def on_disk(tmp_path):
    """What a sweep would find if this process died now."""
    (journal,) = find_journals(tmp_path)
    return [(entry.kind, entry.name, entry.id) for entry in journal.entries]


def test_the_journal_knows_before_it_happens(undoing, tmp_path):
    with undoing.after("server", "web", print, id=None):
        assert on_disk(tmp_path) == [("server", "web", None)]


def test_the_journal_learns_the_id(undoing, tmp_path):
    with undoing.after("server", "web", print) as entry:
        undoing.identify(entry, "web-id")
    assert on_disk(tmp_path) == [("server", "web", "web-id")]


def test_details_are_for_the_sweep(undoing, tmp_path):
    with undoing.after("provider-trait", "CUSTOM_X", print, provider="a-provider"):
        pass
    (journal,) = find_journals(tmp_path)
    assert journal.entries[0].details == {"provider": "a-provider"}


def test_the_latest_is_undone_first(undoing, tmp_path):
    undone = []
    for name in ("flavor", "server", "image"):
        with undoing.after(name, name, lambda name=name: undone.append(name)):
            pass
    assert undoing.undo_all() == []
    assert undone == ["image", "server", "flavor"]
    assert on_disk(tmp_path) == []


def test_what_failed_halfway_is_undone_too(undoing):
    undone = []
    with pytest.raises(RuntimeError), undoing.after("server", "web", lambda: undone.append("web")):
        raise RuntimeError
    undoing.undo_all()
    assert undone == ["web"]


def test_what_was_not_even_begun_is_not_undone(undoing, tmp_path):
    with pytest.raises(NotDone), undoing.after("option", "x", lambda: pytest.fail("undone")):
        raise NotDone("the control cannot be reached", "correct its address")
    assert on_disk(tmp_path) == []
    assert undoing.undo_all() == []


def test_what_cannot_be_undone_is_told_and_stays_for_the_sweep(undoing, tmp_path):
    undone = []
    with undoing.after("flavor", "small", lambda: undone.append("small")), undoing.after("server", "web", fail):
        pass
    assert undoing.undo_all() == ["server web is left behind: Placement is away"]
    assert undone == ["small"]
    assert on_disk(tmp_path) == [("server", "web", None)]


def fail():
    raise LookupError("Placement is away")


def test_what_undoing_starts_is_undone_as_well(undoing):
    """Bringing a host back may note something of its own."""
    undone = []

    def undo():
        with undoing.after("option", "later", lambda: undone.append("later")):
            undone.append("first")

    with undoing.after("host-stopped", "cmp-1", undo):
        pass
    undoing.undo_all()
    assert undone == ["first", "later"]


def test_undoing_twice_does_nothing(undoing):
    undone = []
    with undoing.after("server", "web", lambda: undone.append("web")):
        pass
    undoing.undo_all()
    assert undoing.undo_all() == []
    assert undone == ["web"]
