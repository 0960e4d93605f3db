"""Nova's own figures of a host, and the inventory of its provider, as the audit of a whole cloud compares them."""

from dataclasses import replace
from typing import Any

import pytest
from stocktake.support.accounting.audit import judge
from stocktake.support.accounting.findings import Certainty, Reason, Rule
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rules.figures import RARE_PERIODIC
from stocktake.support.accounting.snapshot import Snapshot
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.placement.values import Inventory

from tests.accounting.clean_states import HOSTS, LARGE, PINNED, SMALL, World, cold_migration_undecided, running

HAS = {"vcpus": 64, "memory_mb": 99999, "local_gb": 999}
RESERVED = {"vcpus_used": 1, "memory_mb_used": 1, "local_gb_used": 1}
SMALL_COUNTS = {"vcpus_used": 2, "memory_mb_used": 513, "local_gb_used": 2}  # swap of 100 MB counts nothing


def whole(world: World, figures: dict[str, int], **more: Any) -> Snapshot:
    """A cloud whose hosts are empty, but for alpha, which has these figures."""
    nodes = [Hypervisor(f"rp-{host}", f"{host}.node", host, type="QEMU", **HAS, **RESERVED) for host in HOSTS]
    return world.snapshot(hypervisors=[replace(nodes[0], **figures), *nodes[1:]], **more)


@pytest.fixture
def world() -> World:
    found = World()
    running(found, "alpha", SMALL, "beta")
    return found


@pytest.mark.parametrize("disk", [1, 2])
def test_figures_that_are_right(world: World, disk: int) -> None:
    """The reserved disk may be less than Placement says."""
    assert judge(whole(world, SMALL_COUNTS | {"local_gb_used": disk})) == ([], [])


@pytest.mark.parametrize(
    ("wrong", "found", "expected"),
    [
        ({"vcpus_used": 4}, Resources(VCPU=4), Resources(VCPU=2)),
        ({"memory_mb_used": 1}, Resources(MEMORY_MB=1), Resources(MEMORY_MB=513)),
        ({"local_gb_used": 3}, Resources(DISK_GB=3), Resources(DISK_GB=2)),
        ({"local_gb_used": 0}, Resources(), Resources(DISK_GB=2)),
    ],
)
def test_figures_that_are_wrong(world: World, wrong: dict[str, int], found: Resources, expected: Resources) -> None:
    ((finding,), _) = judge(whole(world, SMALL_COUNTS | wrong))
    assert (finding.rule, finding.provider, finding.certainty) == (Rule.FIGURES, "rp-alpha", Certainty.PROBABLE)
    assert (finding.found, finding.expected, finding.doubt) == (found, expected, RARE_PERIODIC)


def test_figures_of_a_host_that_has_changed_a_moment_ago_are_not_judged(world: World) -> None:
    findings, (unjudged,) = judge(whole(world, RESERVED, changed={"alpha"}))
    assert findings == []
    assert (unjudged.reason, unjudged.providers) == (Reason.RECENT_CHANGE, ("rp-alpha",))


def test_figures_of_a_host_that_is_down_or_busy_or_of_another_driver_are_not_judged(world: World) -> None:
    assert judge(whole(world, RESERVED | {"type": "ironic"})) == ([], [])
    world.down.add("alpha")
    assert judge(whole(world, RESERVED)) == ([], [])
    world.down.clear()
    cold_migration_undecided(world, "alpha", SMALL, "beta")
    snapshot = whole(world, RESERVED)
    assert [one.rule for one in judge(replace(snapshot, migrations=()))[0] if one.host == "alpha.node"] != []
    assert judge(snapshot) == ([], [])


def test_inventory_that_is_not_what_nova_says(world: World) -> None:
    ((finding,), _) = judge(whole(world, SMALL_COUNTS | {"memory_mb": 4096}))
    assert (finding.rule, finding.provider, finding.certainty) == (Rule.INVENTORY, "rp-alpha", Certainty.CERTAIN)
    assert (finding.found, finding.expected) == (Resources(MEMORY_MB=99999), Resources(MEMORY_MB=4096))


def test_cpus_are_counted_with_or_without_the_dedicated_ones(world: World) -> None:
    assert judge(whole(world, SMALL_COUNTS | {"vcpus": 128})) == ([], [])
    ((finding,), _) = judge(whole(world, SMALL_COUNTS | {"vcpus": 100}))
    assert finding.found == Resources(VCPU=64)


def test_disks_of_shared_storage_are_not_the_hosts(world: World) -> None:
    snapshot = whole(world, SMALL_COUNTS)
    diskless = {name: one for name, one in snapshot.inventories["rp-beta"].items() if name != "DISK_GB"}
    assert judge(replace(snapshot, inventories={**snapshot.inventories, "rp-beta": diskless})) == ([], [])


def test_emulator_that_has_a_cpu_of_its_own_is_not_counted(world: World) -> None:
    specs = {"hw:cpu_policy": "dedicated", "hw:emulator_threads_policy": "isolate"}
    flavor = replace(PINNED, extra_specs=specs)
    world.hold(world.boot("ACTIVE", flavor, "alpha"), "alpha", flavor.resources())
    assert judge(whole(world, SMALL_COUNTS)) == ([], [])


def test_services_without_a_node_and_hosts_without_a_service(world: World) -> None:
    server = running(world, "beta", LARGE, "alpha")
    world.servers[server] = replace(world.servers[server], host="old-beta")
    snapshot = whole(world, SMALL_COUNTS)
    nodes = [node for node in snapshot.hypervisors or () if node.host != "delta"]
    providers = [one for one in snapshot.providers if one.uuid != "rp-delta"]
    findings, _ = judge(replace(snapshot, hypervisors=nodes, providers=providers, usages=type(snapshot.usages)()))
    assert [(one.rule, one.host) for one in findings] == [
        (Rule.SERVICE_WITHOUT_NODE, "delta"),
        (Rule.HOST_WITHOUT_SERVICE, "old-beta"),
    ]
    assert findings[1].sentence == 'Nova says that 1 server is on host "old-beta", but has no compute service there'


def test_service_of_bare_metal_may_have_no_node(world: World) -> None:
    snapshot = whole(world, SMALL_COUNTS)
    nodes = [replace(node, type="ironic", host="alpha") for node in snapshot.hypervisors or ()]
    findings, _ = judge(replace(snapshot, hypervisors=nodes))
    assert {(one.rule, one.certainty) for one in findings} == {(Rule.SERVICE_WITHOUT_NODE, Certainty.PROBABLE)}
    assert len(findings) == len(HOSTS) - 1


def test_inventory_of_a_class_that_nova_does_not_count_is_not_compared(world: World) -> None:
    snapshot = whole(world, SMALL_COUNTS)
    more = {**snapshot.inventories["rp-alpha"], "CUSTOM_SILVER": Inventory(1)}
    assert judge(replace(snapshot, inventories={**snapshot.inventories, "rp-alpha": more})) == ([], [])
