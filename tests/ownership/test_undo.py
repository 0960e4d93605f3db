"""Undoing: latest first, whatever happens, and in the journal before anything is done."""

from types import SimpleNamespace

import pytest
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError, NotDone
from stocktake.support.ownership import undo as module
from stocktake.support.ownership.in_flight import IN_FLIGHT
from stocktake.support.ownership.journal import Journal, find_journals
from stocktake.support.ownership.kinds.kind import Kind, Leaked, Leftover
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.undo import Undoing


@pytest.fixture
def journal(tmp_path):
    with Journal(Mark.new(), cloud="double", auth_url="http://keystone", folder=tmp_path) as journal:
        yield journal


@pytest.fixture
def undoing(journal, monkeypatch):
    monkeypatch.setattr(module, "cloud_id", lambda _session: "endpoint 1")
    return Undoing(journal, SimpleNamespace(session=None))


def kind(name, remove, finish=lambda _entry: None, each=("",)):
    """A kind whose things are undone by `remove`, and awaited by `finish`, both told the entry and one of `each`."""

    def find(_cloud, entry):
        return [
            Leftover("delete", f"{entry.name}{one}", lambda one=one: remove(entry, one), finish=lambda: finish(entry))
            for one in each
        ]

    return Kind(name, find)


@pytest.fixture
def undone():
    """The names of what was undone, in order."""
    return []


@pytest.fixture
def anything(undone):
    """A kind that is undone without trouble."""
    return kind("server", lambda entry, one: undone.append(entry.name + one))


def test_hosts_of_the_scenario_are_noted_where_undoing_changes_them(undoing, journal):
    undoing.hosts = ("cmp-1", "cmp-2")
    for on_hosts in (False, True):
        with undoing.after(Kind("thing", lambda _cloud, _entry: [], on_hosts=on_hosts), "web"):
            pass
    assert [entry.hosts for entry in journal.entries] == [(), ("cmp-1", "cmp-2")]


@pytest.mark.parametrize(("interrupts", "left"), [(1, []), (2, ["web", "small"])])
def test_clean_up_that_is_interrupted_once_is_completed_first(undoing, journal, undone, interrupts, left):
    again = [KeyboardInterrupt] * interrupts

    def remove(entry, _one):
        if again and entry.name == "web":
            raise again.pop()
        undone.append(entry.name)

    for name in ("small", "web"):
        with undoing.after(kind("server", remove), name):
            pass
    with pytest.raises(KeyboardInterrupt):
        undoing.undo_all()
    assert sorted({"web", "small"} - set(undone), reverse=True) == left
    assert [entry.name for entry in journal.entries] == left[::-1]


@pytest.fixture
def restarting(undone, fake_clock):
    """A kind whose removal Ctrl-C interrupts while the cloud goes on with it: for that time it refuses another one."""
    began = []

    def make(seconds):
        def remove(entry, _one):
            if not began:
                began.append(fake_clock.now())
                raise KeyboardInterrupt
            if fake_clock.now() < began[0] + seconds:
                raise CloudError("it is being started")
            undone.append(entry.name)

        return kind("host-stopped", remove)

    return make


@pytest.fixture
def interrupted(journal, monkeypatch, fake_clock, restarting):
    """Undoes a host whose restart goes on for so many seconds after Ctrl-C, and returns what Ctrl-C then says."""
    monkeypatch.setattr(module, "cloud_id", lambda _session: "endpoint 1")

    def undo(seconds):
        undoing = Undoing(journal, SimpleNamespace(session=None), fake_clock)
        with undoing.after(restarting(seconds), "cmp-1"):
            pass
        with pytest.raises(KeyboardInterrupt) as raised:
            undoing.undo_all()
        return str(raised.value)

    return undo


def test_what_the_cloud_goes_on_with_after_ctrl_c_is_undone_afterwards(interrupted, journal, undone, fake_clock):
    assert interrupted(4) == ""
    assert (undone, journal.entries) == (["cmp-1"], [])
    assert 4 <= fake_clock.waited < IN_FLIGHT


def test_ctrl_c_says_what_could_not_be_undone(interrupted, journal, undone):
    assert interrupted(2 * IN_FLIGHT) == "host-stopped cmp-1 could not be cleaned up: it is being started"
    assert (undone, [entry.name for entry in journal.entries]) == ([], ["cmp-1"])


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_what_shows_only_after_its_request_was_interrupted_is_undone(
    journal, undone, fake_clock, monkeypatch, interrupt
):
    monkeypatch.setattr(module, "cloud_id", lambda _session: "endpoint 1")
    shows = fake_clock.now() + 4

    def find(_cloud, entry):
        return [Leftover("delete", entry.name, lambda: undone.append(entry.name))] if fake_clock.now() > shows else []

    undoing = Undoing(journal, SimpleNamespace(session=None), fake_clock)
    with pytest.raises(interrupt), undoing.after(Kind("server", find), "web"):
        raise interrupt
    assert undoing.undo_all() == []
    assert undone == ["web"]
    assert 4 < fake_clock.waited < IN_FLIGHT


def test_what_failed_is_not_awaited(journal, fake_clock, monkeypatch):
    monkeypatch.setattr(module, "cloud_id", lambda _session: "endpoint 1")
    undoing = Undoing(journal, SimpleNamespace(session=None), fake_clock)
    with pytest.raises(CloudError), undoing.after(Kind("server", lambda _cloud, _entry: []), "web"):
        raise CloudError("refused")
    assert undoing.undo_all() == []
    assert fake_clock.waited == 0


def on_disk(tmp_path):
    """What a sweep would find if this process died now."""
    (journal,) = find_journals(tmp_path)
    return [(entry.kind, entry.name, entry.id) for entry in journal.entries]


def test_the_journal_knows_before_it_happens(undoing, anything, tmp_path):
    with undoing.after(anything, "web"):
        assert on_disk(tmp_path) == [("server", "web", None)]


def test_the_journal_knows_the_cloud(undoing, anything, tmp_path):
    with undoing.after(anything, "web"):
        (journal,) = find_journals(tmp_path)
    assert journal.cloud_id == "endpoint 1"


def test_the_journal_learns_the_id(undoing, anything, tmp_path):
    with undoing.after(anything, "web") as entry:
        undoing.identify(entry, "web-id")
    assert on_disk(tmp_path) == [("server", "web", "web-id")]


def test_details_are_in_the_journal(undoing, anything, tmp_path):
    with undoing.after(anything, "CUSTOM_X", provider="a-provider"):
        pass
    (journal,) = find_journals(tmp_path)
    assert journal.entries[0].details == {"provider": "a-provider"}


def test_what_the_scenario_learns_later_is_known_when_it_is_undone(undoing):
    found, consumers = [], []
    server = kind("server", lambda entry, _one: found.append(entry.details))
    with undoing.after(server, "web", learnt=lambda: {"consumers": consumers}, made="once"):
        pass
    consumers.append("uuid-1")
    undoing.undo_all()
    assert found == [{"made": "once", "consumers": ["uuid-1"]}]


def test_the_latest_is_undone_first(undoing, anything, undone, tmp_path):
    for name in ("flavor", "server", "image"):
        with undoing.after(anything, name):
            pass
    assert undoing.undo_all() == []
    assert undone == ["image", "server", "flavor"]
    assert on_disk(tmp_path) == []


def test_what_failed_halfway_is_undone_too(undoing, anything, undone):
    with pytest.raises(RuntimeError), undoing.after(anything, "web"):
        raise RuntimeError
    undoing.undo_all()
    assert undone == ["web"]


def test_what_was_not_even_begun_is_not_undone(undoing, anything, undone, tmp_path):
    with pytest.raises(NotDone), undoing.after(anything, "x"):
        raise NotDone("the control cannot be reached", "correct its address")
    assert on_disk(tmp_path) == []
    assert undoing.undo_all() == []
    assert undone == []


def test_what_the_scenario_has_undone_itself_is_not_undone_again(undoing, anything, undone, tmp_path):
    with undoing.after(anything, "host1") as entry:
        pass
    undoing.undone(entry)
    undoing.undone(entry)
    assert on_disk(tmp_path) == []
    assert undoing.undo_all() == []
    assert undone == []


def fail(_entry, _one=""):
    raise LookupError("Placement is away")


def test_what_cannot_be_undone_is_told_and_stays_for_the_sweep(undoing, anything, undone, tmp_path):
    with undoing.after(anything, "small"), undoing.after(kind("server", fail), "web"):
        pass
    assert undoing.undo_all() == ["server web could not be cleaned up: Placement is away"]
    assert undone == ["small"]
    assert on_disk(tmp_path) == [("server", "web", None)]


def test_a_cloud_that_cannot_be_asked_keeps_nothing_else(undoing, anything, undone):
    def look(_cloud, _entry):
        raise CloudError("the compute API did not answer")

    with undoing.after(anything, "small"), undoing.after(Kind("server", look), "web"):
        pass
    assert undoing.undo_all() == ["server web could not be cleaned up: the compute API did not answer"]
    assert undone == ["small"]


def test_of_several_all_others_are_undone_when_one_cannot_be(undoing, undone, tmp_path):
    def remove(entry, one):
        if one == "-1":
            raise CloudError("a timeout")
        undone.append(entry.name + one)

    with undoing.after(kind("server", remove, each=("-1", "-2", "-3")), "web"):
        pass
    assert undoing.undo_all() == ["server web could not be cleaned up: a timeout"]
    assert undone == ["web-2", "web-3"]
    assert on_disk(tmp_path) == [("server", "web", None)]


def test_a_leak_is_told_and_leaves_nothing_for_the_sweep(undoing, undone, tmp_path):
    def leak(_entry):
        raise Leaked("its migration still held something, which has been freed now")

    with undoing.after(kind("server", lambda entry, _one: undone.append(entry.name), leak), "web"):
        pass
    assert undoing.undo_all() == [
        "server web left something behind: its migration still held something, which has been freed now"
    ]
    assert undone == ["web"]
    assert on_disk(tmp_path) == []


def refusal(status=409):
    return ApiError("it is in use", service="network", method="DELETE", path="/policies/1", status=status)


def test_what_is_refused_because_of_something_else_is_undone_after_that(undoing, anything, undone, journal):
    asked = []

    def remove(entry, _one):
        asked.append(list(undone))
        if "port" not in undone:
            raise refusal()
        undone.append(entry.name)

    for name, each in (("port", anything), ("policy", kind("policy", remove)), ("network", anything)):
        with undoing.after(each, name):
            pass
    assert undoing.undo_all() == []
    assert undone == ["network", "port", "policy"]
    assert asked == [["network"], ["network", "port"]]
    assert journal.entries == []


def test_what_is_refused_again_is_told_once(undoing, anything, undone, journal):
    asked = []

    def refuse(_entry, _one):
        asked.append(list(undone))
        raise refusal()

    for name, each in (("port", anything), ("policy", kind("policy", refuse))):
        with undoing.after(each, name):
            pass
    assert undoing.undo_all() == ["policy policy could not be cleaned up: it is in use"]
    assert asked == [[], ["port"]]
    assert [entry.name for entry in journal.entries] == ["policy"]


def test_what_failed_otherwise_is_not_asked_for_again(undoing, anything, undone):
    asked = []

    def fail(_entry, _one):
        asked.append(list(undone))
        raise refusal(status=500)

    for name, each in (("port", anything), ("policy", kind("policy", fail))):
        with undoing.after(each, name):
            pass
    assert len(undoing.undo_all()) == len(asked) == 1


def test_more_may_follow_the_undoing(undoing, anything, undone):
    with undoing.after(anything, "option", then=lambda: undone.append("periodic")):
        pass
    assert undoing.undo_all() == []
    assert undone == ["option", "periodic"]


def test_what_follows_the_undoing_may_fail(undoing, anything):
    with undoing.after(anything, "option", then=lambda: fail(None)):
        pass
    assert undoing.undo_all() == ["server option could not be cleaned up: Placement is away"]


def test_what_undoing_starts_is_undone_as_well(undoing, anything, undone):
    """Bringing a host back may note something of its own."""

    def undo(_entry, _one):
        with undoing.after(anything, "later"):
            undone.append("first")

    with undoing.after(kind("host-stopped", undo), "cmp-1"):
        pass
    undoing.undo_all()
    assert undone == ["first", "later"]


def test_undoing_twice_does_nothing(undoing, anything, undone):
    with undoing.after(anything, "web"):
        pass
    undoing.undo_all()
    assert undoing.undo_all() == []
    assert undone == ["web"]
