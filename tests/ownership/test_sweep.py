"""Sweeping: only dead runs, only what carries their mark, in the right order, as often as one likes."""

from datetime import timedelta

import pytest
from stocktake.support.errors import CloudError
from stocktake.support.ownership.in_flight import IN_FLIGHT
from stocktake.support.ownership.journal import FORMAT, Journal, find_journals
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.sweep import sweep, sweep_marked

from tests.ownership.sweeping import AUTH_URL, MARK, THIS_CLOUD, dead_journal, left_in, said


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
