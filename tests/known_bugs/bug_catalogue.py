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
CONTROL = "late_writes"
"""No bug: everything is a second late, and right."""


class Tells(Enum):
    """What the message of a failed scenario must name: every regular expression must be found in it."""

    ACCOUNTS = (
        r'(host "|\| )(alpha|beta|gamma|delta|picky|stuck|weak)\b',  # the host's role
        r'(server|migration of)( "| )(web|db|near|far)|unknown consumer',  # the consumer
        r"[0-9]+ \(not [0-9]+\)|(VCPU|MEMORY_MB|DISK_GB|CUSTOM_[A-Z]+) [0-9]+",  # the amounts
    )
    USAGES = (r'(host "|\| )(alpha|beta|gamma)\b', r"[+-]?[0-9]+ \(not [+-]?[0-9]+\)|(VCPU|MEMORY_MB|DISK_GB) [0-9]+")
    HYPERVISOR = (r'(host "|\| )(alpha|beta|gamma|picky|flaky|weak)\b', r"[+-]?[0-9]+ \(not [+-]?[0-9]+\)")
    TRAIT = (r'host "(alpha|beta|gamma)"', r"\b(CUSTOM|COMPUTE)_[A-Z_]+")
    AGGREGATE = (r'host "(alpha|beta|gamma)"', r'aggregate of zone "east"')
    INVENTORY = (r'host "(alpha|beta|gamma)"', r"\b(VCPU|MEMORY_MB|DISK_GB)\b", r"[0-9]+\.[0-9]+")
    NODE = (r'provider "old" stands for a compute node, but Nova has none',)
    PROJECT = (r'server "own" belongs to project [0-9a-f]{32}, but what it holds is charged to project [0-9a-f]{32}',)
    MIGRATION = (r'migration of server "web"', r"evacuation accepted")


@dataclass(frozen=True)
class Bug:
    """One bug of `planted/bugs`.

    `features` is what should catch it: files, or FILE::SCENARIO. `leaks` says whether it leaves a wrong account behind
    that the audit must see by itself; `in_ci` whether it is planted in every run of these tests.
    """

    name: str
    features: tuple[str, ...]
    tells: Tells = Tells.ACCOUNTS
    leaks: bool = True
    in_ci: bool = False

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
        return tuple(int(number) for number in re.findall(r"\b1[0-9]{6}\b", self._documented))


def _one(file: str, scenario: str) -> tuple[str, ...]:
    return (f"features/{file}.feature::{scenario}",)


KNOWN = (
    # Booting
    Bug("aborted_build_stays_charged", _one("boot_failures", "The server is in ERROR and nobody pays for it")),
    Bug("rescheduled_build_keeps_first_host", _one("boot_failures", "A host that failed to start the server is free")),
    Bug("partial_boot_leaks", _one("boot_many", "Those for which there was room hold nothing either")),
    Bug("named_host_not_charged", _one("boot", "A server booted on a named host is charged there")),
    Bug("swap_charged_as_gb", _one("boot", "A flavor <with> costs what it asks of Placement")),
    Bug("volume_charged_as_disk", _one("volume_backed", "A server without other disks is charged for none")),
    # Resize and cold migration
    Bug(
        "revert_charges_both_hosts", _one("revert", "The server holds its old flavor on its old host again"), in_ci=True
    ),
    Bug("confirm_keeps_source", _one("resize", "The source is free once the owner has confirmed"), in_ci=True),
    Bug("failed_confirm_keeps_source", _one("resize_failures", "The source fails to confirm")),
    Bug(
        "same_host_confirm_frees_all",
        _one("resize_same_host", "Only the new flavor remains once the resize is confirmed"),
    ),
    Bug(
        "refused_claim_keeps_destination",
        _one("reschedule", "A resize that the first host refuses is charged on the next one"),
    ),
    Bug("failed_departure_keeps_destination", _one("resize_failures", "The source fails to hand the server over")),
    Bug("failed_arrival_keeps_source", _one("resize_failures", "The destination fails to finish the resize")),
    Bug("refused_resize_left_with_migration", _one("no_room", "A resize to a flavor that fits nowhere")),
    Bug(
        "confirmed_resize_asks_for_old_flavor",
        _one("after_resize", "A server that comes back from the shelf is charged for the new flavor"),
    ),
    Bug(
        "reverted_resize_asks_for_new_flavor",
        _one("after_resize", "A server that comes back from the shelf is charged for the old flavor"),
    ),
    Bug(
        "automatic_confirm_keeps_source",
        _one("confirm_window", "The source of a resize that nobody decided is free"),
    ),
    Bug(
        "confirm_frees_other_moves",
        _one("neighbours", "The undecided resize of a neighbour stays charged on both hosts"),
    ),
    # Live migration
    Bug("live_migration_keeps_source", _one("live_migrate", "A named destination is charged and the source is free")),
    Bug(
        "forced_live_migration_not_charged",
        _one("live_migrate", "A destination forced past the scheduler is charged all the same"),
    ),
    Bug(
        "broken_live_migration_keeps_destination",
        _one("live_migrate_failures", "An aborted migration frees the destination"),
    ),
    Bug(
        "queued_live_migration_keeps_destination",
        _one("live_migrate_failures", "A migration that is aborted in the queue frees the destination"),
    ),
    Bug("failed_check_keeps_destination", _one("live_migrate_failures", "The host that failed the check is free")),
    Bug("refused_live_migration_left_with_migration", _one("no_room", "A live migration with no other host")),
    Bug("moves_charge_the_mover", _one("projects", "A live migration stays on the owner's account"), Tells.PROJECT),
    # Evacuation, and hosts that go and come
    Bug(
        "returned_host_frees_guests",
        _one("neighbours", "A neighbour that stayed is still charged when the host returns"),
    ),
    Bug("returned_host_stays_charged", _one("evacuate", "The old host owes nothing once it is back"), in_ci=True),
    Bug(
        "one_evacuee_freed",
        _one("neighbours", "A host that returns is free of every server that was evacuated"),
    ),
    Bug(
        "second_evacuation_keeps_first_host",
        _one("evacuate_twice", "The first host is free once it is back and the second still charged"),
    ),
    Bug(
        "settled_evacuation_undone",
        _one("host_restart", "A server that came back to its first host stays charged there"),
    ),
    Bug("forced_evacuation_not_charged", _one("evacuate_choices", "A forced host is charged beside the dead one")),
    Bug(
        "failed_evacuation_keeps_destination", _one("evacuate_failures", "The destination fails to rebuild the server")
    ),
    Bug(
        "refused_evacuation_destroys",
        _one("evacuate_failures", "The dead host returns after an evacuation that failed"),
        Tells.MIGRATION,
    ),
    Bug("dead_host_freed_at_once", _one("evacuate", "The evacuated server is charged on both hosts"), leaks=False),
    Bug("retired_host_stays_charged", _one("retire", "The share of an evacuated server goes with its dead host")),
    Bug(
        "undecided_host_retired",
        _one("retire", "The service of a host with an undecided migration is kept"),
        Tells.NODE,
    ),
    Bug("occupied_host_retired", _one("retire", "The service of a host that runs a server is kept"), Tells.NODE),
    # Shelving and rebuilding
    Bug("offload_keeps_host", _one("shelve", "The host is free once the server has been offloaded")),
    Bug("failed_unshelve_stays_charged", _one("shelve", "Its host fails to start it")),
    Bug("rebuild_charges_again", _one("power_and_rebuild", "Rebuilding from another image changes nothing")),
    # Deletion
    Bug("delete_frees_nothing", _one("delete", "The host of a deleted server is free")),
    Bug("local_delete_leaks", _one("delete_dead_host", "The dead host is free before it returns")),
    Bug(
        "deleted_resize_keeps_source",
        _one("delete", "Both hosts are free when a server is deleted with its resize undecided"),
    ),
    Bug("deleted_evacuee_keeps_dead_host", _one("evacuate_choices", "Deleting the server frees both hosts at once")),
    Bug("soft_delete_frees_at_once", _one("soft_delete", "The host keeps the charge of a soft-deleted server")),
    Bug("reclaimed_server_stays_charged", _one("soft_delete", "The host is free once the server is reclaimed")),
    # The periodic, inventories, hypervisors, traits, Placement itself
    Bug(
        "periodic_flattens",
        _one("custom_resources", "A server holds the custom resource beside its flavor's sizes"),
        leaks=False,
    ),
    Bug(
        "operators_ratio_lost",
        _one("inventory", "The periodic leaves a ratio as it was set"),
        Tells.INVENTORY,
        leaks=False,
    ),
    Bug(
        "hypervisor_keeps_failed_build",
        _one("hypervisor_failures", "A server whose build was aborted is counted nowhere"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_keeps_old_flavor",
        _one("hypervisors", "A confirmed resize leaves the source at once"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_counts_memory_twice",
        _one("hypervisors", "A host that runs servers counts them and what it reserves"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_periodic_forgets_source",
        _one("resize", "The migration keeps the old flavor while the server holds the new one"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_periodic_revives_destination",
        _one("revert", "The server holds its old flavor on its old host again"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_periodic_forgets_same_host",
        _one("resize_same_host", "The server holds the new flavor and its migration the old one"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug(
        "hypervisor_periodic_revives_live_source",
        _one("live_migrate", "The scheduler's destination is charged and the source is free"),
        Tells.HYPERVISOR,
        leaks=False,
    ),
    Bug("operators_trait_lost", _one("traits", "An operator's trait survives the periodic"), Tells.TRAIT, leaks=False),
    Bug(
        "capability_never_reported",
        _one("compute_traits", "A host with the fake driver has its traits and no other"),
        Tells.TRAIT,
        leaks=False,
    ),
    Bug(
        "disabled_host_not_marked",
        _one("host_status", "Disabling a host puts the trait on its provider"),
        Tells.TRAIT,
        leaks=False,
    ),
    Bug(
        "left_zone_keeps_aggregate",
        _one("zones", "A host that leaves its zone leaves the aggregate"),
        Tells.AGGREGATE,
        leaks=False,
    ),
    Bug("usages_of_all_hosts", _one("boot", "A server booted on a named host is charged there"), Tells.USAGES),
)


def bug_named(name: str) -> Bug:
    """Return a bug. Raises KeyError for a name nobody knows."""
    return {bug.name: bug for bug in KNOWN}[name]
