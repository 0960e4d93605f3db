"""When nova-compute has read its provider tree again."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from stocktake.support.config.settings import Settings
from stocktake.support.errors import Unverified
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.provider_cache import await_outdated, await_read, never_read, read_now, seconds_until_read


def settings(**values):
    return Settings(cloud="c", file="f", **values)


@pytest.mark.parametrize(
    ("values", "seconds"),
    [({}, 420.0), ({"periodic_interval": 60.0}, 360.0), ({"refresh_interval": 10.0, "periodic_interval": 5.0}, 15.0)],
)
def test_it_is_read_with_the_next_periodic_task_after_the_refresh_interval(values, seconds):
    assert seconds_until_read(settings(**values)) == seconds


def test_zero_is_never():
    never = settings(refresh_interval=0.0)
    with pytest.raises(Unverified, match="only when they start"):
        seconds_until_read(never)
    target = SimpleNamespace(settings=never)
    assert "refresh_interval" in never_read(target, CommandControl({}, cloud="c")).remedy
    lab = HttpControl("http://127.0.0.1:1", "t")
    lab.option = lambda _option, _group: 1
    assert never_read(target, lab) is None
    assert never_read(SimpleNamespace(settings=settings()), CommandControl({}, cloud="c")) is None


@pytest.fixture
def cloud():
    """A cloud with a period of a minute, whose operator has configured no control."""
    target = SimpleNamespace(settings=settings(periodic_interval=60.0))
    return SimpleNamespace(target=target, control=CommandControl({}, cloud="c"))


def test_it_is_awaited_from_the_time_of_the_change(cloud, fake_clock):
    await_read(cloud, "host1", datetime.now(UTC) - timedelta(seconds=100), clock=fake_clock)
    assert fake_clock.waited == pytest.approx(260, abs=3)
    await_read(cloud, "host1", datetime.now(UTC) - timedelta(seconds=400), clock=fake_clock)
    assert fake_clock.waited == pytest.approx(260, abs=3)


def test_a_command_for_the_periodic_task_saves_the_interval(cloud, fake_clock, tmp_path):
    cloud.control = CommandControl({"run_periodic": f"touch {tmp_path}/{{host}}"}, cloud="c")
    await_read(cloud, "host1", datetime.now(UTC), clock=fake_clock)
    assert fake_clock.waited == pytest.approx(300, abs=3)
    assert [path.name for path in tmp_path.iterdir()] == ["host1"]


def test_a_command_that_fails_saves_nothing(cloud, fake_clock):
    cloud.control = CommandControl({"run_periodic": "false {host}"}, cloud="c")
    await_read(cloud, "host1", datetime.now(UTC), clock=fake_clock)
    assert fake_clock.waited == pytest.approx(360, abs=6)


def test_what_nova_has_read_is_outdated_after_the_refresh_interval(cloud, fake_clock):
    await_outdated(cloud, datetime.now(UTC) - timedelta(seconds=100), clock=fake_clock)
    assert fake_clock.waited == pytest.approx(200, abs=3)
    cloud.target.settings = settings(refresh_interval=0.0)
    with pytest.raises(Unverified, match="only when they start"):
        await_outdated(cloud, datetime.now(UTC), clock=fake_clock)


def test_only_a_lab_reads_it_at_once():
    """A command for the periodic task runs the task, which uses what has been read before."""
    commands = CommandControl({"run_periodic": "true {host}"}, cloud="c")
    assert not read_now(SimpleNamespace(control=commands), "host1")
    assert commands.acts == 0
