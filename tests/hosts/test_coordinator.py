"""Leases through real coordinators, etcd and Redis: kept while their holder lives, and not believed in when lost."""

import signal
import subprocess
import sys

import pytest
from hamcrest import contains_string, is_
from stocktake.support.errors import CloudError
from stocktake.support.hosts.coordinator import locks_of
from stocktake.support.hosts.leases import Leases
from stocktake.support.waiting import eventually

from tests.hosts.coordinators import PATIENCE, Etcd, Redis

LIFETIME = 4  # seconds that a lock is kept for at a time


@pytest.fixture(params=[Etcd, Redis])
def service(request, tmp_path, unavailable):
    """A coordinator that has just been started, and with which the test's own process has locks."""
    running = request.param(tmp_path, unavailable, LIFETIME)
    running.start()
    locks = locks_of(running.url)
    yield running
    locks.close()
    running.stop()


OTHER = """
import sys
from stocktake.support.errors import CloudError
from stocktake.support.hosts.leases import Leases
for line in sys.stdin:
    word, *arguments = line.split()
    try:
        if word == "acquire":
            lease = Leases(sys.argv[1], "cloud").acquire(1, arguments[1:] or ["alpha"], within=float(arguments[0]))
            print("alpha is ours", flush=True)
        elif word == "check":
            lease.check()
            print("alpha is still ours", flush=True)
        else:
            lease.release()
            print("released", flush=True)
    except CloudError as error:
        print(error, flush=True)
"""


class Other:
    """Another process, which does one thing at a time, and says what came of it."""

    def __init__(self, url):
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def heard(self):
        return self.process.stdout.readline().strip()

    def does(self, line):
        self.tell(line)
        return self.heard()


@pytest.fixture
def other(service):
    """Another process with the same coordinator."""
    other = Other(service.url)
    with other.process:
        yield other
        other.process.kill()


def complaint(lease):
    """Return what checking a lease says; nothing while it holds."""
    try:
        lease.check()
    except CloudError as error:
        return str(error)
    return ""


def test_lease_is_kept_for_as_long_as_its_holder_lives(service, other):
    """Tooz's driver of etcd says that its locks do not expire; they do, unless somebody beats its heart."""
    with Leases(service.url, "cloud").acquire(1, ["alpha"], within=0) as lease:
        assert "alpha leased by others" in other.does(f"acquire {2 * LIFETIME}")
        assert complaint(lease) == ""
    assert other.does("acquire 5") == "alpha is ours"


def test_lease_of_a_process_that_was_killed_ends_by_itself(service, other):
    assert other.does("acquire 0") == "alpha is ours"
    other.process.kill()
    Leases(service.url, "cloud").acquire(1, ["alpha"], within=3 * LIFETIME).release()


def test_process_that_was_stopped_for_too_long_learns_that_it_has_lost_its_lease(service, other):
    assert other.does("acquire 0") == "alpha is ours"
    other.process.send_signal(signal.SIGSTOP)
    with Leases(service.url, "cloud").acquire(1, ["alpha"], within=3 * LIFETIME) as lease:
        other.process.send_signal(signal.SIGCONT)
        assert other.does("check").startswith(
            "the scenario stops, because another may be using what it has leased: the coo"
        )
        assert other.does("release") == "released"
        assert complaint(lease) == ""


def test_coordinator_that_stops_in_mid_run_costs_the_lease_and_leaves_nothing_held(service, other):

    def is_free():
        try:
            Leases(service.url, "cloud").acquire(1, ["alpha"], within=0).release()
        except CloudError:
            return False
        return True

    assert other.does("acquire 0") == "alpha is ours"
    assert not is_free()
    service.stop()
    said = eventually(
        lambda: other.does("check"),
        contains_string("lease"),
        within=PATIENCE,
        what="the lost lease to be noticed",
    )
    assert f"the coordinator of leases, {service.address}, did not answer for " in said
    assert other.does("release") == "released"
    assert f"the coordinator of leases, {service.address}, did not answer for " in other.does("acquire 0")
    service.start()
    eventually(is_free, is_(True), within=PATIENCE, what="alpha to be free again")  # though the other process lives on


@pytest.mark.parametrize("service", [Etcd], indirect=True)  # tooz's driver of Redis tries for a minute or two
def test_process_ends_though_its_coordinator_is_gone(service, other):
    assert other.does("acquire 0") == "alpha is ours"
    service.stop()
    assert f"the coordinator of leases, {service.address}, failed: " in other.does("acquire 1 beta")
    other.process.stdin.close()
    assert other.process.wait(PATIENCE) == 0
    service.start()
