"""The model: what every consumer holds after each operation, as the accounting rules say."""

import pytest
from hypothesis import given, settings
from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.resources import Resources
from stocktake.support.exploring.history import History, ImpossibleHistoryError, Step

from tests.exploring.histories import histories, history

SMALL = Resources(VCPU=1, MEMORY_MB=512, DISK_GB=1)
LARGE = Resources(VCPU=2, MEMORY_MB=1024, DISK_GB=2)
TUNED = Resources(VCPU=3, MEMORY_MB=512, DISK_GB=2)
BOOT = "boot flavor=small host=alpha"
WEB, MIGRATION = "server web", "migration of web"


def after(*steps: str, hosts: tuple[str, ...] = ("alpha", "beta")) -> Ledger:
    return history(*steps, hosts=hosts).worlds[-1].ledger()


@pytest.mark.parametrize(
    ("steps", "held"),
    [
        ((BOOT,), {(WEB, "alpha"): SMALL}),
        ((BOOT, "delete"), {}),
        ((BOOT, "resize flavor=large"), {(MIGRATION, "alpha"): SMALL, (WEB, "beta"): LARGE}),
        ((BOOT, "resize flavor=large", "confirm"), {(WEB, "beta"): LARGE}),
        ((BOOT, "resize flavor=large", "revert"), {(WEB, "alpha"): SMALL}),
        ((BOOT, "resize flavor=large", "delete"), {}),
        ((BOOT, "resize without room"), {(WEB, "alpha"): SMALL}),
        ((BOOT, "cold migrate"), {(MIGRATION, "alpha"): SMALL, (WEB, "beta"): SMALL}),
        ((BOOT, "live migrate"), {(WEB, "beta"): SMALL}),
        ((BOOT, "shelve"), {}),
        ((BOOT, "shelve", "unshelve host=beta"), {(WEB, "beta"): SMALL}),
        ((BOOT, "host down host=alpha", "evacuate"), {(WEB, "alpha"): SMALL, (WEB, "beta"): SMALL}),
        ((BOOT, "host down host=alpha", "evacuate", "host back"), {(WEB, "beta"): SMALL}),
        ((BOOT, "host down host=alpha", "evacuate", "delete"), {}),
        (("boot flavor=tuned host=beta",), {(WEB, "beta"): TUNED}),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_held(steps: tuple[str, ...], held: dict[tuple[str, str], Resources]) -> None:
    assert after(*steps) == Ledger(held)


def test_a_server_evacuated_twice_holds_three_hosts_until_they_return() -> None:
    twice = (BOOT, "host down host=alpha", "force evacuation host=beta", "host down host=beta", "evacuate")
    hosts = ("alpha", "beta", "gamma")
    assert set(after(*twice, hosts=hosts).providers) == set(hosts)
    assert set(after(*twice, "host back host=alpha", hosts=hosts).providers) == {"beta", "gamma"}


def test_a_stopped_server_is_stopped_again_after_its_move() -> None:
    for decision in ("confirm", "revert"):
        assert history(BOOT, "stop", "cold migrate", decision).worlds[-1].servers[0].status == "SHUTOFF"


def test_the_scheduler_chooses_only_where_there_is_one_host_to_choose() -> None:
    three = ("alpha", "beta", "gamma")
    with pytest.raises(StopIteration):
        history(BOOT, "resize", hosts=three)
    assert history(BOOT, "disable host=gamma", "resize", hosts=three).worlds[-1].servers[0].host == "beta"


def test_names_of_deleted_servers_are_not_used_again() -> None:
    assert history(BOOT, "delete", BOOT).worlds[-1].servers[0].name == "db"


def test_what_is_not_possible_is_no_history() -> None:
    with pytest.raises(ImpossibleHistoryError, match='server "web" is started: this is not possible here'):
        assert History(("alpha", "beta"), (Step.of("start", {"server": "web"}),)).worlds


@settings(max_examples=30)
@given(histories())
def test_nothing_is_held_by_anyone_who_is_not_there(made: History) -> None:
    for world in made.worlds:
        names = {server.name for server in world.servers}
        for consumer, host in world.ledger():
            assert consumer.rpartition(" ")[2] in names
            assert host in world.hosts


@settings(max_examples=30)
@given(histories())
def test_only_dead_hosts_are_charged_for_a_server_that_has_left(made: History) -> None:
    for world in made.worlds:
        assert {host for server in world.servers for host, _ in server.left} <= world.down
