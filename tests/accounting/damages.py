"""What can go wrong with the accounts of a cloud: each damage, and the findings it must have."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from stocktake.support.accounting.audit import Rule
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rules.consumers import MAY_BE_OLD
from stocktake.support.accounting.rules.unknown import SHARED

from tests.accounting.clean_states import (
    GOLDEN,
    LARGE,
    SMALL,
    World,
    evacuated_and_its_host_is_back,
    failed_boot,
    offloaded,
    resize_undecided,
    running,
)

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
    doubt: str | None = None


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
    words = 'is on host "alpha.node", but also holds VCPU 2, MEMORY_MB 1024, DISK_GB 22 on host "beta.node"'
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
    words = "belongs to project ours, but its allocations are charged to project theirs"
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


def cold_migration_of_another_flavor(world: World) -> Expected:
    server = world.boot("VERIFY_RESIZE", SMALL, "beta")
    world.hold(server, "beta", SMALL.resources())
    migration = world.move(server, "migration", "finished", "alpha", "beta")
    world.hold(migration, "alpha", LARGE.resources())
    return Expected(Rule.AMOUNTS, "alpha", migration, LARGE.resources(), SMALL.resources())


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


def orphaned_vgpu_on_a_child(world: World) -> Expected:
    world.hold("orphaned-vgpu", "alpha/numa0", Resources(VGPU=1))
    return Expected(Rule.UNKNOWN_CONSUMER, "alpha", "orphaned-vgpu", Resources(VGPU=1))


def orphaned_bandwidth(world: World) -> Expected:
    bandwidth = Resources(NET_BW_EGR_KILOBIT_PER_SEC=100)
    world.hold("orphaned-bandwidth", "alpha/nic", bandwidth)
    return Expected(Rule.UNKNOWN_CONSUMER, "alpha", "orphaned-bandwidth", bandwidth)


def orphaned_disk_on_shared_storage(world: World) -> Expected:
    world.hold("orphaned-disk", "storage", Resources(DISK_GB=1))
    words = 'holds DISK_GB 1 on provider "storage.node"'
    return Expected(Rule.UNKNOWN_CONSUMER, "storage", "orphaned-disk", Resources(DISK_GB=1), words=words, doubt=SHARED)


def accelerator_of_a_deleted_server(world: World) -> Expected:
    world.former.add("deleted-with-fpga")
    world.hold("deleted-with-fpga", "alpha/fpga", Resources(FPGA=1))
    words = "but Nova has deleted the server with that id"
    return Expected(Rule.UNKNOWN_CONSUMER, "alpha", "deleted-with-fpga", Resources(FPGA=1), words=words)


def addresses_of_a_deleted_server(world: World) -> Expected:
    world.former.add("deleted-with-address")
    world.hold("deleted-with-address", "addresses", Resources(IPV4_ADDRESS=1))
    return Expected(Rule.UNKNOWN_CONSUMER, "addresses", "deleted-with-address", Resources(IPV4_ADDRESS=1))


def former_host_keeps_its_bandwidth(world: World) -> Expected:
    server = running(world, "beta", LARGE, "alpha")
    bandwidth = Resources(NET_BW_EGR_KILOBIT_PER_SEC=100)
    world.hold(server, "alpha/nic", bandwidth)
    words = 'is on host "beta.node", but also holds NET_BW_EGR_KILOBIT_PER_SEC 100 on host "alpha.node"'
    return Expected(Rule.DOUBLED, "alpha", server, bandwidth, words=words)


def finished_migration_keeps_a_vgpu(world: World) -> Expected:
    migration = world.move(running(world, "beta", LARGE, "alpha"), "migration", "confirmed", "alpha", "beta")
    world.hold(migration, "alpha/numa0", Resources(VGPU=1))
    return Expected(Rule.FINISHED_MIGRATION, "alpha", migration, Resources(VGPU=1))


def finished_migration_keeps_its_disk_on_shared_storage(world: World) -> Expected:
    migration = world.move(running(world, "beta", LARGE, "alpha"), "migration", "confirmed", "delta", "beta")
    world.hold(migration, "storage", Resources(DISK_GB=20))
    return Expected(Rule.FINISHED_MIGRATION, "storage", migration, Resources(DISK_GB=20))


def offloaded_but_its_disk_is_kept_on_shared_storage(world: World) -> Expected:
    server = offloaded(world, "alpha", SMALL, "beta")
    world.hold(server, "storage", Resources(DISK_GB=1))
    words = 'but still holds DISK_GB 1 on provider "storage.node"'
    return Expected(Rule.OFFLOADED, "storage", server, Resources(DISK_GB=1), words=words)


def disk_kept_on_shared_storage_after_a_move_to_local_disks(world: World) -> Expected:
    server = running(world, "beta", LARGE, "alpha")
    world.hold(server, "storage", LARGE.resources().only(["DISK_GB"]))
    found = LARGE.resources() + LARGE.resources().only(["DISK_GB"])
    return Expected(Rule.AMOUNTS, "beta", server, found, LARGE.resources())


def vgpu_that_its_flavor_does_not_give(world: World) -> Expected:
    server = running(world, "alpha", SMALL, "beta")
    world.hold(server, "alpha/numa0", Resources(VGPU=1))
    return Expected(Rule.AMOUNTS, "alpha", server, SMALL.resources() + Resources(VGPU=1), SMALL.resources())


def charged_to_the_user_who_moved_it(world: World) -> Expected:
    server = running(world, "alpha", SMALL, "beta")
    world.users[server] = "admin"
    words = "belongs to user somebody, but its allocations are charged to user admin"
    return Expected(Rule.OTHER_USER, "alpha", server, SMALL.resources(), words=words, doubt=MAY_BE_OLD)


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
    cold_migration_of_another_flavor,
    too_much_disk_on_shared_storage,
    beyond_its_capacity,
    orphaned_vgpu_on_a_child,
    orphaned_bandwidth,
    orphaned_disk_on_shared_storage,
    accelerator_of_a_deleted_server,
    addresses_of_a_deleted_server,
    former_host_keeps_its_bandwidth,
    finished_migration_keeps_a_vgpu,
    finished_migration_keeps_its_disk_on_shared_storage,
    offloaded_but_its_disk_is_kept_on_shared_storage,
    disk_kept_on_shared_storage_after_a_move_to_local_disks,
    vgpu_that_its_flavor_does_not_give,
    charged_to_the_user_who_moved_it,
]
