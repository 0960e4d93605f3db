"""The model: what every consumer holds after each operation, as the accounting rules say."""

import pytest
from hypothesis import given, settings
from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.resources import Resources
from stocktake.support.exploring.history import History, ImpossibleHistoryError, Step
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.world import DEVICE, PORT

from tests.exploring.histories import histories, history

SMALL = Resources(VCPU=1, MEMORY_MB=512, DISK_GB=1)
LARGE = Resources(VCPU=2, MEMORY_MB=1024, DISK_GB=2)
TUNED = Resources(VCPU=3, MEMORY_MB=512, DISK_GB=2)
BOOT = "boot flavor=small host=alpha"
ON_BETA = "boot flavor=small host=beta"
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
            assert host.partition("/")[0] in world.hosts


@settings(max_examples=30)
@given(histories())
def test_only_dead_hosts_are_charged_for_a_server_that_has_left(made: History) -> None:
    for world in made.worlds:
        assert {host for server in world.servers for host, _ in server.left} <= world.down


@pytest.mark.parametrize(
    ("circumstance", "steps", "held"),
    [
        ("soft delete", (BOOT, "soft delete"), {(WEB, "alpha"): SMALL}),
        ("soft delete", (BOOT, "cold migrate", "soft delete"), {(WEB, "beta"): SMALL}),
        ("soft delete", (BOOT, "soft delete", "force delete"), {}),
        ("no automatic offload", (BOOT, "shelve in place"), {(WEB, "alpha"): SMALL}),
        ("no automatic offload", (BOOT, "shelve in place", "offload"), {}),
        (
            "slow live migrations",
            (ON_BETA, "begin live migration"),
            {(MIGRATION, "beta"): SMALL, (WEB, "alpha"): SMALL},
        ),
        ("slow live migrations", (ON_BETA, "begin live migration", "abort live migration"), {(WEB, "beta"): SMALL}),
        ("slow live migrations", (ON_BETA, "begin live migration", "force completion"), {(WEB, "alpha"): SMALL}),
        ("failing live migrations", (BOOT, "failed live migration"), {(WEB, "alpha"): SMALL}),
        ("failing resizes", (BOOT, "failed resize flavor=large"), {(WEB, "beta"): LARGE}),
        ("failing builds", ("failed build",), {}),
        ("port", ("boot with port flavor=small host=alpha",), {(WEB, "alpha"): SMALL + PORT}),
        (
            "device",
            ("boot with device host=alpha", "host down host=alpha", "evacuate"),
            {
                (WEB, "alpha"): SMALL,
                (WEB, "beta"): SMALL,
                (WEB, "alpha/accelerator0"): DEVICE,
                (WEB, "beta/accelerator0"): DEVICE,
            },
        ),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_held_in_a_circumstance(
    circumstance: str, steps: tuple[str, ...], held: dict[tuple[str, str], Resources]
) -> None:
    assert history(*steps, circumstance=circumstance).worlds[-1].ledger() == Ledger(held)


def test_servers_of_the_group_keep_apart() -> None:
    one = history("boot in group flavor=small host=alpha", circumstance="server group")
    world = one.worlds[-1]
    assert {told["host"] for told in OPERATIONS["boot in group"].possible(world)} == {"beta"}
    assert {told["host"] for told in OPERATIONS["boot"].possible(world)} == {"alpha", "beta"}
    moved = history("boot in group flavor=small host=alpha", "cold migrate", circumstance="server group").worlds[-1]
    assert not list(OPERATIONS["boot in group"].possible(moved))
    both = history("boot in group flavor=small host=alpha", "boot in group", circumstance="server group")
    assert not list(OPERATIONS["cold migrate"].possible(both.worlds[-1]))


def test_a_server_requested_in_the_zone_stays_there() -> None:
    world = history("boot in zone flavor=small", circumstance="zone").worlds[-1]
    assert not list(OPERATIONS["resize"].possible(world))


def test_a_server_that_requires_a_trait_stays_where_it_is() -> None:
    made = history(BOOT, "boot with trait", "stop server=db", circumstance="trait")
    assert made.worlds[-1].server("db").host == "beta"
    assert {told["server"] for told in OPERATIONS["cold migrate"].possible(made.worlds[-1])} == {"web"}
    full = history("boot with trait", "host down host=beta", circumstance="trait").worlds[-1]
    assert not list(OPERATIONS["evacuate"].possible(full))
    assert not list(OPERATIONS["boot with trait"].possible(full))


def test_a_server_is_evacuated_by_force_only_if_it_holds_one_provider() -> None:
    again = history(*EVACUATED, "host down host=beta", hosts=THREE).worlds[-1]
    port = history("boot with port host=alpha", "host down host=alpha", circumstance="port").worlds[-1]
    for world in (again, port):
        assert list(OPERATIONS["evacuate"].possible(world))
        assert not list(OPERATIONS["force evacuation"].possible(world))


def test_nova_does_not_move_a_device() -> None:
    world = history("boot with device host=alpha", circumstance="device").worlds[-1]
    for refused in ("resize", "cold migrate", "live migrate"):
        assert not list(OPERATIONS[refused].possible(world))


def test_one_operation_is_under_way_at_a_time_and_others_concern_other_servers() -> None:
    world = history(BOOT, BOOT, "request resize server=web flavor=large").worlds[-1]
    assert world.pending == "web"
    assert {told["server"] for told in OPERATIONS["stop"].possible(world)} == {"db"}
    assert not list(OPERATIONS["request deletion"].possible(world))
    assert not list(OPERATIONS["host down"].possible(world))
    assert list(OPERATIONS["delete during move"].possible(world)) == [{"server": "web"}]
    assert list(OPERATIONS["periodic"].possible(world))


def test_only_a_request_that_changes_nothing_is_sent_again() -> None:
    assert list(OPERATIONS["repeat"].possible(history(BOOT, "stop").worlds[-1])) == [{}]
    for changing in ((BOOT,), (BOOT, "live migrate"), (BOOT, "host down")):
        assert not list(OPERATIONS["repeat"].possible(history(*changing).worlds[-1]))


EVACUATED = (BOOT, "host down host=alpha", "force evacuation host=beta")
THREE = ("alpha", "beta", "gamma")


@pytest.mark.parametrize(
    ("steps", "held"),
    [
        (
            ("cold migrate",),
            {(MIGRATION, "alpha"): SMALL, (MIGRATION, "beta"): SMALL, (WEB, "gamma"): SMALL},
        ),
        (("cold migrate", "revert"), {(WEB, "alpha"): SMALL, (WEB, "beta"): SMALL}),
        (("cold migrate", "confirm"), {(WEB, "gamma"): SMALL}),
        (("cold migrate", "host back late"), {(MIGRATION, "beta"): SMALL, (WEB, "gamma"): SMALL}),
        (("live migrate",), {(WEB, "gamma"): SMALL}),
        (("shelve",), {}),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, tuple) else "",
)
def test_an_evacuated_server_that_moves_on_takes_its_dead_host_along(
    steps: tuple[str, ...], held: dict[tuple[str, str], Resources]
) -> None:
    assert after(*EVACUATED, *steps, hosts=THREE) == Ledger(held)


def test_operations_that_meet_a_defect_are_told_from_others() -> None:
    moved = history(*EVACUATED, "cold migrate", hosts=THREE)
    assert not list(OPERATIONS["host back"].possible(moved.worlds[-1]))
    assert list(OPERATIONS["host back late"].possible(moved.worlds[-1])) == [{"host": "alpha"}]
    assert moved.defects == ()
    assert history(*EVACUATED, "cold migrate", "host back late", hosts=THREE).defects == (
        "moved-evacuee-keeps-dead-host",
    )
    away = ("boot in group flavor=small host=alpha", "host down host=alpha", "evacuate")
    left = history(*away, circumstance="server group").worlds[-1]
    assert not list(OPERATIONS["host back"].possible(left))
    assert list(OPERATIONS["host back to group"].possible(left)) == [{"host": "alpha"}]
    for gone in ((*away, "delete"), (*away[:2], "delete")):
        left = history(*gone, circumstance="server group").worlds[-1]
        assert not list(OPERATIONS["host back"].possible(left))
        assert list(OPERATIONS["host back to group"].possible(left)) == [{"host": "alpha"}]
        again = history(*gone, "host back to group", "host down host=alpha", circumstance="server group").worlds[-1]
        assert list(OPERATIONS["host back"].possible(again)) == [{"host": "alpha"}]
    undecided = history("boot in group", "cold migrate", circumstance="server group").worlds[-1]
    assert not list(OPERATIONS["revert"].possible(undecided))
    assert list(OPERATIONS["revert in group"].possible(undecided)) == [{"server": "web", "move": "migration"}]
    requested = history(BOOT, "host down host=alpha", "request evacuation").worlds[-1]
    assert not list(OPERATIONS["repeat"].possible(requested))
    assert list(OPERATIONS["repeat evacuation"].possible(requested)) == [{}]


def test_nova_cannot_delete_a_server_whose_migration_waits_for_a_dead_source() -> None:
    world = history(BOOT, "cold migrate", "host down host=alpha").worlds[-1]
    for deletion in ("delete", "request deletion"):
        assert not list(OPERATIONS[deletion].possible(world))
