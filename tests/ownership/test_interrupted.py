"""Interrupted runs: undone, and said, before anybody uses their hosts; left alone while they live."""

import json
import os
import socket
from types import SimpleNamespace

import pytest
from stocktake.support.errors import CloudError, InterruptedRun, Unverified
from stocktake.support.hosts.leases import Leases
from stocktake.support.ownership import interrupted as module
from stocktake.support.ownership.interrupted import InterruptedRuns
from stocktake.support.ownership.journal import Journal, OldJournal, find_interrupted
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.sweep import Swept

HOSTS = ["cmp-1", "cmp-2"]
OWN = Mark("0t5k2m1abcde")
NO_PROCESS = 2**22 + 1  # larger than any process id of Linux


class World:
    """A cloud whose sweep, a double, undoes journals as it is told to."""

    def __init__(self, folder):
        self.url = f"file://{folder}/leases"
        self.folder = folder
        self.problem = None
        self.swept = []
        target = SimpleNamespace(name="staging")
        self.cloud = SimpleNamespace(
            leases=Leases(self.url, "cloud"), target=target, patience=lambda _: 0.2, session=None
        )
        self.runs = InterruptedRuns(self.cloud, OWN, folder)

    def sweep(self, cloud, journals):
        (journal,) = journals
        if not journal.claim():
            return []
        self.swept.append(journal.run)
        if self.problem is None:
            for entry in list(journal.entries):
                journal.strike(entry)
        journal.release()
        return [Swept("restore inventory of VCPU", done=self.problem is None, problem=self.problem)]

    def interrupt(self, *hosts):
        """Leave the journal of a dead process with an entry about hosts."""
        with Journal(Mark.new(), cloud="staging", auth_url="http://keystone", folder=self.folder) as journal:
            journal.note("provider-inventory", "VCPU", hosts=hosts)
        first, *rest = journal.path.read_text().splitlines()
        dead = {**json.loads(first), "pid": NO_PROCESS}
        journal.path.write_text("\n".join([json.dumps(dead), *rest]) + "\n")
        return OldJournal(journal.path)


@pytest.fixture
def world(tmp_path, monkeypatch):
    world = World(tmp_path)
    monkeypatch.setattr(module, "sweep", world.sweep)
    monkeypatch.setattr(module, "by_cloud", lambda _cloud, journals: (journals, []))
    return world


def test_hosts_of_an_interrupted_run_are_leased_once_it_is_undone(world):
    run = world.interrupt("cmp-1").run
    with pytest.warns(InterruptedRun) as said, world.runs.lease(1, HOSTS) as lease:
        assert lease.hosts == ("cmp-1",)
    assert world.swept == [run]
    assert [str(one.message) for one in said] == [
        f"run {run} (process {NO_PROCESS} on {socket.gethostname()}) was interrupted; "
        "what it left has been undone: restore inventory of VCPU"
    ]


def test_hosts_that_no_interrupted_run_has_used_are_leased_at_once(world):
    world.interrupt("cmp-2")
    with world.runs.lease(1, HOSTS) as lease:
        assert lease.hosts == ("cmp-1",)
    assert world.swept == []


def test_living_run_is_not_undone(world):
    with Journal(Mark.new(), cloud="staging", auth_url="http://keystone", folder=world.folder) as journal:
        entry = journal.note("provider-inventory", "VCPU", hosts=["cmp-1"])
        world.runs.undo()
        world.runs.lease(1, HOSTS).release()
        journal.strike(entry)
    assert world.swept == []


def test_lease_is_not_held_while_the_run_is_undone(world, monkeypatch):
    """The sweep holds the hosts itself, and may be another process."""
    world.interrupt("cmp-1")

    def sweep(cloud, journals):
        Leases(world.url, "cloud").acquire(1, ["cmp-1"], within=0).release()
        return world.sweep(cloud, journals)

    monkeypatch.setattr(module, "sweep", sweep)
    with pytest.warns(InterruptedRun):
        world.runs.lease(1, HOSTS).release()


def test_host_on_which_something_cannot_be_undone_is_not_used(world):
    world.interrupt("cmp-1")
    world.problem = "the placement API did not answer"
    with pytest.warns(InterruptedRun, match="could not be undone: the placement API"), pytest.raises(Unverified) as why:
        world.runs.lease(1, HOSTS)
    assert str(why.value) == (
        "an interrupted run has left something on cmp-1: the placement API did not answer; "
        "run stocktake sweep --cloud=staging"
    )
    with pytest.raises(Unverified):  # it is not tried again by each scenario, but when the run has been swept
        world.runs.lease(1, HOSTS)
    assert len(world.swept) == 1
    (journal,) = find_interrupted(world.folder)
    world.problem = None
    world.sweep(world.cloud, [journal])
    world.runs.lease(1, HOSTS).release()


def test_sweep_of_another_process_is_waited_for_as_long_as_allowed(world):
    journal = world.interrupt("cmp-1")
    assert journal.claim()
    with (
        pytest.warns(InterruptedRun),
        pytest.raises(Unverified, match="on cmp-1: another process has not finished undoing it; run stocktake sweep"),
    ):
        world.runs.lease(1, HOSTS)
    journal.release()
    assert world.swept == []


def test_run_that_is_undone_at_the_start_brings_back_hosts_before_they_are_counted(world):
    world.interrupt("cmp-1")
    world.interrupt("cmp-2")
    with pytest.warns(InterruptedRun):
        world.runs.undo()
    assert len(world.swept) == 2


def test_sweep_that_fails_is_reported_and_ends_nothing(world, monkeypatch):
    world.interrupt("cmp-1")

    def fail(_cloud, _journals):
        raise CloudError("Keystone did not answer")

    monkeypatch.setattr(module, "sweep", fail)
    with pytest.warns(InterruptedRun, match="could not be undone: Keystone did not answer"):
        world.runs.undo()


def test_run_whose_journal_is_elsewhere_is_reported_once(world):
    other = Mark("0t5k2m2abcde")
    traits = {"HW_CPU_X86_VMX", OWN.trait("scenario 1"), other.trait("scenario 1")}
    with pytest.warns(InterruptedRun) as said:
        world.runs.warn_of_others(traits, "p-1")
    world.runs.warn_of_others(traits, "p-2")
    assert [str(one.message) for one in said] == [
        f"run {other.run} was interrupted on resource provider p-1, or is using it without the same coordinator: "
        "run stocktake sweep --cloud=staging on the machine of that run, or with --marked here"
    ]


def test_process_of_the_tests_is_alive(world):
    """The double of a dead process would prove nothing if every process were taken for dead."""
    with Journal(Mark.new(), cloud="staging", auth_url="http://keystone", folder=world.folder) as journal:
        journal.note("provider-inventory", "VCPU", hosts=["cmp-1"])
        assert json.loads(journal.path.read_text().splitlines()[0])["pid"] == os.getpid()
        assert find_interrupted(world.folder) == []
