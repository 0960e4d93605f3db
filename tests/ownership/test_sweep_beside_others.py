"""Sweeping beside others: on hosts that they may use, and of a run that another process is undoing."""

from datetime import timedelta

import pytest
from stocktake.support.hosts.leases import Leases
from stocktake.support.ownership.journal import OldJournal
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.sweep import sweep, sweep_marked

from tests.ownership.sweeping import MARK, dead_journal, left_in, said


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
