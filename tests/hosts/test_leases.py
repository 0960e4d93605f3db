"""Leases: all or nothing, in order, without circles, and gone with the process that held them."""

import shutil
import threading
from pathlib import Path

import pytest
from hamcrest import is_
from stocktake.support.config.folders import state_folder
from stocktake.support.errors import CloudError, ConfigurationError, Unverified
from stocktake.support.hosts import coordinator
from stocktake.support.hosts.leases import Leases
from stocktake.support.waiting import eventually, observed_by

from tests.hosts.test_lease_locks import FakeDriver

HOSTS = ["alpha", "beta", "gamma"]


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_first_candidates_are_preferred(url):
    with Leases(url, "cloud").acquire(2, HOSTS, within=0) as lease:
        assert lease.hosts == ("alpha", "beta")
        with Leases(url, "cloud").acquire(1, HOSTS, within=0) as other:
            assert other.hosts == ("gamma",)


def test_released_hosts_are_free_again_and_releasing_twice_harms_nobody(url):
    first = Leases(url, "cloud").acquire(1, ["alpha"], within=0)
    first.release()
    with Leases(url, "cloud").acquire(1, ["alpha"], within=0):
        first.release()
        with pytest.raises(CloudError):
            Leases(url, "cloud").acquire(1, ["alpha"], within=0)


def test_clouds_do_not_share_hosts_of_the_same_name(url):
    with Leases(url, "cloud one").acquire(1, ["alpha"], within=0), Leases(url, "two").acquire(1, ["alpha"], within=0):
        pass


def test_host_is_known_by_its_provider_whatever_its_cloud_is_called(url):
    def provider_of(host):
        return {"alpha": "1f2e", "alpha.example.org": "1f2e"}.get(host)

    ours = Leases(url, "https://cloud:5000", provider_of=provider_of)
    theirs = Leases(url, "https://cloud:5000/v3", provider_of=provider_of)
    with ours.acquire(1, ["alpha"], within=0):
        with pytest.raises(CloudError):
            theirs.acquire(1, ["alpha.example.org"], within=0)
        theirs.acquire(1, ["beta"], within=0).release()


def test_more_hosts_than_there_are_is_unverified(url):
    with pytest.raises(Unverified) as outcome:
        Leases(url, "cloud").acquire(3, ["alpha", "beta"], within=0)
    assert outcome.value.reason == "the scenario needs 3 hosts and may use 2 (alpha, beta)"
    assert '"hosts:" under "stocktake:"' in outcome.value.remedy


def test_wait_is_bounded_and_says_who_is_busy(url, fake_clock):
    ours = Leases(url, "cloud", clock=fake_clock)
    with Leases(url, "cloud").acquire(1, ["beta"], within=0):
        with pytest.raises(CloudError) as failure:
            ours.acquire(2, ["alpha", "beta"], within=60)
        assert str(failure.value) == (
            "no 2 hosts of alpha, beta became free within 60 s: alpha held, beta leased by others"
        )
        assert fake_clock.waited == pytest.approx(60)
        ours.acquire(1, ["alpha"], within=0).release()  # nothing was kept


def test_interrupted_wait_leaves_nothing_held(url, fake_clock):
    def interrupt(what, waited, description):
        if "held" in description:
            raise KeyboardInterrupt

    with Leases(url, "cloud").acquire(1, ["beta"], within=0), observed_by(interrupt), pytest.raises(KeyboardInterrupt):
        Leases(url, "cloud", clock=fake_clock).acquire(2, ["alpha", "beta"], within=60)
    Leases(url, "cloud").acquire(2, ["alpha", "beta"], within=0).release()


def test_time_spent_waiting_is_told(url, fake_clock):
    other = Leases(url, "cloud").acquire(1, ["alpha"], within=0)
    told = []

    def release_after_ten_seconds(what, waited, description):
        told.append((what, description))
        if fake_clock.waited > 10:
            other.release()

    with observed_by(release_after_ten_seconds):
        lease = Leases(url, "cloud", clock=fake_clock).acquire(1, ["alpha"], within=60)
    assert 10 < lease.waited < 12
    assert ("1 host of alpha to be free", "alpha leased by others") in told
    lease.release()


def test_hosts_of_one_group_are_held(url):
    groups = [["alpha"], ["beta", "gamma"]]
    with Leases(url, "cloud").acquire(2, HOSTS, within=0, groups=groups) as lease:
        assert lease.hosts == ("beta", "gamma")
        with Leases(url, "cloud").acquire(1, HOSTS, within=0, groups=groups) as other:
            assert other.hosts == ("alpha",), "what was taken of another group is given back"


def test_the_first_group_that_is_free_is_held(url):
    groups = [["alpha", "beta"], ["gamma", "delta"]]
    hosts = [host for group in groups for host in group]
    with Leases(url, "cloud").acquire(1, ["beta"], within=0):
        with Leases(url, "cloud").acquire(2, hosts, within=0, groups=groups) as lease:
            assert lease.hosts == ("gamma", "delta")
        with pytest.raises(CloudError, match="no 2 hosts of alpha, beta, gamma, delta became free"):
            Leases(url, "cloud").acquire(2, hosts, within=0, groups=[["alpha", "beta"], ["gamma"]])
    Leases(url, "cloud").acquire(4, hosts, within=0).release()


def test_many_at_once_never_share_a_host_and_all_get_their_turn(url):
    """Twelve threads want 1, 2 or 3 hosts in different orders: a circle of waiters would never end."""
    busy, worst, done = set(), [], []
    guard = threading.Lock()

    def scenario(number):
        ours = Leases(url, "cloud")
        for turn in range(5):
            order = HOSTS[(number + turn) % 3 :] + HOSTS[: (number + turn) % 3]
            with ours.acquire(1 + (number + turn) % 3, order, within=60) as lease:
                with guard:
                    worst.extend(busy & set(lease.hosts))
                    busy.update(lease.hosts)
                with guard:
                    busy.difference_update(lease.hosts)
        done.append(number)

    threads = [threading.Thread(target=scenario, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == []
    assert sorted(done) == list(range(12))


def test_scenario_that_needs_all_hosts_is_not_overtaken_for_ever(url):
    """Four workers take one host again and again; the big one gets its turn after few of theirs."""
    stop, turns = threading.Event(), []

    def small():
        ours = Leases(url, "cloud")
        while not stop.is_set():
            with ours.acquire(1, HOSTS, within=60):
                turns.append(1)
                stop.wait(0.02)

    workers = [threading.Thread(target=small) for _ in range(4)]
    for worker in workers:
        worker.start()
    eventually(lambda: len(turns) > 8, is_(True), within=10, what="the small ones to run")
    before = len(turns)
    with Leases(url, "cloud").acquire(3, HOSTS, within=30):
        overtaken = len(turns) - before
    stop.set()
    for worker in workers:
        worker.join()
    assert overtaken <= 12


def test_default_coordinator_is_a_private_folder_of_this_user(state):
    with Leases(None, "cloud").acquire(1, ["alpha"], within=0):
        folder = state / "stocktake" / "leases"
        assert folder.stat().st_mode & 0o777 == 0o700
        assert list(folder.iterdir())


def test_cloud_with_a_folder_of_its_own_has_its_leases_there(state, tmp_path):
    with Leases(None, "cloud", state=tmp_path / "own").acquire(1, ["alpha"], within=0):
        assert list((tmp_path / "own" / "leases").iterdir())
        assert not (state / "stocktake").exists()


def test_folder_of_a_cloud_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r'file/leases cannot be created .* set "state:" under "stocktake:"'):
        state_folder("leases", tmp_path / "file")


def test_state_folder_that_cannot_be_made_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match=r"file/stocktake/leases cannot be created .* set XDG_STATE_HOME"):
        state_folder("leases")


def test_folder_of_leases_that_is_removed_ends_who_waits_and_who_holds(state, tmp_path):
    """A lab that is stopped removes it; and locks on files that are created again would not exclude anybody."""
    leases = Leases(None, "cloud", state=tmp_path / "lab")
    with leases.acquire(1, ["alpha"], within=0) as lease:
        lease.check()
        shutil.rmtree(tmp_path / "lab")
        gone = f"the folder of leases, {tmp_path}/lab/leases, no longer exists: the lab was stopped, or"
        with pytest.raises(CloudError, match=gone):
            leases.acquire(1, ["alpha"], within=60)
        with pytest.raises(CloudError, match=f"the scenario stops, .*: {gone}"):
            lease.check()
    assert not (tmp_path / "lab").exists()


def test_lock_files_have_names_any_driver_takes(url, tmp_path):
    with Leases(url, "https://cloud.example.org/identity/v3 RegionOne").acquire(1, ["rack 1/node:2"], within=0):
        names = [file.name for file in Path(tmp_path / "leases").iterdir() if file.name.startswith("stocktake-")]
    assert names
    assert all(name.removeprefix("stocktake-").isalnum() and len(name) < 64 for name in names)


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("nowhere://", ConfigurationError, r'"coordinator: nowhere:" under "stocktake:".*must be a tooz URL'),
        ("file:///proc/none", CloudError, "the coordinator of leases, file:///proc/none, cannot be reached"),
    ],
)
def test_coordinator_that_cannot_be_used_is_named(url, error, message):
    with pytest.raises(error, match=message):
        Leases(url, "cloud")


def test_password_of_the_coordinator_is_never_shown(monkeypatch):
    def refuse(url, member):
        raise OSError("refused")

    monkeypatch.setattr(coordinator, "_driver", refuse)
    with pytest.raises(CloudError) as failure:
        Leases("redis://:hunter2@redis.example.org:6379?password=hunter2", "cloud")
    assert "hunter2" not in str(failure.value)
    assert "redis://redis.example.org:6379" in str(failure.value)


def test_coordinator_that_fails_is_blamed(monkeypatch):
    driver = FakeDriver()
    monkeypatch.setattr(coordinator, "_driver", lambda url, member: driver)
    leases = Leases("fake://broken", "cloud")
    driver.fails = True
    with pytest.raises(CloudError, match="the coordinator of leases, fake://broken, failed: connection lost"):
        leases.acquire(1, ["alpha"], within=0)


def test_coordinator_that_does_not_answer_its_first_heartbeat_cannot_be_reached(monkeypatch):
    monkeypatch.setattr(coordinator, "_driver", lambda url, member: FakeDriver(fails=True))
    with pytest.raises(CloudError, match="the coordinator of leases, fake://silent, cannot be reached: connection"):
        Leases("fake://silent", "cloud")


class TestThings:
    def test_are_one_scenarios_at_a_time(self, url, fake_clock):
        leases = Leases(url, "cloud", clock=fake_clock)
        lent = leases.borrow("volume v-1", within=1)
        with pytest.raises(CloudError, match="volume v-1 did not become free within 1 s"):
            leases.borrow("volume v-1", within=1)
        leases.borrow("volume v-2", within=1).release()
        lent.release()
        leases.borrow("volume v-1", within=1).release()

    def test_are_lent_past_the_line_of_those_who_wait_for_hosts(self, url, fake_clock):
        """Or who stands first in it would wait for the hosts of one who waits for a turn."""
        leases = Leases(url, "cloud", clock=fake_clock)
        with leases._first_in_line(3, fake_clock.now() + 1):
            leases.borrow("volume v-1", within=0).release()
