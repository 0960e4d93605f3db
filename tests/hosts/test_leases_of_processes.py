"""Leases of several processes: seen by all of them, and gone with the process that held them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hamcrest import is_
from stocktake.support.errors import CloudError
from stocktake.support.hosts.leases import Leases
from stocktake.support.waiting import eventually

HOSTS = ["alpha", "beta", "gamma"]


HOLDER = """
import sys
from stocktake.support.hosts.leases import Leases
url, cloud, count, *hosts = sys.argv[1:]
lease = Leases(url, cloud).acquire(int(count), hosts, within=30)
print(*lease.hosts, flush=True)
sys.stdin.readline()
lease.release()
print("released", flush=True)
sys.stdin.readline()
"""


def start(program, *arguments, **pipes):
    """Start a Python program that reads lines and prints some."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        **pipes,
    )


@pytest.fixture
def hold(url):
    """Starts processes that lease hosts and hold them until a line is written to them."""
    processes = []

    def begin(count, *hosts, cloud="cloud"):
        processes.append(start(HOLDER, url, cloud, str(count), *hosts))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def hosts_of(process):
    return process.stdout.readline().split()


def test_others_that_wait_for_hosts_are_seen(url, hold):
    leases = Leases(url, "cloud")
    assert not leases.others_wait()
    with leases.acquire(1, ["alpha"], within=0):
        waiting = hold(1, "alpha")
        eventually(leases.others_wait, is_(True), within=20, what="the other process to wait")
    assert hosts_of(waiting) == ["alpha"]
    assert not leases.others_wait()


def test_another_process_sees_the_lease(url, hold):
    other = hold(2, *HOSTS)
    assert hosts_of(other) == ["alpha", "beta"]
    with Leases(url, "cloud").acquire(1, HOSTS, within=0) as lease:
        assert lease.hosts == ("gamma",)
    other.stdin.write("\n")
    other.stdin.flush()
    assert other.stdout.readline() == "released\n"
    Leases(url, "cloud").acquire(3, HOSTS, within=0).release()


def test_killed_process_holds_nothing(url, hold):
    other = hold(3, *HOSTS)
    assert hosts_of(other) == HOSTS
    with pytest.raises(CloudError):
        Leases(url, "cloud").acquire(1, HOSTS, within=0)
    other.send_signal(signal.SIGKILL)
    with Leases(url, "cloud").acquire(3, HOSTS, within=10) as lease:
        assert lease.waited < 5


FORGETFUL = """
import sys
from stocktake.support.hosts.leases import Leases
from stocktake.support.errors import CloudError
ours = Leases(sys.argv[1], "cloud")
try:
    ours.acquire(1, ["alpha"], within=0)
except CloudError:
    print("busy", flush=True)
sys.stdin.readline()
kept = ours.acquire(1, ["alpha"], within=10)
"""


def test_process_that_ends_with_a_lease_says_nothing_of_it(url):
    with Leases(url, "cloud").acquire(1, ["alpha"], within=0):
        process = start(FORGETFUL, url, stderr=subprocess.PIPE)
        assert process.stdout.readline() == "busy\n"
    assert process.communicate("\n") == ("", "")
    Leases(url, "cloud").acquire(1, ["alpha"], within=0).release()


def test_process_killed_while_it_waits_leaves_neither_hosts_nor_its_place(url, hold):
    with Leases(url, "cloud").acquire(1, ["beta"], within=0):
        waiter = hold(2, "alpha", "beta")

        def alpha_is_held_by_the_waiter():
            try:
                Leases(url, "cloud").acquire(1, ["alpha"], within=0).release()
            except CloudError:
                return True
            return False

        eventually(alpha_is_held_by_the_waiter, is_(True), within=20, what="the waiter to gather")
        waiter.send_signal(signal.SIGKILL)
        Leases(url, "cloud").acquire(1, ["alpha"], within=10).release()


def test_child_process_does_not_keep_its_parents_lease(url, hold):
    lease = Leases(url, "cloud").acquire(1, ["alpha"], within=0)
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        lease.release()
        other = hold(1, "alpha")
        assert hosts_of(other) == ["alpha"]
        child.kill()


def test_lock_survives_the_collection_of_another_leases_object(url, hold):
    """File locks end when any descriptor of the file is closed in the process; here none is."""
    other = hold(1, "alpha")
    assert hosts_of(other) == ["alpha"]
    failed = Leases(url, "cloud")
    with pytest.raises(CloudError):
        failed.acquire(1, ["alpha"], within=0)
    other.kill()
    with Leases(url, "cloud").acquire(1, ["alpha"], within=10):
        del failed
        third = hold(1, "alpha", "beta")
        assert hosts_of(third) == ["beta"]
