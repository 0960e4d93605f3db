"""Sweeping: only dead runs, only what carries their mark, in the right order, as often as one likes."""

import json
import socket
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from stocktake.support.errors import CloudError
from stocktake.support.hosts.leases import Leases
from stocktake.support.ownership import sweep as module
from stocktake.support.ownership.journal import FORMAT, Journal, OldJournal, find_journals
from stocktake.support.ownership.kinds.kind import Kind, Leaked, Leftover
from stocktake.support.ownership.kinds.registry import KINDS
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.sweep import IN_FLIGHT, sweep, sweep_marked

AUTH_URL = "http://127.0.0.1:5000/v3"
THIS_CLOUD = "endpoint 1"
MARK = Mark("0t5k2m1abcde")
NO_PROCESS = 2**22 + 1  # larger than any process id of Linux


class World:
    """A cloud as names by kind, and what was done to it in order."""

    def __init__(self, folder):
        self.things = {kind: [] for kind in KINDS}
        self.done = []
        self.refuses = set()
        self.leaks = set()
        target = SimpleNamespace(name="lab", auth_url=AUTH_URL)
        self.patience = 0.0
        self.url = f"file://{folder}/leases"
        self.leases = Leases(self.url, "cloud")
        services = SimpleNamespace(all=lambda: [SimpleNamespace(host="cmp-1"), SimpleNamespace(host="cmp-2")])
        self.cloud = SimpleNamespace(
            session=SimpleNamespace(target=target),
            leases=self.leases,
            services=services,
            patience=lambda operation: self.patience,
        )
        self.held = []  # the hosts that others could not lease while something was undone
        self.kinds = {
            kind: Kind(kind, self.finder(kind), list_marked=self.lister(kind), on_hosts=real.on_hosts)
            for kind, real in KINDS.items()
        }
        self.look = lambda kind, name: name in self.things[kind]

    def add(self, kind, name):
        self.things[kind].append(name)
        return name

    def finder(self, kind):
        return lambda _cloud, entry: [self.leftover(kind, entry.name)] if self.look(kind, entry.name) else []

    def lister(self, kind):
        return lambda _cloud: [self.leftover(kind, name) for name in self.things[kind]]

    def is_free(self, host):
        try:
            self.leases.acquire(1, [host], within=0).release()
        except CloudError:
            return False
        return True

    def leftover(self, kind, name):
        def remove():
            if name in self.refuses:
                raise CloudError("in use")
            self.things[kind].remove(name)
            self.done.append((kind, name))
            self.held.append([host for host in ("cmp-1", "cmp-2") if not self.is_free(host)])

        def finish():
            self.done.append(("finish", name))
            if name in self.leaks:
                raise Leaked("it had left allocations")

        return Leftover(f"delete {kind}", name, remove, finish=finish)


@pytest.fixture
def world(monkeypatch, tmp_path):
    world = World(tmp_path)
    monkeypatch.setattr(module, "KINDS", world.kinds)
    monkeypatch.setattr(module, "cloud_id", lambda _session: THIS_CLOUD)
    return world


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def dead_journal(
    folder,
    *entries,
    mark=MARK,
    cloud="lab",
    auth_url=AUTH_URL,
    cloud_id=None,
    format=FORMAT,
    age=3600,
    hosts=(),
    here=False,
):
    """The journal of a process that died `age` seconds after noting these (kind, name), each on these hosts;
    a process of another machine unless `here`.
    """
    at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    lines = [{"journal": format, "run": mark.run, "cloud": cloud, "auth_url": auth_url, "machine": "here", "pid": 1}]
    if here:
        lines[0] |= {"machine": socket.gethostname(), "pid": NO_PROCESS, "birth": 1.0}
    lines += [{"cloud_id": cloud_id}] if cloud_id else []
    for number, (kind, name) in enumerate(entries, 1):
        line = {"entry": number, "kind": kind, "name": name, "id": None, "mark": mark.run, "at": at, "details": {}}
        lines.append({**line, "hosts": hosts} if hosts else line)
    path = folder / f"{mark.run}-1.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return OldJournal(path)


def left_in(journal):
    return [entry.name for entry in OldJournal(journal.path).entries] if journal.path.exists() else None


def said(swept):
    return [str(one) for one in swept]


# --- which journals, in which order


def test_everything_of_a_dead_run_is_undone_users_of_a_thing_before_it(world, folder):
    for kind in ("trait", "flavor", "server", "provider-trait", "host-stopped"):
        world.add(kind, MARK.name(kind))
    noted = ("trait", "provider-trait", "flavor", "server", "host-stopped")
    journal = dead_journal(folder, *((kind, MARK.name(kind)) for kind in noted))
    told = []
    swept = sweep(world.cloud, [journal], report=told.append)
    order = [kind for kind, _ in world.done if kind != "finish"]
    assert order == ["host-stopped", "server", "flavor", "provider-trait", "trait"]
    assert told == swept
    assert all(one.done for one in swept)
    assert left_in(journal) is None


def test_latest_goes_first_and_servers_go_side_by_side(world, folder):
    names = [world.add("server", MARK.name(f"web{number}")) for number in range(3)]
    sweep(world.cloud, [dead_journal(folder, *(("server", name) for name in names))])
    assert world.done == [("server", name) for name in reversed(names)] + [("finish", name) for name in reversed(names)]


def test_living_run_is_never_touched(world, folder):
    with Journal(MARK, cloud="lab", auth_url=AUTH_URL, folder=folder) as journal:
        journal.note("server", world.add("server", MARK.name("web")))
        assert sweep(world.cloud, find_journals(folder)) == []
        swept = sweep_marked(world.cloud, find_journals(folder), older_than=timedelta(0))
    assert swept == []
    assert world.things["server"] == [MARK.name("web")]
    assert len(left_in(journal)) == 1


@pytest.mark.parametrize(
    "about",
    [
        {"cloud": "staging"},
        {"auth_url": "https://elsewhere.example.org"},
        {"cloud_id": "endpoint 2"},  # another cloud has come to the address
        {"cloud": "staging", "auth_url": "https://elsewhere.example.org", "cloud_id": THIS_CLOUD},  # a copy of it
    ],
)
def test_journal_about_another_cloud_is_left_alone_and_reported(world, folder, about):
    journal = dead_journal(folder, ("server", world.add("server", MARK.name("web"))), **about)
    told = []
    assert sweep(world.cloud, [journal], report=told.append) == []
    assert world.things["server"]
    assert left_in(journal) == [MARK.name("web")]
    assert said(told) == [
        f"skipped 1 entry of run {MARK.run} (process 1 on here): they are about another cloud, "
        f'"{journal.cloud}" at {journal.auth_url}'
    ]


def test_journal_of_a_living_run_about_another_cloud_is_not_worth_a_word(world, folder):
    told = []
    with Journal(MARK, cloud="staging", auth_url=AUTH_URL, folder=folder) as journal:
        journal.note("server", MARK.name("web"))
        sweep(world.cloud, find_journals(folder), report=told.append)
    assert told == []


@pytest.mark.parametrize(
    "about",
    [
        {"auth_url": "http://127.0.0.1:5000"},
        {"auth_url": "http://127.0.0.1:5000/v3/"},
        {"auth_url": "https://public.example.org", "cloud_id": THIS_CLOUD},
        {"cloud": "renamed", "cloud_id": THIS_CLOUD},
    ],
)
def test_a_cloud_is_the_same_at_every_address(world, folder, about):
    journal = dead_journal(folder, ("server", world.add("server", MARK.name("web"))), **about)
    assert len(sweep(world.cloud, [journal])) == 1
    assert left_in(journal) is None


def test_journal_of_format_1_is_swept(world, folder):
    journal = dead_journal(folder, ("server", world.add("server", MARK.name("web"))), format=1)
    assert said(sweep(world.cloud, [journal])) == [f"done: delete server {MARK.name('web')}"]


@pytest.mark.parametrize(("format", "kind"), [(FORMAT + 1, "server"), (FORMAT, "moon")])
def test_what_another_version_has_noted_is_told_and_stays(world, folder, format, kind):
    world.add("server", MARK.name("web"))
    journal = dead_journal(folder, (kind, MARK.name("web")), format=format)
    assert said(sweep(world.cloud, [journal])) == [
        f"could not undo {kind} {MARK.name('web')}: run {MARK.run} used another version of Stocktake, "
        "whose sweep must undo it"
    ]
    assert left_in(journal) == [MARK.name("web")]


def test_a_leak_that_is_gone_as_well_leaves_nothing_in_the_journal(world, folder):
    leaking = world.add("server", MARK.name("web"))
    world.leaks.add(leaking)
    journal = dead_journal(folder, ("server", leaking))
    assert said(sweep(world.cloud, [journal])) == [f"done: delete server {leaking}"]
    assert left_in(journal) is None


def test_what_is_gone_already_is_struck_out_without_a_word(world, folder):
    journal = dead_journal(folder, ("server", MARK.name("web")))
    assert sweep(world.cloud, [journal]) == []
    assert left_in(journal) is None


def test_dry_run_changes_neither_cloud_nor_journal(world, folder):
    journal = dead_journal(folder, ("server", world.add("server", MARK.name("web"))), ("flavor", "gone"))
    swept = sweep(world.cloud, [journal], dry_run=True)
    assert said(swept) == [f"would delete server {MARK.name('web')}"]
    assert world.things["server"]
    assert left_in(journal) == [MARK.name("web"), "gone"]


def test_what_cannot_be_undone_stays_in_the_journal_and_the_rest_goes_on(world, folder):
    stubborn, easy = world.add("flavor", MARK.name("a")), world.add("flavor", MARK.name("b"))
    world.refuses.add(stubborn)
    journal = dead_journal(folder, ("flavor", stubborn), ("flavor", easy))
    swept = sweep(world.cloud, [journal])
    assert said(swept) == [f"done: delete flavor {easy}", f"could not delete flavor {stubborn}: in use"]
    assert left_in(journal) == [stubborn]
    world.refuses.clear()
    assert said(sweep(world.cloud, find_journals(folder))) == [f"done: delete flavor {stubborn}"]
    assert left_in(journal) is None


def test_cloud_that_cannot_be_asked_is_told_and_the_entry_stays(world, folder):
    def refuse(_kind, _name):
        raise CloudError("the compute API did not answer")

    world.look = refuse
    journal = dead_journal(folder, ("server", MARK.name("web")))
    swept = sweep(world.cloud, [journal])
    assert said(swept) == [f"could not look for server {MARK.name('web')}: the compute API did not answer"]
    assert left_in(journal) == [MARK.name("web")]


@pytest.mark.parametrize("survived", range(5))
def test_sweep_that_was_interrupted_is_completed_by_the_next(world, folder, survived):
    names = [world.add("flavor", MARK.name(f"flavor{number}")) for number in range(5)]
    journal = dead_journal(folder, *(("flavor", name) for name in names))

    def interrupt(_swept):
        if len(world.done) > 2 * survived:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(world.cloud, [journal], report=interrupt)
    sweep(world.cloud, find_journals(folder))
    assert world.things["flavor"] == []
    assert find_journals(folder) == []


def test_request_under_way_when_its_process_died_is_waited_for(world, folder, fake_clock):
    journal = dead_journal(folder, ("server", MARK.name("web")), age=1)

    def appears_after_some_seconds(kind, name):
        if fake_clock.waited > 3 and not world.done:
            world.things["server"] = [MARK.name("web")]
        return name in world.things[kind]

    world.look = appears_after_some_seconds
    swept = sweep(world.cloud, [journal], clock=fake_clock)
    assert said(swept) == [f"done: delete server {MARK.name('web')}"]


def test_request_that_had_no_effect_is_not_waited_for_long(world, folder, fake_clock):
    journal = dead_journal(folder, ("server", MARK.name("web")), age=1)
    assert sweep(world.cloud, [journal], clock=fake_clock) == []
    assert IN_FLIGHT - 2 < fake_clock.waited <= IN_FLIGHT
    assert left_in(journal) is None


def test_marked_things_without_a_journal_are_swept_when_old_enough(world, folder):
    old, young = Mark("0t5k2m1abcde"), Mark.new()
    for mark in (old, young):
        world.add("server", mark.name("web"))
        world.add("trait", mark.trait("gold"))
    world.add("server", "somebody's")
    swept = sweep_marked(world.cloud, [], older_than=timedelta(hours=1))
    assert said(swept) == [f"done: delete server {old.name('web')}", f"done: delete trait {old.trait('gold')}"]
    assert world.things["server"] == [young.name("web"), "somebody's"]


def test_marked_things_of_a_run_whose_journal_has_just_been_swept_are_swept_too(world, folder):
    journal = dead_journal(folder, mark=MARK)
    forgotten = MARK.name("forgotten")
    world.add("server", forgotten)
    journals = find_journals(folder)
    assert journals
    sweep(world.cloud, journals)
    assert not journal.path.exists()
    assert said(sweep_marked(world.cloud, journals, older_than=timedelta(0))) == [f"done: delete server {forgotten}"]


def test_journal_whose_run_ends_well_meanwhile_is_passed_over(world, folder):
    with Journal(MARK, cloud="lab", auth_url=AUTH_URL, folder=folder):
        journals = find_journals(folder)
    assert journals
    assert sweep(world.cloud, journals) == []


# --- hosts that others may use


class TestHosts:
    @pytest.fixture
    def journal(self, world, folder):
        """The journal of a run that has left an inventory changed on cmp-1."""
        changed = ("provider-inventory", world.add("provider-inventory", "VCPU"))
        return dead_journal(folder, changed, hosts=["cmp-1"])

    def test_are_leased_while_something_is_undone_on_them(self, world, journal):
        assert said(sweep(world.cloud, [journal])) == ["done: delete provider-inventory VCPU"]
        assert world.held == [["cmp-1"]]
        assert world.is_free("cmp-1")

    def test_that_others_use_are_waited_for_as_long_as_allowed_and_left_in_the_journal(self, world, journal):
        told = []
        with Leases(world.url, "cloud").acquire(1, ["cmp-1"], within=0):
            sweep(world.cloud, [journal], report=told.append)
        assert world.things["provider-inventory"] == ["VCPU"]
        assert left_in(journal) == ["VCPU"]
        assert said(told) == [
            "waiting up to 0 s for host cmp-1, because another run uses it",
            f"could not undo what run {MARK.run} left on host cmp-1: no 1 host of cmp-1 became free within 0 s: "
            "cmp-1 leased by others; it stays in the journal",
        ]

    def test_that_become_free_meanwhile_are_swept(self, world, journal):
        other = Leases(world.url, "cloud").acquire(1, ["cmp-1"], within=0)
        world.patience = 5.0
        swept = sweep(world.cloud, [journal], report=lambda _: other.release())
        assert said(swept) == ["done: delete provider-inventory VCPU"]

    def test_are_not_leased_for_a_dry_run(self, world, journal):
        with Leases(world.url, "cloud").acquire(1, ["cmp-1"], within=0):
            assert said(sweep(world.cloud, [journal], dry_run=True)) == ["would delete provider-inventory VCPU"]

    def test_of_one_run_do_not_keep_another_from_being_swept(self, world, journal, folder):
        server = world.add("server", Mark("0t5k2m2abcde").name("web"))
        other = dead_journal(folder, ("server", server), mark=Mark("0t5k2m2abcde"))
        with Leases(world.url, "cloud").acquire(1, ["cmp-1"], within=0):
            sweep(world.cloud, [journal, other])
        assert world.done == [("server", server), ("finish", server)]

    def test_are_all_leased_where_only_marks_say_what_was_changed(self, world):
        world.add("aggregate", MARK.name("east"))
        sweep_marked(world.cloud, [], older_than=timedelta(0))
        assert world.held == [["cmp-1", "cmp-2"]]

    def test_are_not_leased_where_marks_say_that_nothing_was_changed(self, world):
        world.add("flavor", MARK.name("small"))
        sweep_marked(world.cloud, [], older_than=timedelta(0))
        assert world.held == [[]]


# --- other processes that sweep


class TestRunThatAnotherProcessIsUndoing:
    @pytest.fixture
    def journal(self, world, folder):
        """The journal of a dead process of this machine, and another process' hold on it."""
        journal = dead_journal(folder, ("flavor", world.add("flavor", MARK.name("small"))), here=True)
        other = OldJournal(journal.path)
        assert other.claim()
        yield journal, other
        other.release()

    def test_is_waited_for(self, world, journal, fake_clock):
        journal, other = journal
        world.patience = 60.0
        told = []

        def undo(_said):
            told.append(_said)
            world.things["flavor"].clear()
            for entry in list(other.entries):
                other.strike(entry)
            other.remove()

        assert sweep(world.cloud, [journal], report=undo, clock=fake_clock) == []
        assert said(told) == [f"waiting up to 60 s for another process, which is undoing run {MARK.run}"]

    def test_is_taken_over_when_the_other_has_been_interrupted(self, world, journal, fake_clock):
        journal, other = journal
        world.patience = 60.0
        swept = sweep(world.cloud, [journal], report=lambda _: other.release(), clock=fake_clock)
        assert said(swept) == [f"done: delete flavor {MARK.name('small')}"]

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_is_something_left_while_that_lasts(self, world, journal, fake_clock, dry_run):
        journal, _ = journal
        swept = sweep(world.cloud, [journal], clock=fake_clock, dry_run=dry_run)
        assert said(swept) == [f"could not undo run {MARK.run}: another process is undoing it"]
        assert left_in(journal) == [MARK.name("small")]
