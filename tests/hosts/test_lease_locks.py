"""Locks of leases that live only as long as somebody beats their hearts, and what is lost with one."""

import pytest
from hamcrest import has_length
from stocktake.support.errors import CloudError, ConfigurationError
from stocktake.support.hosts import coordinator, leases
from stocktake.support.hosts.leases import Leases


@pytest.fixture
def url(tmp_path):
    """A coordinator of this test's own."""
    return f"file://{tmp_path}/leases"


class FakeHeart:
    """Beats once it has been started."""

    beats = False

    def start(self):
        self.beats = True


class FakeDriver:
    """A coordinator whose locks expire unless its heart beats."""

    requires_beating = True

    def __init__(self, fails=False):
        self.heart = FakeHeart()
        self.fails = fails
        self.asked = []
        self.owner = True

    def start(self):
        pass

    def stop(self):
        pass

    def heartbeat(self):
        self._check()
        return 30

    def get_lock(self, name):
        return self

    def acquire(self, blocking):
        self.asked.append(blocking)
        self._check()
        return True

    def release(self):
        self._check()
        return True

    def is_still_owner(self):
        self._check()
        return self.owner

    def _check(self):
        if self.fails:
            raise OSError("connection lost")


@pytest.fixture
def driver(monkeypatch):
    """The coordinator that Leases of any URL use."""
    driver = FakeDriver()
    monkeypatch.setattr(coordinator, "_driver", lambda url, member: driver)
    return driver


@pytest.fixture
def locks(driver, fake_clock):
    """Its locks, as time passes only for who sleeps."""
    return coordinator.Locks("fake://clock", clock=fake_clock)


def test_hearts_beat_where_locks_would_expire(driver):
    with Leases("fake://hearts", "cloud").acquire(1, ["alpha"], within=0):
        assert driver.heart.beats
    assert set(driver.asked) == {False}
    assert has_length(leases.PLACES + 1).matches(driver.asked)


def test_no_heart_beats_for_locks_that_the_kernel_keeps(url):
    Leases(url, "cloud")
    assert not coordinator.locks_of(url)._coordinator.heart.is_alive()


def test_driver_that_does_not_notice_what_it_loses_is_refused(driver):
    """Locks of MySQL and PostgreSQL end with their connection, and tooz does not look."""
    driver.requires_beating = False
    with pytest.raises(ConfigurationError, match=r'"coordinator: mysql://db.example/locks" under .*; use etcd \('):
        coordinator.Locks("mysql://user:secret@db.example/locks")


class TestLostLock:
    def test_is_one_that_the_coordinator_has_given_up(self, driver, locks):
        locks.take("alpha")
        assert locks.lost("alpha") is None
        driver.owner = False
        driver.heartbeat()
        assert locks.lost("alpha") == "the coordinator of leases, fake://clock, has let it expire"

    def test_is_one_that_was_not_confirmed_for_too_long(self, driver, locks, fake_clock):
        driver.heartbeat()
        locks.take("alpha")
        driver.fails = True
        fake_clock.sleep(29)
        assert locks.lost("alpha") is None
        fake_clock.sleep(2)
        assert locks.lost("alpha") == "the coordinator of leases, fake://clock, did not answer for 31 s"

    def test_stays_lost_when_the_coordinator_comes_back(self, driver, locks, fake_clock):
        driver.heartbeat()
        locks.take("alpha")
        fake_clock.sleep(31)
        driver.heartbeat()
        assert "did not answer for 31 s" in locks.lost("alpha")
        locks.give_back("alpha")
        locks.take("alpha")
        assert locks.lost("alpha") is None

    def test_is_not_one_taken_after_the_silence(self, driver, locks, fake_clock):
        driver.heartbeat()
        fake_clock.sleep(31)
        locks.take("alpha")
        driver.heartbeat()
        assert locks.lost("alpha") is None

    def test_ends_the_scenario_that_holds_it(self, driver):
        with Leases("fake://lost", "cloud").acquire(1, ["alpha"], within=0) as lease:
            lease.check()
            driver.owner = False
            driver.heartbeat()
            with pytest.raises(CloudError) as failure:
                lease.check()
            assert str(failure.value) == (
                "the scenario stops, because another may be using what it has leased: "
                "the coordinator of leases, fake://lost, has let it expire"
            )
        lease.check()  # nothing is leased any more

    def test_is_given_back_when_the_coordinator_answers_again(self, driver, locks):
        locks.take("alpha")
        driver.fails = True
        with pytest.raises(OSError, match="lost"):
            driver.heartbeat()
        locks.give_back("alpha")
        driver.fails, driver.asked[:] = False, []
        driver.release = lambda: driver.asked.append("released")
        driver.heartbeat()
        driver.heartbeat()
        assert driver.asked == ["released"]
