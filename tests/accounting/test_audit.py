"""A clean cloud in every state of a server's life has no findings; each kind of damage has exactly one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from stocktake.support.accounting.audit import Rule, audit, lasting
from stocktake.support.accounting.ledger import Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.placement.values import Inventory

from tests.accounting.clean_states import (
    FLAVORS,
    HOSTS,
    LARGE,
    PINNED,
    SMALL,
    World,
    evacuated,
    resize_undecided,
    running,
    with_a_device,
)
from tests.accounting.damages import (
    boot_without_claim,
    charged_elsewhere,
    deleted_but_charged,
    undecided_migration_elsewhere,
)
from tests.accounting.test_clean_states import many, populated, populations
from tests.accounting.test_damages import check


@many
@given(populations, st.sampled_from(["rp-alpha", "rp-beta", "rp-alpha/numa0"]), st.sampled_from([-1, 1, 512]))
def test_usage_that_is_not_the_sum_of_the_allocations(population: list, provider: str, by: int) -> None:
    snapshot = populated(population).snapshot()
    usages = snapshot.usages + Usages({provider: Resources(DISK_GB=by)})
    (finding,) = audit(replace(snapshot, usages=usages))
    assert (finding.rule, finding.provider, finding.consumer) == (Rule.USAGE, provider, None)
    assert finding.found - finding.expected == Resources(DISK_GB=by)
    held = snapshot.allocations.on(provider).total()["DISK_GB"]
    assert f"usages of DISK_GB {held + by}, but its allocations add up to DISK_GB {held}" in finding.sentence


def test_every_hosts_usage_being_the_clouds_sum() -> None:
    world = World()
    running(world, "alpha", SMALL, "beta")
    everything = Usages({f"rp-{host}": SMALL.resources() for host in HOSTS})
    assert [one.host for one in audit(world.snapshot(usages=everything))] == ["beta.node", "delta.node", "gamma.node"]


def test_a_class_without_inventory_is_beyond_capacity() -> None:
    world = World()
    running(world, "delta", SMALL, "beta")
    bare = {"rp-delta": {"VCPU": Inventory(8), "MEMORY_MB": Inventory(1024, reserved=512, allocation_ratio=1.0)}}
    (finding,) = audit(world.snapshot(inventories=bare))
    assert (finding.rule, finding.found, finding.expected) == (Rule.CAPACITY, Resources(DISK_GB=2), Resources())
    assert "has DISK_GB 2 allocated, over its capacity of DISK_GB 0" in finding.sentence


def test_ratios_stretch_capacity_and_full_is_not_too_much() -> None:
    world = World()
    running(world, "delta", SMALL, "beta")
    stock = {
        "VCPU": Inventory(1),
        "MEMORY_MB": Inventory(512),
        "DISK_GB": Inventory(2, reserved=1, allocation_ratio=2.0),
    }
    assert audit(world.snapshot(inventories={"rp-delta": stock})) == []
    stock["DISK_GB"] = Inventory(2, reserved=1, allocation_ratio=1.9)
    assert [one.rule for one in audit(world.snapshot(inventories={"rp-delta": stock}))] == [Rule.CAPACITY]


def test_compute_nodes_and_providers_that_lack_each_other() -> None:
    world = World(gone={"gamma"})
    stray = Hypervisor("uuid-of-omega", "omega.node", "omega")
    snapshot = world.snapshot()
    findings = audit(replace(snapshot, hypervisors=[*(snapshot.hypervisors or ()), stray]))
    assert [(one.rule, one.host, one.provider) for one in findings] == [
        (Rule.NO_PROVIDER, "omega.node", "uuid-of-omega"),
        (Rule.NO_COMPUTE_NODE, "gamma.node", "rp-gamma"),
    ]
    assert findings[1].command == "openstack hypervisor list --matching gamma.node"


def test_a_node_made_anew_under_its_old_name_lacks_its_provider() -> None:
    world = World(gone={"gamma"})
    anew = Hypervisor("another-uuid", "gamma.node", "gamma")
    snapshot = world.snapshot()
    findings = audit(replace(snapshot, hypervisors=[*(snapshot.hypervisors or ()), anew]))
    assert [one.rule for one in findings] == [Rule.NO_PROVIDER, Rule.NO_COMPUTE_NODE]
    assert "; the provider of its name, rp-gamma, without allocations, belongs to an earlier" in findings[0].sentence
    world.hold(world.boot("ACTIVE", SMALL, "gamma"), "gamma", SMALL.resources())
    held = world.snapshot()
    (stale, _) = audit(replace(held, hypervisors=[*(held.hypervisors or ()), anew]))
    assert "rp-gamma, with the allocations of 1 consumer, belongs" in stale.sentence


def test_before_uuids_a_node_is_known_by_name() -> None:
    nodes = [Hypervisor(str(number), f"{host}.node", host) for number, host in enumerate(HOSTS)]
    world = World()
    running(world, "alpha", SMALL, "beta")
    assert audit(world.snapshot(hypervisors=nodes)) == []


def test_a_provider_is_a_nodes_by_uuid_before_it_is_by_name() -> None:
    world = World()
    server = running(world, "alpha", SMALL, "beta")
    world.servers[server] = replace(world.servers[server], hypervisor_hostname="beta.node")
    swapped = [Hypervisor("rp-alpha", "beta.node", "alpha"), Hypervisor("rp-beta", "alpha.node", "beta")]
    others = [Hypervisor(f"rp-{host}", f"{host}.node", host) for host in ("gamma", "delta")]
    assert audit(world.snapshot(hypervisors=[*swapped, *others])) == []


def test_a_retired_host_keeps_neither_provider_nor_charge() -> None:
    world = World(gone={"gamma"})
    server = running(world, "alpha", SMALL, "beta")
    world.hold(server, "gamma", SMALL.resources())
    world.move(server, "evacuation", "done", "gamma", "alpha")
    findings = audit(world.snapshot())
    assert [(one.rule, one.host) for one in findings] == [
        (Rule.DOUBLED, "gamma.node"),
        (Rule.NO_COMPUTE_NODE, "gamma.node"),
    ]


def test_a_node_name_is_enough_to_know_a_servers_host() -> None:
    world = World()
    server = running(world, "alpha", SMALL, "beta")
    world.servers[server] = replace(world.servers[server], hypervisor_hostname=None)
    assert audit(world.snapshot()) == []
    world.servers[server] = replace(world.servers[server], hypervisor_hostname="alpha.node", host=None, status="ERROR")
    assert [one.rule for one in audit(world.snapshot())] == [Rule.FAILED_BOOT]


# --- what is not judged --------------------------------------------------------------------------------------------


def test_findings_about_moving_consumers_are_told_apart() -> None:
    world = World()
    server = world.boot("ACTIVE", SMALL, "alpha", task_state="rebooting")
    world.hold(server, "alpha", Resources(VCPU=7))
    world.hold(server, "gamma", SMALL.resources())
    migration = world.move(server, "live-migration", "completed", "beta", "alpha")
    world.hold(migration, "beta", SMALL.resources())
    findings = audit(world.snapshot())
    assert [one.rule for one in findings] == [Rule.FINISHED_MIGRATION, Rule.DOUBLED, Rule.AMOUNTS]
    assert not any(one.settled for one in findings)


def test_what_was_not_read_is_not_judged() -> None:
    world = World(gone={"gamma"})
    evacuated(world, "alpha", SMALL, "beta")
    assert audit(world.snapshot(services=None, hypervisors=None)) == []


def test_an_evacuations_own_uuid_is_never_a_consumer() -> None:
    world = World()
    world.down.add("alpha")
    server = world.boot("REBUILD", SMALL, "alpha", task_state="rebuilding")
    world.hold(server, "alpha", SMALL.resources())
    world.hold(world.move(server, "evacuation", "accepted", "alpha", "beta"), "beta", SMALL.resources())
    (finding,) = audit(world.snapshot())
    assert (finding.rule, finding.settled) == (Rule.FINISHED_MIGRATION, False)


def test_devices_may_come_in_a_class_that_another_flavor_names() -> None:
    accelerated = replace(SMALL, name="accelerated", extra_specs={"resources:FPGA": "1"})
    world = World()
    with_a_device(world, "alpha", SMALL, "beta")
    assert audit(world.snapshot(flavors=[accelerated, *FLAVORS])) == []
    world.hold(running(world, "alpha", SMALL, "beta"), "alpha/fpga", Resources(FPGA=1))
    assert [one.rule for one in audit(world.snapshot(flavors=[accelerated, *FLAVORS]))] == [Rule.AMOUNTS]


def test_vgpu_that_no_flavor_of_the_cloud_names() -> None:
    world = World()
    world.hold(running(world, "alpha", SMALL, "beta"), "alpha/numa0", Resources(VGPU=1))
    assert [one.rule for one in audit(world.snapshot(flavors=[SMALL]))] == [Rule.AMOUNTS]
    world = World()
    world.hold(with_a_device(world, "alpha", SMALL, "beta"), "alpha/numa0", Resources(VGPU=1))
    assert audit(world.snapshot(flavors=[SMALL])) == []


def test_what_is_held_on_hosts_not_listed_excuses_no_wrong_amount() -> None:
    world = World()
    server = running(world, "alpha", SMALL, "beta")
    world.hold(server, "omega", SMALL.resources())
    assert audit(world.snapshot()) == []
    world.hold(server, "alpha", SMALL.resources())
    assert [one.rule for one in audit(world.snapshot())] == [Rule.AMOUNTS]


def test_consumers_known_to_be_another_services_are_left_alone() -> None:
    world = World()
    world.hold("reservation", "alpha", SMALL.resources())
    assert audit(world.snapshot(others={"reservation"})) == []


def test_server_with_dedicated_cpus_may_hold_vcpu_as_on_hosts_without_pcpu() -> None:
    world = World()
    server = world.boot("ACTIVE", PINNED, "alpha")
    world.hold(server, "alpha", Resources(VCPU=4, MEMORY_MB=512, DISK_GB=1))
    assert audit(world.snapshot()) == []
    world.hold(server, "alpha", Resources(PCPU=4))
    assert [one.rule for one in audit(world.snapshot())] == [Rule.AMOUNTS]


def test_known_amounts_explain_a_migration() -> None:
    world = World()
    unlisted = replace(SMALL, ram=99)
    _, migration = resize_undecided(world, "alpha", unlisted, "beta")
    assert audit(world.snapshot(known_amounts={migration: [unlisted.resources()]})) == []
    assert [one.rule for one in audit(world.snapshot(known_amounts={migration: [Resources(VCPU=3)]}, flavors=()))] == [
        Rule.AMOUNTS
    ]


def test_known_amounts_do_not_excuse_a_server_from_its_own_flavor() -> None:
    world = World()
    server = world.boot("ACTIVE", LARGE, "beta")
    world.hold(server, "beta", SMALL.resources())
    known = {server: [SMALL.resources(), LARGE.resources()]}
    assert [one.rule for one in audit(world.snapshot(known_amounts=known))] == [Rule.AMOUNTS]


def test_roots_of_which_nothing_was_read_are_taken_for_hosts() -> None:
    world = World()
    expected = deleted_but_charged(world)
    (finding,) = audit(world.snapshot(hypervisors=None, traits={}, inventories={}))
    check(finding, expected)


def test_names_of_the_feature_are_used_when_given() -> None:
    world = World()
    server = world.boot("ACTIVE", SMALL, "alpha")
    (finding,) = audit(world.snapshot(names={server: "web", "rp-alpha": "alpha"}))
    assert finding.sentence.startswith('server "web" is ACTIVE, but holds nothing on host "alpha" instead of VCPU ')
    assert (finding.server, finding.host) == ("web", "alpha")


def test_a_misplaced_migration_is_told_in_the_features_names() -> None:
    world = World()
    undecided_migration_elsewhere(world)
    (finding,) = audit(world.snapshot(names={"server-0": "web", "rp-alpha": "alpha", "rp-gamma": "gamma"}))
    assert finding.sentence == (
        'the migration of server "web" (resize, finished) holds VCPU 1, MEMORY_MB 512, DISK_GB 2 on host "gamma", '
        'but moves from host "alpha"'
    )


def test_only_what_both_readings_found_lasts() -> None:
    first, second = World(), World()
    deleted_but_charged(first)
    for world in (first, second):
        charged_elsewhere(world)
    boot_without_claim(second)
    lasted = lasting(audit(first.snapshot()), audit(second.snapshot()))
    assert [one.rule for one in lasted] == [Rule.OTHER_HOST]
