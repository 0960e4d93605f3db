"""Nobody is accused: what cannot be seen is listed as not judged, with its reason, and is no finding."""

from typing import Any

import pytest
from stocktake.support.accounting.audit import OF_ANY_PART, judge
from stocktake.support.accounting.findings import NotJudged, Reason, Rule
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rules.unknown import SHARED
from stocktake.support.api.compute.migrations import Migration

from tests.accounting.clean_states import LARGE, SMALL, World, evacuated, resize_undecided, running


def unjudged(world: World, **changes: Any) -> list[NotJudged]:
    """What is not judged of a world in which nothing is found."""
    findings, not_judged = judge(world.snapshot(**changes), OF_ANY_PART)
    assert findings == []
    return not_judged


def facts(not_judged: list[NotJudged]) -> list[tuple[Reason, tuple[str, ...]]]:
    return [(one.reason, one.consumers) for one in not_judged]


def test_nothing_is_left_out_of_a_cloud_that_shows_everything() -> None:
    world = World()
    running(world, "alpha", SMALL, "beta")
    assert unjudged(world) == []


def test_consumers_on_providers_of_other_services_are_told_apart() -> None:
    world = World()
    world.hold("device", "alpha/fpga", Resources(FPGA=1))
    world.hold("subnet", "addresses", Resources(IPV4_ADDRESS=1))
    (one,) = unjudged(world)
    assert (one.reason, one.consumers, one.rules) == (
        Reason.OTHER_SERVICE,
        ("device", "subnet"),
        (Rule.UNKNOWN_CONSUMER,),
    )
    assert str(one).endswith("(2 consumers)")


def test_what_is_held_beside_on_a_host_is_not_another_services() -> None:
    world = World()
    world.hold("device", "alpha/fpga", Resources(FPGA=1))
    world.hold("device", "alpha", Resources(VCPU=1))
    findings, not_judged = judge(world.snapshot(), OF_ANY_PART)
    assert [(one.rule, one.found) for one in findings] == [(Rule.UNKNOWN_CONSUMER, Resources(VCPU=1, FPGA=1))]
    assert not_judged == []


def test_provider_on_which_servers_hold_something_is_not_another_services() -> None:
    world = World()
    server = running(world, "delta", LARGE, "beta")
    world.rows[server, "rp-delta"] = LARGE.resources().without(["DISK_GB"])
    world.hold(server, "storage", LARGE.resources().only(["DISK_GB"]))
    world.hold("orphan", "storage", Resources(DISK_GB=1))
    findings, _ = judge(world.snapshot(traits={"rp-storage": []}), OF_ANY_PART)
    assert [one.consumer for one in findings] == ["orphan"]


def test_servers_of_a_cell_that_is_down_are_not_judged() -> None:
    world = World()
    server = world.boot("UNKNOWN", SMALL, None)
    world.hold(server, "alpha", Resources(VCPU=9))
    assert facts(unjudged(world, cell_down=True)) == [(Reason.CELL_DOWN, (server,))]


@pytest.mark.parametrize("provider", ["gamma", "storage"])
def test_consumer_that_a_cell_that_is_down_may_hide_is_not_judged(provider: str) -> None:
    world = World(gone={"gamma"})
    running(world, "alpha", SMALL, "beta")
    world.hold("hidden", provider, Resources(DISK_GB=1))
    assert facts(unjudged(world, cell_down=True, hypervisors=None)) == [(Reason.CELL_DOWN, ("hidden",))]


def test_leftover_on_a_host_that_answers_is_found_while_a_cell_is_down() -> None:
    world = World(gone={"gamma"})
    running(world, "alpha", LARGE, "beta")
    world.hold("leftover", "alpha", SMALL.resources())
    findings, _ = judge(world.snapshot(cell_down=True, hypervisors=None), OF_ANY_PART)
    assert [(one.rule, one.consumer) for one in findings] == [(Rule.UNKNOWN_CONSUMER, "leftover")]


def test_leftover_of_a_server_that_nova_remembers_is_found_wherever_it_is() -> None:
    world = World(gone={"gamma"}, former={"deleted"})
    world.hold("deleted", "gamma", SMALL.resources())
    findings, _ = judge(world.snapshot(cell_down=True, hypervisors=None), OF_ANY_PART)
    assert [one.consumer for one in findings] == ["deleted"]


def test_consumer_that_nova_cannot_look_for_is_not_judged() -> None:
    world = World()
    world.hold("unreadable", "alpha", SMALL.resources())
    assert facts(unjudged(world, hidden={"unreadable"})) == [(Reason.CELL_DOWN, ("unreadable",))]


@pytest.mark.parametrize(
    ("service", "held", "doubt"),
    [
        ("container", SMALL.resources(), "container"),
        ("application-container", SMALL.resources(), "container"),
        ("baremetal", SMALL.resources(), None),
        ("baremetal", Resources(CUSTOM_SILVER=1), "bare metal"),
        ("reservation", Resources(VCPU=1, CUSTOM_SILVER=1), "reservation"),
        ("accelerator", Resources(VGPU=1), "accelerator"),
        ("volumev3", Resources(VGPU=1), None),
    ],
)
def test_consumer_that_a_service_may_have_made_which_was_not_asked_is_doubted(service, held, doubt) -> None:
    world = World(former={"deleted"})
    world.hold("lost", "alpha", held)
    world.hold("deleted", "alpha", held)
    findings, _ = judge(world.snapshot(services_beside={"compute", service}), OF_ANY_PART)
    expected = f"the cloud's {doubt} service, which was not asked, may have made it" if doubt else None
    assert {one.consumer: one.doubt for one in findings} == {"lost": expected, "deleted": None}


def test_consumer_whose_type_placement_does_not_show_is_doubted() -> None:
    world = World(former={"deleted"})
    for consumer in ("lost", "deleted"):
        world.hold(consumer, "alpha", SMALL.resources())
    findings, _ = judge(world.snapshot(shows_types=False), OF_ANY_PART)
    assert {one.consumer: one.doubt for one in findings} == {"lost": SHARED, "deleted": None}


def test_without_migrations_neither_unknown_consumers_nor_the_places_of_servers_are_judged() -> None:
    world = World()
    evacuated(world, "alpha", SMALL, "beta")
    world.hold("of-a-migration", "beta", SMALL.resources())
    assert facts(unjudged(world, migrations=None)) == [(Reason.FORBIDDEN, ("of-a-migration",))]


def test_migrations_in_progress_without_uuids_explain_consumers_on_their_sources() -> None:
    world = World()
    server = world.boot("VERIFY_RESIZE", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources())
    world.hold("of-the-migration", "alpha", SMALL.resources())
    world.migrations.append(
        Migration(1, None, "migration", "finished", "alpha", "beta", server, "alpha.node", "beta.node")
    )
    assert facts(unjudged(world)) == [(Reason.OLD_API, ("of-the-migration",))]
    world.hold("orphan", "gamma", SMALL.resources())
    findings, _ = judge(world.snapshot(), OF_ANY_PART)
    assert [one.consumer for one in findings] == ["orphan"]


def test_amounts_of_an_old_flavor_that_is_gone_are_not_judged() -> None:
    world = World()
    _, migration = resize_undecided(world, "alpha", SMALL, "beta")
    world.hold(migration, "alpha", Resources(VCPU=7))
    (one,) = unjudged(world)
    assert (one.reason, one.consumers, one.rules) == (Reason.FLAVOR_GONE, (migration,), (Rule.AMOUNTS,))


def test_amounts_of_a_failed_resize_to_a_flavor_that_is_gone_are_not_judged() -> None:
    world = World()
    server = world.boot("ERROR", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources() + Resources(VCPU=7))
    world.move(server, "resize", "error", "alpha", "beta")
    assert facts(unjudged(world)) == [(Reason.FLAVOR_GONE, (server,))]
