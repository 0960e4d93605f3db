"""A clean cloud in every state of a server's life has no findings; each kind of damage has exactly one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stocktake.support.accounting.audit import Finding, Rule, Snapshot, audit, lasting
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.placement.values import Inventory, Provider

SMALL = Flavor("small", vcpus=1, ram=512, disk=1, swap=100)
LARGE = Flavor("large", vcpus=2, ram=1024, disk=20, ephemeral=2)
GOLDEN = Flavor("golden", vcpus=1, ram=256, disk=1, extra_specs={"resources1:CUSTOM_GOLD": "2", "resources:VCPU": "0"})
PINNED = Flavor("pinned", vcpus=4, ram=512, disk=1, extra_specs={"hw:cpu_policy": "dedicated"})
DEVICE = Flavor("device", vcpus=1, ram=512, disk=1, extra_specs={"accel:device_profile": "fpga"})
FLAVORS = (SMALL, LARGE, GOLDEN, PINNED, DEVICE)
HOSTS = ("alpha", "beta", "gamma", "delta")
BIG = {
    "VCPU": 64,
    "PCPU": 64,
    "MEMORY_MB": 99999,
    "DISK_GB": 999,
    "CUSTOM_GOLD": 99,
    "MEM_ENCRYPTION_CONTEXT": 9,
    "VGPU": 9,
    "CUSTOM_SILVER": 9,
}


@dataclass
class World:
    """A small cloud as Placement and Nova describe it; alpha has children, storage shares disk with delta."""

    rows: dict[tuple[str, str], Resources] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    migrations: list[Migration] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    projects: dict[str, str] = field(default_factory=dict)

    def boot(self, status: str, flavor: Flavor, host: str | None, **more: Any) -> str:
        server = f"server-{len(self.servers)}"
        node = f"{host}.node" if host else None
        shown: dict[str, Any] = {"image_id": "plain", "name": server.upper(), "project_id": "ours"} | more
        self.servers[server] = Server(
            id=server, status=status, flavor=flavor, host=host, hypervisor_hostname=node, **shown
        )
        return server

    def move(self, server: str, kind: str, status: str, source: str, dest: str | None) -> str:
        number = len(self.migrations)
        dest_node = f"{dest}.node" if dest else None
        self.migrations.append(
            Migration(number, f"migration-{number}", kind, status, source, dest, server, f"{source}.node", dest_node)
        )
        return f"migration-{number}"

    def hold(self, consumer: str, provider: str, resources: Resources) -> None:
        key = (consumer, f"rp-{provider}")
        self.rows[key] = self.rows.get(key, Resources()) + resources

    def snapshot(self, **changes: Any) -> Snapshot:
        ledger = Ledger(self.rows)
        children = {"alpha/numa0": "alpha", "alpha/nic": "alpha"}
        roots = [*HOSTS, "storage"]
        providers = [Provider(f"rp-{name}", f"{name}.node", 1, root=f"rp-{name}") for name in roots]
        providers += [Provider(f"rp-{name}", name, 1, root=f"rp-{root}") for name, root in children.items()]
        stock = {name: Inventory(total, reserved=1) for name, total in BIG.items()}
        inventories = {f"rp-{name}": stock for name in HOSTS}
        inventories |= {"rp-storage": {"DISK_GB": Inventory(999)}, "rp-alpha/numa0": {"CUSTOM_GOLD": Inventory(99)}}
        inventories["rp-alpha/nic"] = {"NET_BW_EGR_KILOBIT_PER_SEC": Inventory(10000), "FPGA": Inventory(99)}
        live = [host for host in HOSTS if host not in self.gone]
        read: dict[str, Any] = {
            "providers": providers,
            "inventories": inventories,
            "traits": {f"rp-{name}": ["COMPUTE_NODE"] for name in HOSTS},
            "usages": ledger.usages() + Usages({provider.uuid: Resources() for provider in providers}),
            "allocations": ledger,
            "servers": list(self.servers.values()),
            "migrations": self.migrations,
            "projects": {consumer: "ours" for consumer, _ in self.rows} | self.projects,
            "services": [
                ComputeService(h, h, "nova-compute", "down" if h in self.down else "up", "enabled") for h in live
            ],
            "hypervisors": [Hypervisor(f"rp-{host}", f"{host}.node", host) for host in live],
            "flavors": FLAVORS,
            "images": {"plain": {}, "pinning": {"hw_cpu_policy": "dedicated"}},
        }
        return Snapshot(**(read | changes))


# --- every state of a server's life --------------------------------------------------------------------------------


def running(world: World, host: str, flavor: Flavor, other: str) -> str:
    server = world.boot("ACTIVE", flavor, host)
    world.hold(server, host, flavor.resources())
    return server


def stopped(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.hold(world.boot("SHUTOFF", flavor, host), host, flavor.resources())


def shelved(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.hold(world.boot("SHELVED", flavor, host), host, flavor.resources())


def soft_deleted(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.hold(world.boot("SOFT_DELETED", flavor, host), host, flavor.resources())


def in_error_on_its_host(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.hold(world.boot("ERROR", flavor, host), host, flavor.resources())


def failed_boot(world: World, host: str, flavor: Flavor, other: str) -> str:
    return world.boot("ERROR", flavor, None)


def offloaded(world: World, host: str, flavor: Flavor, other: str) -> str:
    return world.boot("SHELVED_OFFLOADED", flavor, None)


def building(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.boot("BUILD", flavor, None, task_state="scheduling")
    claimed = world.boot("BUILD", flavor, None)
    world.hold(claimed, host, flavor.resources())
    world.boot("BUILD", flavor, host)
    spawning = world.boot("BUILD", flavor, host, task_state="spawning")
    world.hold(spawning, host, flavor.resources())


def being_deleted(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.hold(world.boot("ACTIVE", flavor, host, task_state="deleting"), host, flavor.resources())
    world.boot("ACTIVE", flavor, host, task_state="deleting")


def being_unshelved(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.hold(world.boot("SHELVED_OFFLOADED", flavor, None, task_state="spawning"), host, flavor.resources())


def volume_backed(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("ACTIVE", flavor, host, image_id=None)
    world.hold(server, host, flavor.resources(volume_backed=True))


def pinned_by_its_image(world: World, host: str, flavor: Flavor, other: str) -> None:
    for image in ("pinning", "not read"):
        server = world.boot("ACTIVE", LARGE, host, image_id=image)
        world.hold(server, host, LARGE.resources(image_properties={"hw_cpu_policy": "dedicated"}))


def being_resized(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("RESIZE", flavor, host, task_state="resize_migrating")
    world.hold(server, other, LARGE.resources())
    world.hold(world.move(server, "resize", "migrating", host, other), host, flavor.resources())


def resize_undecided(world: World, host: str, flavor: Flavor, other: str) -> tuple[str, str]:
    server = world.boot("VERIFY_RESIZE", LARGE, other)
    world.hold(server, other, LARGE.resources())
    migration = world.move(server, "resize", "finished", host, other)
    world.hold(migration, host, flavor.resources())
    return server, migration


def resize_undecided_on_one_host(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("VERIFY_RESIZE", LARGE, host)
    world.hold(server, host, LARGE.resources())
    world.hold(world.move(server, "resize", "finished", host, host), host, flavor.resources())


def cold_migration_undecided(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("VERIFY_RESIZE", flavor, other)
    world.hold(server, other, flavor.resources())
    world.hold(world.move(server, "migration", "finished", host, other), host, flavor.resources())


def being_confirmed(world: World, host: str, flavor: Flavor, other: str) -> None:
    for released in (False, True):
        server = world.boot("VERIFY_RESIZE", LARGE, other)
        world.hold(server, other, LARGE.resources())
        migration = world.move(server, "resize", "confirming", host, other)
        if not released:
            world.hold(migration, host, flavor.resources())


def confirmed(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.move(running(world, other, flavor, host), "resize", "confirmed", host, other)


def reverted(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.move(running(world, host, flavor, other), "resize", "reverted", host, other)


def refused_resize(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.move(running(world, host, flavor, other), "resize", "error", host, None)


def failed_resize_on_arrival(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("ERROR", flavor, other)
    world.hold(server, other, LARGE.resources())
    world.move(server, "resize", "error", host, other)


def live_migrating(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("MIGRATING", flavor, host, task_state="migrating")
    world.hold(server, other, flavor.resources())
    world.hold(world.move(server, "live-migration", "running", host, other), host, flavor.resources())


def live_migration_begins(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("MIGRATING", flavor, host, task_state="migrating")
    world.hold(server, other, flavor.resources())
    world.hold(world.move(server, "live-migration", "accepted", host, None), host, flavor.resources())


def live_migrated(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.move(running(world, other, flavor, host), "live-migration", "completed", host, other)


def live_migration_failed(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.move(running(world, host, flavor, other), "live-migration", "failed", host, other)
    world.move(running(world, host, flavor, other), "live-migration", "cancelled", host, other)


def being_evacuated(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.down.add("gamma")
    server = world.boot("REBUILD", flavor, "gamma", task_state="rebuilding")
    world.hold(server, "gamma", flavor.resources())
    world.hold(server, other, flavor.resources())
    world.move(server, "evacuation", "accepted", "gamma", None)


def evacuated(world: World, host: str, flavor: Flavor, other: str) -> str:
    world.down.add("gamma")
    server = running(world, host, flavor, other)
    world.hold(server, "gamma", flavor.resources())
    world.move(server, "evacuation", "done", "gamma", host)
    return server


def evacuated_twice(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.down |= {"gamma", "delta"}
    server = running(world, "alpha", flavor, other)
    for dead, dest in (("gamma", "delta"), ("delta", "alpha")):
        world.hold(server, dead, flavor.resources())
        world.move(server, "evacuation", "done", dead, dest)


def evacuated_and_its_host_is_back(world: World, host: str, flavor: Flavor, other: str) -> str:
    server = running(world, host, flavor, other)
    world.move(server, "evacuation", "completed", other, host)
    return server


def evacuated_then_resized(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.down.add("gamma")
    server, migration = resize_undecided(world, host, flavor, other)
    world.hold(migration, "gamma", flavor.resources())
    world.move(server, "evacuation", "done", "gamma", host)


def failed_evacuation(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("ERROR", flavor, host)
    world.hold(server, host, flavor.resources())
    world.move(server, "evacuation", "failed", host, other)


def nested(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("ACTIVE", GOLDEN, "alpha")
    world.hold(server, "alpha", GOLDEN.resources().without(["CUSTOM_GOLD"]))
    world.hold(server, "alpha/numa0", GOLDEN.resources().only(["CUSTOM_GOLD"]))


def with_bandwidth(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = running(world, "alpha", flavor, other)
    world.hold(server, "alpha/nic", Resources(NET_BW_EGR_KILOBIT_PER_SEC=100))


def with_a_device(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = running(world, "alpha", DEVICE, other)
    world.hold(server, "alpha/nic", Resources(FPGA=1))


def on_shared_storage(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("ACTIVE", LARGE, "delta")
    world.hold(server, "delta", LARGE.resources().without(["DISK_GB"]))
    world.hold(server, "storage", LARGE.resources().only(["DISK_GB"]))


def evacuated_on_shared_storage(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.down.add("gamma")
    server = world.boot("SHUTOFF", LARGE, "delta")
    for place in ("gamma", "delta"):
        world.hold(server, place, LARGE.resources().without(["DISK_GB"]))
    world.hold(server, "storage", LARGE.resources().only(["DISK_GB"]) * 2)
    world.move(server, "evacuation", "done", "gamma", "delta")


def of_another_service(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.hold("a-device-of-another-service", "alpha/nic", Resources(FPGA=1))
    world.hold("a-volume-elsewhere", "storage", Resources(DISK_GB=5))


def in_a_cell_that_is_down(world: World, host: str, flavor: Flavor, other: str) -> None:
    world.hold(world.boot("UNKNOWN", None, None), host, flavor.resources())  # type: ignore[arg-type]


def with_a_flavor_nova_now_refuses(world: World, host: str, flavor: Flavor, other: str) -> None:
    refused = replace(SMALL, name="refused", extra_specs={"hw:cpu_policy": "whatever"})
    world.hold(world.boot("ACTIVE", refused, host), host, SMALL.resources())


def holding_nothing_by_its_flavor(world: World, host: str, flavor: Flavor, other: str) -> None:
    nothing = {f"resources:{name}": "0" for name in ("VCPU", "MEMORY_MB", "DISK_GB")}
    for image in ("plain", "not read"):
        world.boot("ACTIVE", replace(SMALL, name="nothing", extra_specs=nothing), host, image_id=image)
    moved = world.boot("VERIFY_RESIZE", replace(SMALL, name="nothing", extra_specs=nothing), other)
    world.move(moved, "migration", "finished", host, other)


State = Callable[[World, str, Flavor, str], Any]
STATES: list[State] = [
    running,
    stopped,
    shelved,
    soft_deleted,
    in_error_on_its_host,
    failed_boot,
    offloaded,
    building,
    being_deleted,
    being_unshelved,
    volume_backed,
    pinned_by_its_image,
    being_resized,
    resize_undecided,
    resize_undecided_on_one_host,
    cold_migration_undecided,
    being_confirmed,
    confirmed,
    reverted,
    refused_resize,
    failed_resize_on_arrival,
    live_migrating,
    live_migration_begins,
    live_migrated,
    live_migration_failed,
    being_evacuated,
    evacuated,
    evacuated_twice,
    evacuated_and_its_host_is_back,
    evacuated_then_resized,
    failed_evacuation,
    nested,
    with_bandwidth,
    with_a_device,
    on_shared_storage,
    evacuated_on_shared_storage,
    of_another_service,
    in_a_cell_that_is_down,
    with_a_flavor_nova_now_refuses,
    holding_nothing_by_its_flavor,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_clean_state_has_no_findings(state: State) -> None:
    world = World()
    state(world, "alpha", SMALL, "beta")
    assert audit(world.snapshot()) == []


pairs_of_hosts = st.sampled_from([("alpha", "beta"), ("beta", "alpha")])
populations = st.lists(
    st.tuples(st.sampled_from(STATES), pairs_of_hosts, st.sampled_from([SMALL, LARGE, GOLDEN, PINNED])), max_size=12
)


def populated(population: list[tuple[State, tuple[str, str], Flavor]]) -> World:
    world = World()
    for state, (host, other), flavor in population:
        state(world, host, flavor, other)
    return world


many = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


@many
@given(populations)
def test_any_mixture_of_clean_states_has_no_findings(population: list) -> None:
    assert audit(populated(population).snapshot()) == []


@many
@given(populations)
def test_any_part_of_a_clean_cloud_has_no_findings(population: list) -> None:
    """A scenario reads only the trees it holds."""
    whole = populated(population).snapshot()
    for held in ({"rp-alpha"}, {"rp-beta", "rp-gamma"}):
        trees = [provider for provider in whole.providers if provider.root in held]
        uuids = {provider.uuid for provider in trees}
        part = replace(
            whole,
            providers=trees,
            inventories={uuid: stock for uuid, stock in whole.inventories.items() if uuid in uuids},
            usages=Usages({uuid: whole.usages[uuid] for uuid in uuids}),
            allocations=Ledger(
                {key: held for key, held in whole.allocations.items() if key[1] in {*uuids, "rp-storage"}}
            ),
            hypervisors=[node for node in whole.hypervisors or () if node.id in uuids],
            traits={},
        )
        assert audit(part) == []


# --- damage --------------------------------------------------------------------------------------------------------


@dataclass
class Expected:
    """What exactly one finding must say."""

    rule: Rule
    host: str | None
    consumer: str | None
    found: Resources = field(default_factory=Resources)
    expected: Resources = field(default_factory=Resources)
    words: str = ""


def deleted_but_charged(world: World) -> Expected:
    world.hold("deleted-server", "alpha", SMALL.resources())
    words = "consumer deleted-server holds VCPU 1, MEMORY_MB 512, DISK_GB 2 on host"
    return Expected(Rule.UNKNOWN_CONSUMER, "alpha", "deleted-server", SMALL.resources(), words=words)


def deleted_but_still_shown(world: World) -> Expected:
    server = world.boot("DELETED", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources())
    return Expected(Rule.UNKNOWN_CONSUMER, "beta", server, SMALL.resources())


def stranger_with_a_custom_class_on_a_host(world: World) -> Expected:
    world.hold("stranger", "alpha", Resources(CUSTOM_SILVER=1))
    return Expected(Rule.UNKNOWN_CONSUMER, "alpha", "stranger", Resources(CUSTOM_SILVER=1))


def stranger_on_a_child(world: World) -> Expected:
    world.hold("orphan", "alpha/numa0", Resources(CUSTOM_GOLD=1))
    return Expected(Rule.UNKNOWN_CONSUMER, "alpha", "orphan", Resources(CUSTOM_GOLD=1))


def confirmed_but_source_kept(world: World) -> Expected:
    server = running(world, "beta", LARGE, "alpha")
    migration = world.move(server, "resize", "confirmed", "alpha", "beta")
    world.hold(migration, "alpha", SMALL.resources())
    words = "(resize, confirmed) still holds VCPU 1"
    return Expected(Rule.FINISHED_MIGRATION, "alpha", migration, SMALL.resources(), words=words)


def live_migrated_but_source_kept(world: World) -> Expected:
    server = running(world, "beta", LARGE, "alpha")
    migration = world.move(server, "live-migration", "completed", "alpha", "beta")
    world.hold(migration, "alpha", LARGE.resources())
    return Expected(Rule.FINISHED_MIGRATION, "alpha", migration, LARGE.resources())


def undecided_for_ever_after_a_state_reset(world: World) -> Expected:
    server = running(world, "beta", LARGE, "alpha")
    migration = world.move(server, "resize", "finished", "alpha", "beta")
    world.hold(migration, "alpha", SMALL.resources())
    return Expected(Rule.FINISHED_MIGRATION, "alpha", migration, SMALL.resources())


def evacuation_holds_something(world: World) -> Expected:
    migration = world.move(running(world, "beta", LARGE, "alpha"), "evacuation", "done", "alpha", "beta")
    world.hold(migration, "alpha", LARGE.resources())
    return Expected(Rule.FINISHED_MIGRATION, "alpha", migration, LARGE.resources())


def charged_elsewhere(world: World) -> Expected:
    server = world.boot("ACTIVE", SMALL, "beta")
    world.hold(server, "alpha", SMALL.resources())
    words = 'DISK_GB 2 on host "alpha.node", but is on host "beta.node"'
    return Expected(Rule.OTHER_HOST, "alpha", server, SMALL.resources(), words=words)


def charged_here_and_on_a_host_not_listed(world: World) -> Expected:
    server = world.boot("ACTIVE", SMALL, "omega")
    world.hold(server, "alpha", SMALL.resources())
    words = 'but is on host "omega.node"'
    return Expected(Rule.OTHER_HOST, "alpha", server, SMALL.resources(), words=words)


def undecided_migration_elsewhere(world: World) -> Expected:
    _, migration = resize_undecided(world, "alpha", SMALL, "beta")
    del world.rows[migration, "rp-alpha"]
    world.hold(migration, "gamma", SMALL.resources())
    words = 'holds VCPU 1, MEMORY_MB 512, DISK_GB 2 on host "gamma.node", but moves from host "alpha.node"'
    return Expected(Rule.OTHER_HOST, "gamma", migration, SMALL.resources(), words=words)


def reverted_but_doubled(world: World) -> Expected:
    server = running(world, "alpha", SMALL, "beta")
    world.move(server, "resize", "reverted", "alpha", "beta")
    world.hold(server, "beta", LARGE.resources())
    words = 'is on host "alpha.node", but holds VCPU 2, MEMORY_MB 1024, DISK_GB 22 on host "beta.node" as well'
    return Expected(Rule.DOUBLED, "beta", server, LARGE.resources(), words=words)


def returned_source_kept(world: World) -> Expected:
    server = evacuated_and_its_host_is_back(world, "alpha", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources())
    return Expected(Rule.DOUBLED, "beta", server, SMALL.resources())


def source_up_but_not_released(world: World) -> Expected:
    server = running(world, "alpha", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources())
    world.move(server, "evacuation", "done", "beta", "alpha")
    return Expected(Rule.DOUBLED, "beta", server, SMALL.resources())


def offloaded_but_charged(world: World) -> Expected:
    server = offloaded(world, "alpha", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources())
    words = "is offloaded from every host, but still holds VCPU 1"
    return Expected(Rule.OFFLOADED, "beta", server, SMALL.resources(), words=words)


def failed_boot_but_charged(world: World) -> Expected:
    server = failed_boot(world, "alpha", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources())
    words = "is in ERROR and has no host, but still holds VCPU 1"
    return Expected(Rule.FAILED_BOOT, "beta", server, SMALL.resources(), words=words)


def boot_without_claim(world: World) -> Expected:
    server = world.boot("ACTIVE", SMALL, "alpha")
    words = 'is ACTIVE, but holds nothing on host "alpha.node"'
    return Expected(Rule.MISSING, "alpha", server, expected=SMALL.resources(), words=words)


def refused_resize_forgets_the_server(world: World) -> Expected:
    server = world.boot("SHUTOFF", SMALL, "alpha")
    world.move(server, "migration", "error", "alpha", None)
    return Expected(Rule.MISSING, "alpha", server, expected=SMALL.resources())


def forced_evacuation_without_claim(world: World) -> Expected:
    world.down.add("gamma")
    server = world.boot("SHUTOFF", SMALL, "alpha")
    world.hold(server, "gamma", SMALL.resources())
    world.move(server, "evacuation", "done", "gamma", "alpha")
    return Expected(Rule.MISSING, "alpha", server, expected=SMALL.resources())


def forced_evacuation_charged_on_a_third_host(world: World) -> Expected:
    world.down.add("gamma")
    server = world.boot("SHUTOFF", SMALL, "alpha")
    for host in ("gamma", "beta"):
        world.hold(server, host, SMALL.resources())
    world.move(server, "evacuation", "done", "gamma", "alpha")
    return Expected(Rule.OTHER_HOST, "beta", server, SMALL.resources(), words='but is on host "alpha.node"')


def undecided_without_the_old_flavor(world: World) -> Expected:
    _, migration = resize_undecided(world, "alpha", SMALL, "beta")
    del world.rows[migration, "rp-alpha"]
    words = "is unconfirmed, but holds nothing"
    return Expected(Rule.MISSING, "alpha", migration, expected=SMALL.resources(), words=words)


def swap_counted_as_gb(world: World) -> Expected:
    server = running(world, "alpha", SMALL, "beta")
    world.hold(server, "alpha", Resources(DISK_GB=99))
    found = SMALL.resources() + Resources(DISK_GB=99)
    words = 'DISK_GB 101 on host "alpha.node", but its flavor "small" is VCPU 1, MEMORY_MB 512, DISK_GB 2'
    return Expected(Rule.AMOUNTS, "alpha", server, found, SMALL.resources(), words)


def twice_on_its_own_host(world: World) -> Expected:
    server = running(world, "beta", LARGE, "alpha")
    world.hold(server, "beta", LARGE.resources())
    return Expected(Rule.AMOUNTS, "beta", server, LARGE.resources() * 2, LARGE.resources())


def charged_to_who_moved_it(world: World) -> Expected:
    server = running(world, "alpha", SMALL, "beta")
    world.projects[server] = "theirs"
    words = "belongs to project ours, but what it holds is charged to project theirs"
    return Expected(Rule.OTHER_PROJECT, "alpha", server, SMALL.resources(), words=words)


def move_charged_to_another_project(world: World) -> Expected:
    _, migration = resize_undecided(world, "alpha", SMALL, "beta")
    world.projects[migration] = "theirs"
    words = "(resize, finished) belongs to project ours"
    return Expected(Rule.OTHER_PROJECT, "alpha", migration, SMALL.resources(), words=words)


def flattened_by_the_periodic(world: World) -> Expected:
    plain = replace(GOLDEN, extra_specs={}).resources()
    server = world.boot("ACTIVE", GOLDEN, "alpha")
    world.hold(server, "alpha", plain)
    return Expected(Rule.AMOUNTS, "alpha", server, plain, GOLDEN.resources())


def another_class_on_the_host_itself(world: World) -> Expected:
    server = running(world, "alpha", SMALL, "beta")
    world.hold(server, "alpha", Resources(VGPU=1))
    return Expected(Rule.AMOUNTS, "alpha", server, SMALL.resources() + Resources(VGPU=1), SMALL.resources())


def gold_on_the_child_that_no_flavor_gave(world: World) -> Expected:
    server = running(world, "alpha", SMALL, "beta")
    world.hold(server, "alpha/numa0", Resources(CUSTOM_GOLD=1))
    return Expected(Rule.AMOUNTS, "alpha", server, SMALL.resources() + Resources(CUSTOM_GOLD=1), SMALL.resources())


def root_disk_charged_to_a_volume_backed_server(world: World) -> Expected:
    server = world.boot("ACTIVE", LARGE, "beta", image_id=None)
    world.hold(server, "beta", LARGE.resources())
    return Expected(Rule.AMOUNTS, "beta", server, LARGE.resources(), LARGE.resources(volume_backed=True))


def old_flavor_after_the_resize(world: World) -> Expected:
    server = world.boot("ACTIVE", LARGE, "beta")
    world.hold(server, "beta", SMALL.resources())
    world.move(server, "resize", "confirmed", "alpha", "beta")
    return Expected(Rule.AMOUNTS, "beta", server, SMALL.resources(), LARGE.resources())


def migration_of_no_known_flavor(world: World) -> Expected:
    _, migration = resize_undecided(world, "alpha", SMALL, "beta")
    world.hold(migration, "alpha", Resources(VCPU=7))
    found = SMALL.resources() + Resources(VCPU=7)
    return Expected(Rule.AMOUNTS, "alpha", migration, found, SMALL.resources(), "but the nearest flavor is VCPU 1")


def cold_migration_of_another_flavor(world: World) -> Expected:
    server = world.boot("VERIFY_RESIZE", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources())
    migration = world.move(server, "migration", "finished", "alpha", "beta")
    world.hold(migration, "alpha", LARGE.resources())
    return Expected(Rule.AMOUNTS, "alpha", migration, LARGE.resources(), SMALL.resources())


def undecided_without_its_root_disk(world: World) -> Expected:
    _, migration = resize_undecided(world, "alpha", LARGE, "beta")
    world.rows[migration, "rp-alpha"] = LARGE.resources(volume_backed=True)
    return Expected(
        Rule.AMOUNTS,
        "alpha",
        migration,
        LARGE.resources(volume_backed=True),
        LARGE.resources(),
        "nearest flavor is VCPU 2",
    )


def too_much_disk_on_shared_storage(world: World) -> Expected:
    server = world.boot("ACTIVE", LARGE, "delta")
    world.hold(server, "delta", LARGE.resources().without(["DISK_GB"]))
    world.hold(server, "storage", Resources(DISK_GB=1))
    found = LARGE.resources().without(["DISK_GB"]) + Resources(DISK_GB=1)
    return Expected(Rule.AMOUNTS, "delta", server, found, LARGE.resources())


def beyond_its_capacity(world: World) -> Expected:
    huge = Flavor("huge", vcpus=1000, ram=1, disk=0)
    running(world, "delta", huge, "beta")
    words = 'provider "delta.node" has VCPU 1000 allocated, over its capacity of VCPU 63'
    return Expected(Rule.CAPACITY, "delta", None, Resources(VCPU=1000), Resources(VCPU=63), words)


DAMAGES: list[Callable[[World], Expected]] = [
    deleted_but_charged,
    deleted_but_still_shown,
    stranger_with_a_custom_class_on_a_host,
    stranger_on_a_child,
    confirmed_but_source_kept,
    live_migrated_but_source_kept,
    undecided_for_ever_after_a_state_reset,
    evacuation_holds_something,
    charged_elsewhere,
    charged_here_and_on_a_host_not_listed,
    undecided_migration_elsewhere,
    reverted_but_doubled,
    returned_source_kept,
    source_up_but_not_released,
    offloaded_but_charged,
    failed_boot_but_charged,
    boot_without_claim,
    refused_resize_forgets_the_server,
    forced_evacuation_without_claim,
    forced_evacuation_charged_on_a_third_host,
    undecided_without_the_old_flavor,
    swap_counted_as_gb,
    twice_on_its_own_host,
    charged_to_who_moved_it,
    move_charged_to_another_project,
    flattened_by_the_periodic,
    another_class_on_the_host_itself,
    gold_on_the_child_that_no_flavor_gave,
    root_disk_charged_to_a_volume_backed_server,
    old_flavor_after_the_resize,
    migration_of_no_known_flavor,
    cold_migration_of_another_flavor,
    undecided_without_its_root_disk,
    too_much_disk_on_shared_storage,
    beyond_its_capacity,
]


def check(finding: Finding, expected: Expected) -> None:
    assert (finding.rule, finding.consumer) == (expected.rule, expected.consumer), finding
    assert (finding.host, finding.provider) == (f"{expected.host}.node", f"rp-{expected.host}")
    assert finding.found == expected.found
    if expected.expected or expected.rule is not Rule.MISSING:
        assert finding.expected == expected.expected
    assert expected.words in finding.sentence
    assert finding.settled
    assert "\n" not in finding.sentence
    assert finding.look_next.startswith("openstack ")
    json.dumps(finding.as_json())


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_each_damage_alone_is_found(damage: Callable[[World], Expected]) -> None:
    world = World()
    expected = damage(world)
    (finding,) = audit(world.snapshot())
    check(finding, expected)


@many
@given(populations, st.sampled_from(DAMAGES))
def test_each_damage_is_found_among_others_and_nothing_else_is(
    population: list, damage: Callable[[World], Expected]
) -> None:
    world = World()
    for state, (host, other), flavor in population:
        state(world, host, flavor, other)
    expected = damage(world)
    (finding,) = audit(world.snapshot())
    if expected.rule is Rule.CAPACITY:
        assert finding.found["VCPU"] >= expected.found["VCPU"]
    else:
        check(finding, expected)


@many
@given(st.sets(st.sampled_from([damage for damage in DAMAGES if damage is not beyond_its_capacity])))
def test_damages_together_are_all_found(damages: set) -> None:
    world = World()
    expected = [damage(world) for damage in damages]
    found = audit(world.snapshot())
    assert sorted((one.rule, str(one.consumer)) for one in found) == sorted(
        (one.rule, str(one.consumer)) for one in expected
    )
    order = list(Rule)
    assert [order.index(one.rule) for one in found] == sorted(order.index(one.rule) for one in found)


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
    assert findings[1].look_next == "openstack hypervisor list --matching gamma.node"


def test_a_node_made_anew_under_its_old_name_lacks_its_provider() -> None:
    world = World(gone={"gamma"})
    anew = Hypervisor("another-uuid", "gamma.node", "gamma")
    snapshot = world.snapshot()
    findings = audit(replace(snapshot, hypervisors=[*(snapshot.hypervisors or ()), anew]))
    assert [one.rule for one in findings] == [Rule.NO_PROVIDER, Rule.NO_COMPUTE_NODE]


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
    world.hold(running(world, "alpha", SMALL, "beta"), "alpha/nic", Resources(FPGA=1))
    assert [one.rule for one in audit(world.snapshot(flavors=[accelerated, *FLAVORS]))] == [Rule.AMOUNTS]


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


def test_a_resize_is_not_judged_where_no_flavor_is_known() -> None:
    world = World()
    resize_undecided(world, "alpha", replace(SMALL, ram=99), "beta")
    assert [one.rule for one in audit(world.snapshot())] == [Rule.AMOUNTS]
    assert audit(world.snapshot(flavors=())) == []


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
