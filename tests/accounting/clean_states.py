"""Clouds whose accounts are right, server by server, in every state that Nova knows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from stocktake.support.accounting.audit import Snapshot
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
WITH_VGPU = Flavor("gpu", vcpus=1, ram=512, disk=1, extra_specs={"resources:VGPU": "1"})
FLAVORS = (SMALL, LARGE, GOLDEN, PINNED, DEVICE, WITH_VGPU)
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
    former: set[str] = field(default_factory=set)
    projects: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)

    def boot(self, status: str, flavor: Flavor, host: str | None, **more: Any) -> str:
        server = f"server-{len(self.servers)}"
        node = f"{host}.node" if host else None
        shown: dict[str, Any] = {
            "image_id": "plain",
            "name": server.upper(),
            "project_id": "ours",
            "user_id": "somebody",
        } | more
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
        children = {"alpha/numa0": "alpha", "alpha/nic": "alpha", "alpha/fpga": "alpha"}
        roots = [*HOSTS, "storage", "addresses"]
        providers = [Provider(f"rp-{name}", f"{name}.node", 1, root=f"rp-{name}") for name in roots]
        providers += [Provider(f"rp-{name}", name, 1, root=f"rp-{root}") for name, root in children.items()]
        stock = {name: Inventory(total, reserved=1) for name, total in BIG.items()}
        inventories = {f"rp-{name}": stock for name in HOSTS}
        inventories |= {"rp-storage": {"DISK_GB": Inventory(999)}, "rp-alpha/numa0": {"CUSTOM_GOLD": Inventory(99)}}
        inventories["rp-alpha/numa0"] |= {"VGPU": Inventory(99)}
        inventories["rp-alpha/nic"] = {"NET_BW_EGR_KILOBIT_PER_SEC": Inventory(10000)}
        inventories["rp-alpha/fpga"] = {"FPGA": Inventory(99)}
        inventories["rp-addresses"] = {"IPV4_ADDRESS": Inventory(99)}
        traits = {f"rp-{name}": ["COMPUTE_NODE", "OWNER_NOVA"] for name in HOSTS}
        traits |= {"rp-storage": ["MISC_SHARES_VIA_AGGREGATE"]}
        traits |= {"rp-alpha/fpga": ["OWNER_CYBORG"]}
        live = [host for host in HOSTS if host not in self.gone]
        read: dict[str, Any] = {
            "providers": providers,
            "inventories": inventories,
            "traits": traits,
            "usages": ledger.usages() + Usages({provider.uuid: Resources() for provider in providers}),
            "allocations": ledger,
            "servers": list(self.servers.values()),
            "migrations": self.migrations,
            "projects": {consumer: "ours" for consumer, _ in self.rows} | self.projects,
            "users": {consumer: "somebody" for consumer, _ in self.rows} | self.users,
            "former": self.former,
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


def with_a_device(world: World, host: str, flavor: Flavor, other: str) -> str:
    server = running(world, "alpha", DEVICE, other)
    world.hold(server, "alpha/fpga", Resources(FPGA=1))
    return server


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
    world.hold("a-device-of-another-service", "alpha/fpga", Resources(FPGA=1))
    world.hold("a-subnet", "addresses", Resources(IPV4_ADDRESS=5))


def with_a_vgpu(world: World, host: str, flavor: Flavor, other: str) -> None:
    server = world.boot("ACTIVE", WITH_VGPU, "alpha")
    world.hold(server, "alpha", WITH_VGPU.resources().without(["VGPU"]))
    world.hold(server, "alpha/numa0", Resources(VGPU=1))


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
    with_a_vgpu,
    in_a_cell_that_is_down,
    with_a_flavor_nova_now_refuses,
    holding_nothing_by_its_flavor,
]
