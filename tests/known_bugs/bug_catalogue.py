"""The known bugs: what each is about, and the smallest selection of features that must catch it.

What a bug does is written in its own file in `planted/bugs`: the first line says it, Launchpad numbers follow.
"""

import ast
import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

BUGS = Path(__file__).parent / "planted" / "bugs"
MENDS = sorted(path.stem for path in (BUGS.parent / "mends").glob("*.py"))
"""The known defects of Nova that can be mended in a lab, by the names of their entries, with underscores."""
CONTROL = "late_writes"
"""No bug: everything is a second late, and right."""


class Tells(Enum):
    """What the message of a failed scenario must name: every regular expression must be found in it."""

    ACCOUNTS = (
        r'(host "|\| )(alpha|beta|gamma|delta|flaky|picky|slow|stuck|weak)\b',  # the host's role
        r'(server|migration of)( "| )(web|db|near|far)|unknown consumer|consumer [0-9a-f-]{36}',  # the consumer
        # the amounts: of a row that differs, of one that is not expected at all, or in a finding of the audit
        r"[0-9]+ \(not [0-9]+\)|\| +[0-9]+ \| unexpected \|"
        r"|(VCPU|MEMORY_MB|DISK_GB|VGPU|MEM_ENCRYPTION_CONTEXT|FPGA|NET_[A-Z_]+|CUSTOM_[A-Z0-9_]+) [0-9]+",
    )
    USAGES = (r'(host "|\| )(alpha|beta|gamma)\b', r"[+-]?[0-9]+ \(not [+-]?[0-9]+\)|(VCPU|MEMORY_MB|DISK_GB) [0-9]+")
    HYPERVISOR = (r'(host "|\| )(alpha|beta|gamma|picky|flaky|slow|weak)\b', r"[+-]?[0-9]+ \(not [+-]?[0-9]+\)")
    TRAIT = (r'host "(alpha|beta|gamma)"', r"\b(CUSTOM|COMPUTE)_[A-Z_]+")
    AGGREGATE = (r'host "(alpha|beta|gamma)"', r'aggregate of zone "east"')
    INVENTORY = (r'host "(alpha|beta|gamma)"', r"\b(VCPU|MEMORY_MB|DISK_GB)\b", r"[0-9]+\.[0-9]+")
    NODE = (r'provider "old" represents a compute node, but Nova has none',)
    PROJECT = (
        r'server "own" belongs to project [0-9a-f]{32}, but its allocations are charged to project [0-9a-f]{32}',
    )
    DEVICE = (r'host "alpha"', r"\bCUSTOM_PCI_8086_1533\b")
    WRONG_HOST = (r'server "web"', r'ACTIVE on host "beta"')
    MIGRATION = (r'migration of server "web"', r"evacuation accepted")
    VOLUME = (
        r'volume "(root|data)"|\| (root|data) ',
        r'server "(web|[0-9a-f-]{36})"|\| web ',
        r'on host "\S+"|which Nova does not have|but not in Nova|\| (alpha|beta) |left (detaching|attaching)'
        r"|\| (available|reserved) ",
    )
    VOLUME_TYPE = (r"\| root +\| in-use \| web +\| picky +\| fast +\| unexpected",)
    LEFT_VOLUME = (r"\| root +\| available ", r"no volumes|no rows")
    ACCELERATOR_REQUEST = (r"accelerator request \S+ is Bound", r"which Nova does not have|has no host")


@dataclass(frozen=True)
class Bug:
    """One bug of `planted/bugs`.

    `features` is what should catch it: files, or FILE::SCENARIO. `leaks` says whether it leaves a wrong account behind
    that the audit must see by itself; `in_ci` whether it is planted in every run of these tests; `services` are the
    optional ones that its lab must have.
    """

    name: str
    features: tuple[str, ...]
    tells: Tells = Tells.ACCOUNTS
    leaks: bool = True
    in_ci: bool = False
    services: tuple[str, ...] = ()

    @cached_property
    def _documented(self) -> str:
        return ast.get_docstring(ast.parse((BUGS / f"{self.name}.py").read_text())) or ""

    @property
    def what(self) -> str:
        """One sentence."""
        return self._documented.partition("\n\n")[0].replace("\n", " ")

    @property
    def launchpad(self) -> tuple[int, ...]:
        """Numbers of the bugs on Launchpad whose mechanism it is."""
        return tuple(int(number) for number in re.findall(r"\b[12][0-9]{6}\b", self._documented))


def _one(file: str, scenario: str) -> tuple[str, ...]:
    return (f"features/{file}.feature::{scenario}",)


KNOWN = (
    # Booting
    Bug(
        "aborted_build_stays_charged",
        _one("boot/build_failures", "An aborted build leaves a server in ERROR without allocations"),
    ),
    Bug(
        "rescheduled_build_keeps_first_host",
        _one("boot/build_failures", "A host that failed to start the server is freed"),
    ),
    Bug(
        "partial_boot_leaks", _one("boot/multiple_servers", "None of the servers holds allocations when only some fit")
    ),
    Bug("named_host_not_charged", _one("boot/boot", "A server booted on a specified host holds its flavor there")),
    Bug(
        "internal_hint_obeyed",
        _one("boot/boot", "A server booted with an internal scheduler hint holds its flavor"),
    ),
    Bug("swap_charged_as_gb", _one("boot/boot", "A flavor <with> allocates what it requests")),
    Bug(
        "volume_charged_as_disk",
        _one("resources/volume_backed", "A volume-backed server without other disks allocates no DISK_GB"),
    ),
    # Resize and cold migration
    Bug(
        "revert_charges_both_hosts",
        _one("resize/revert", "The server holds its old flavor on its old host again"),
        in_ci=True,
    ),
    Bug("confirm_keeps_source", _one("resize/resize", "Confirming the resize frees the source"), in_ci=True),
    Bug("failed_confirm_keeps_source", _one("resize/resize_failures", "The source fails to confirm the resize")),
    Bug(
        "same_host_confirm_frees_all",
        _one("resize/resize_same_host", "Confirming the resize leaves only the new flavor"),
    ),
    Bug(
        "refused_claim_keeps_destination",
        _one("migrate/reschedule", "A resize that the first host refuses is charged on the next one"),
    ),
    Bug("failed_departure_keeps_destination", _one("resize/resize_failures", "The source fails to start the resize")),
    Bug("failed_arrival_keeps_source", _one("resize/resize_failures", "The destination fails to finish the resize")),
    Bug(
        "refused_resize_left_with_migration", _one("migrate/no_valid_host", "A resize to a flavor that fits on no host")
    ),
    Bug(
        "confirmed_resize_asks_for_old_flavor",
        _one("migrate/moves_after_resize", "Unshelving allocates the new flavor"),
    ),
    Bug(
        "reverted_resize_asks_for_new_flavor",
        _one("migrate/moves_after_resize", "Unshelving allocates the old flavor"),
    ),
    Bug(
        "automatic_confirm_keeps_source",
        _one("resize/auto_confirm", "Confirming a resize automatically frees the source"),
    ),
    Bug(
        "confirm_frees_other_moves",
        _one("migrate/neighbours", "The unconfirmed resize of a neighbour keeps both hosts charged"),
    ),
    # Live migration
    Bug("live_migration_keeps_source", _one("migrate/live_migrate", "A specified destination is charged")),
    Bug(
        "forced_live_migration_not_charged",
        _one("migrate/live_migrate", "A destination forced past the scheduler is charged"),
    ),
    Bug(
        "broken_live_migration_keeps_destination",
        _one("migrate/live_migrate_failures", "Aborting a running migration frees the destination"),
    ),
    Bug(
        "queued_live_migration_keeps_destination",
        _one("migrate/live_migrate_failures", "Aborting a queued migration frees the destination"),
    ),
    Bug(
        "failed_check_keeps_destination",
        _one("migrate/live_migrate_failures", "The host that failed the check is freed"),
    ),
    Bug(
        "refused_live_migration_left_with_migration",
        _one("migrate/no_valid_host", "A live migration without another host"),
    ),
    Bug(
        "moves_charge_the_mover",
        _one("access/projects", "A live migration is charged to the owner's project"),
        Tells.PROJECT,
    ),
    # Evacuation, and hosts that go and come
    Bug(
        "returned_host_frees_guests",
        _one("migrate/neighbours", "A server that was not evacuated stays charged"),
    ),
    Bug("returned_host_stays_charged", _one("evacuate/evacuate", "The old host is freed when it returns"), in_ci=True),
    Bug(
        "one_evacuee_freed",
        _one("migrate/neighbours", "Every evacuated server is freed from the host that returns"),
    ),
    Bug(
        "second_evacuation_keeps_first_host",
        _one("evacuate/evacuate_twice", "The first host is freed when it returns; the second stays charged"),
    ),
    Bug(
        "settled_evacuation_undone",
        _one("hosts/host_restart", "A server evacuated back to its first host stays charged there"),
    ),
    Bug(
        "forced_evacuation_not_charged",
        _one("evacuate/evacuate_options", "A forced host is charged in addition to the dead host"),
    ),
    Bug(
        "failed_evacuation_keeps_destination",
        _one("evacuate/evacuate_failures", "The destination fails to rebuild the server"),
    ),
    Bug(
        "refused_evacuation_destroys",
        _one("evacuate/evacuate_failures", "The dead host returns after a failed evacuation"),
        Tells.MIGRATION,
    ),
    Bug("dead_host_freed_at_once", _one("evacuate/evacuate", "The evacuated server holds both hosts"), leaks=False),
    Bug(
        "retired_host_stays_charged",
        _one("hosts/retire_host", "The allocations of an evacuated server on its dead host are deleted"),
    ),
    Bug(
        "undecided_host_retired",
        _one("hosts/retire_host", "The compute service of a host with an unconfirmed migration is kept"),
        Tells.NODE,
    ),
    Bug(
        "occupied_host_retired",
        _one("hosts/retire_host", "The compute service of a host with a server is kept"),
        Tells.NODE,
    ),
    # Hosts that fail unnoticed, and servers deleted while they are scheduled or built
    Bug(
        "stuck_build_delete_leaks",
        _one("boot/boot_on_failed_host", "Deleting a server that waits for its host frees the host"),
    ),
    Bug(
        "deleted_while_scheduled_stays_charged",
        _one("delete/delete_while_scheduled", "The scheduler selects a host for a server that was deleted meanwhile"),
    ),
    Bug(
        "interrupted_build_forgets_host",
        _one("boot/build_on_failed_host", "A returned host keeps the server in ERROR, and charged"),
    ),
    Bug(
        "returned_host_frees_arrivals",
        _one("resize/resize_failed_host", "The resize is finished when the destination returns"),
    ),
    Bug(
        "unanswered_check_keeps_destination",
        _one("migrate/live_migrate_failed_host", "A specified destination that does not answer is freed"),
    ),
    # Shelving and rebuilding
    Bug("offload_keeps_host", _one("shelve/shelve", "Offloading a server frees its host")),
    Bug("failed_unshelve_stays_charged", _one("shelve/shelve", "The host fails to start the unshelved server")),
    Bug(
        "unshelving_server_forgotten",
        _one("shelve/shelve", "The periodic task runs while the server is being unshelved"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "rebuild_charges_again", _one("boot/power_and_rebuild", "Rebuilding from another image changes no allocations")
    ),
    # Deletion
    Bug("delete_frees_nothing", _one("delete/delete", "Deleting a server frees its host")),
    Bug("local_delete_leaks", _one("delete/delete_host_down", "The host is free before it returns")),
    Bug(
        "deleted_resize_keeps_source",
        _one("delete/delete", "Deleting a server with an unconfirmed resize frees both hosts"),
    ),
    Bug(
        "deleted_evacuee_keeps_dead_host",
        _one("evacuate/evacuate_options", "Deleting the server frees both hosts at once"),
    ),
    Bug("soft_delete_frees_at_once", _one("delete/soft_delete", "A soft-deleted server keeps its allocations")),
    Bug("reclaimed_server_stays_charged", _one("delete/soft_delete", "Reclaiming the server frees the host")),
    # Hosts with the libvirt driver
    Bug(
        "dedicated_charged_as_shared",
        _one("hardware/dedicated_cpus", "A server that is alone on its cores holds only the CPUs of its flavor"),
        leaks=False,  # Nova falls back to shared CPUs where no host has dedicated ones
    ),
    Bug(
        "isolated_emulator_not_charged",
        _one("hardware/dedicated_cpus", "A server <with> holds the matching resource classes"),
    ),
    Bug(
        "encryption_not_charged",
        _one("hardware/memory_encryption", "A server with encrypted memory holds its host and a context"),
    ),
    Bug(
        "persistent_memory_not_charged",
        _one("hardware/persistent_memory", "A server with two namespaces holds one of each label"),
    ),
    Bug(
        "returned_host_keeps_children",
        _one("hardware/memory_encryption", "A host that returns after an evacuation frees its context"),
    ),
    Bug(
        "confirm_keeps_virtual_gpu",
        _one("hardware/virtual_gpus", "Confirming a cold migration frees the virtual GPU of the source"),
    ),
    Bug(
        "live_migration_keeps_virtual_gpu",
        _one("hardware/virtual_gpus", "A live migration frees the virtual GPU of the source"),
    ),
    Bug(
        "offload_keeps_encryption_context",
        _one("hardware/memory_encryption", "Offloading a server frees its context"),
    ),
    Bug(
        "dedicated_reported_as_shared",
        _one("hardware/dedicated_cpus", "An unconfirmed resize holds both kinds of CPU"),
        leaks=False,  # Nova falls back to shared CPUs where no host has dedicated ones
    ),
    Bug(
        "wrong_pci_device_claimed",
        _one("hardware/pci_devices", "A server that was booted on a host with several cards holds one"),
        leaks=False,  # Nova's configuration, not the flavor, says which devices an alias gives
    ),
    Bug(
        "mixed_charged_twice",
        _one("hardware/dedicated_cpus", "A live migration frees the dedicated CPUs of the source"),
    ),
    Bug(
        "delete_keeps_encryption_context",
        _one("hardware/memory_encryption", "Deleting a server frees its context"),
    ),
    Bug(
        "revert_keeps_virtual_functions",
        _one("hardware/pci_devices", "Reverting a resize to a flavor with devices frees them"),
    ),
    Bug(
        "removed_card_stays_offered",
        _one("hardware/devices_that_go", "A card that was taken out is not offered"),
        Tells.DEVICE,
        leaks=False,
    ),
    Bug(
        "provider_file_traits_lost",
        _one("hardware/provider_configuration", "The traits of the file are kept beside those of the driver"),
        Tells.TRAIT,
        leaks=False,
    ),
    Bug(
        "evacuation_charges_shared_disk_twice",
        _one("resources/shared_storage", "A host that returns after an evacuation leaves the server its disk"),
    ),
    Bug(
        "evacuation_ignores_group_policy",
        _one("boot/server_groups", "A server cannot be evacuated to the host of another member"),
        Tells.WRONG_HOST,
        leaks=False,
    ),
    Bug(
        "live_migration_ignores_group_policy",
        _one("boot/server_groups", "A server cannot be live migrated away from the others"),
        Tells.WRONG_HOST,
        leaks=False,
    ),
    # The periodic, inventories, hypervisors, traits, Placement itself
    Bug(
        "periodic_flattens",
        _one("resources/custom_resources", "A server holds the custom resource besides its flavor's sizes"),
        leaks=False,
    ),
    Bug(
        "operators_ratio_lost",
        _one("resources/inventory", "The periodic task keeps a ratio that was set in Placement"),
        Tells.INVENTORY,
        leaks=False,
    ),
    Bug(
        "hypervisor_keeps_failed_build",
        _one("hosts/hypervisor_failures", "A server whose build was aborted is not counted"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_keeps_old_flavor",
        _one("hosts/hypervisors", "Confirming a resize frees the source at once"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_counts_memory_twice",
        _one("hosts/hypervisors", "A host counts its servers and its reserved amounts"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_periodic_forgets_source",
        _one("resize/resize", "The migration holds the old flavor and the server the new one"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_periodic_revives_destination",
        _one("resize/revert", "The server holds its old flavor on its old host again"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_periodic_forgets_same_host",
        _one("resize/resize_same_host", "The server holds the new flavor and its migration the old one"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_periodic_revives_live_source",
        _one("migrate/live_migrate", "A destination selected by the scheduler is charged"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "operators_trait_lost",
        _one("resources/traits", "An operator's trait survives the periodic task"),
        Tells.TRAIT,
        leaks=False,
    ),
    Bug(
        "capability_never_reported",
        _one("hosts/capability_traits", "A host with the fake driver has exactly the driver's traits"),
        Tells.TRAIT,
        leaks=False,
    ),
    Bug(
        "disabled_host_not_marked",
        _one("hosts/disabled_hosts", "Disabling a host adds the trait to its provider"),
        Tells.TRAIT,
        leaks=False,
    ),
    Bug(
        "left_zone_keeps_aggregate",
        _one("boot/availability_zones", "A host removed from its zone is removed from the aggregate"),
        Tells.AGGREGATE,
        leaks=False,
    ),
    # Ports
    Bug(
        "confirm_keeps_bandwidth",
        _one("network/moves_with_ports", "Confirming a resize frees the port's amounts on the source"),
        services=("neutron",),
    ),
    Bug(
        "revert_loses_bandwidth",
        _one("network/moves_with_ports", "Reverting a resize returns the port's amounts to the source"),
        services=("neutron",),
    ),
    Bug(
        "evacuation_doubles_bandwidth",
        _one("network/moves_with_ports", "An evacuated server holds its port's amounts twice"),
        services=("neutron",),
    ),
    # Volumes
    Bug(
        "live_migration_keeps_volume_on_source",
        _one("volumes/moves", "A live migration takes the volumes along"),
        Tells.VOLUME,
        services=("cinder",),
    ),
    Bug(
        "resize_keeps_volume_on_source",
        _one("volumes/moves", "An unconfirmed resize has its volumes on the destination"),
        Tells.VOLUME,
        services=("cinder",),
    ),
    Bug(
        "evacuation_keeps_volume_on_dead_host",
        _one("volumes/moves", "An evacuation takes the volumes off the dead host"),
        Tells.VOLUME,
        services=("cinder",),
    ),
    Bug(
        "delete_keeps_volume_attached",
        _one("volumes/attach", "Deleting a server makes its volume available"),
        Tells.VOLUME,
        services=("cinder",),
    ),
    Bug(
        "detach_leaves_volume_detaching",
        _one("volumes/attach", "Detaching a volume makes it available"),
        Tells.VOLUME,
        services=("cinder",),
    ),
    Bug(
        "volume_outlives_its_server",
        _one("volumes/boot_from_volume", "Deleting a server deletes a volume that ends with it"),
        Tells.LEFT_VOLUME,
        leaks=False,
        services=("cinder",),
    ),
    Bug(
        "unshelving_leaves_volume_reserved",
        _one("volumes/moves", "An unshelved server has its volumes on its new host"),
        Tells.VOLUME,
        services=("cinder",),
    ),
    Bug(
        "offload_keeps_volume_attached",
        _one("volumes/moves", "A shelved server's volumes are reserved on no host"),
        Tells.VOLUME,
        services=("cinder",),
    ),
    Bug(
        "moved_volume_is_remembered_as_copy",
        _one("volumes/retype", "An attached volume moves to another back end"),
        Tells.VOLUME,
        services=("cinder",),
    ),
    Bug(
        "failed_exchange_counts_as_done",
        _one("volumes/retype", "The host fails to swap the volume"),
        Tells.VOLUME_TYPE,
        services=("cinder",),
    ),
    Bug(
        "resize_charges_root_volume",
        _one("volumes/moves", "An unconfirmed resize has its volumes on the destination"),
        services=("cinder",),
    ),
    # Accelerators
    Bug(
        "delete_keeps_accelerator",
        _one("accelerators/device_profiles", "Deleting a server frees its accelerators"),
        services=("cyborg",),
    ),
    Bug(
        "offload_keeps_accelerator",
        _one("accelerators/moves", "Offloading a server frees its accelerators"),
        services=("cyborg",),
    ),
    Bug(
        "delete_keeps_accelerator_bound",
        _one("accelerators/device_profiles", "Deleting a server frees its accelerators"),
        Tells.ACCELERATOR_REQUEST,
        services=("cyborg",),
    ),
    Bug(
        "failed_build_keeps_accelerator_bound",
        _one("accelerators/failures", "An aborted build frees the accelerator"),
        Tells.ACCELERATOR_REQUEST,
        services=("cyborg",),
    ),
    Bug(
        "attached_port_not_charged",
        _one("network/ports", "Attaching a port adds what it guarantees"),
        services=("neutron",),
    ),
    Bug(
        "detached_port_stays_charged",
        _one("network/ports", "Detaching a port frees what it guarantees"),
        services=("neutron",),
    ),
    Bug(
        "live_migration_keeps_bandwidth",
        _one("network/moves_with_ports", "A live migrated server holds its port's amounts on its new host"),
        services=("neutron",),
    ),
    Bug(
        "usages_of_all_hosts",
        _one("boot/boot", "A server booted on a specified host holds its flavor there"),
        Tells.USAGES,
    ),
)


def bug_named(name: str) -> Bug:
    """Return a bug. Raises KeyError for a name nobody knows."""
    return {bug.name: bug for bug in KNOWN}[name]
