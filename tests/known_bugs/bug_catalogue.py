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
        r'(host "|\| )(alpha|beta|gamma|delta)\b',  # the host's role
        r'(server|migration of)( "| )(web|db)|unknown consumer',  # the consumer
        r"[0-9]+ \(not [0-9]+\)|(VCPU|MEMORY_MB|DISK_GB|CUSTOM_[A-Z]+) [0-9]+",  # the amounts
    )
    USAGES = (r'(host "|\| )(alpha|beta|gamma)\b', r"[+-]?[0-9]+ \(not [+-]?[0-9]+\)|(VCPU|MEMORY_MB|DISK_GB) [0-9]+")
    HYPERVISOR = (r'(host "|\| )(alpha|beta|gamma)\b', r"[+-]?[0-9]+ \(not [+-]?[0-9]+\)")
    TRAIT = (r'host "(alpha|beta|gamma)"', r"\b(CUSTOM|COMPUTE)_[A-Z_]+")
    ANSWER = (r"\b(204|409)\b",)


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


KNOWN = (
    # Booting
    Bug("aborted_build_stays_charged", ("features/boot_failures.feature",)),
    Bug("rescheduled_build_keeps_first_host", ("features/boot_failures.feature",)),
    Bug("partial_boot_leaks", ("features/boot_failures.feature",)),
    Bug("named_host_not_charged", ("features/boot.feature::A server booted on a named host is charged there",)),
    Bug("swap_charged_as_gb", ("features/boot.feature",)),
    Bug("volume_charged_as_disk", ("features/volumes.feature",)),
    # Resize and cold migration
    Bug(
        "revert_charges_both_hosts",
        ("features/revert.feature::The server holds its old flavor on its old host again",),
        in_ci=True,
    ),
    Bug(
        "confirm_keeps_source",
        ("features/resize.feature::The source is free once the owner has confirmed",),
        in_ci=True,
    ),
    Bug("failed_confirm_keeps_source", ("features/cold_migrate.feature",)),
    Bug("same_host_confirm_frees_all", ("features/resize_same_host.feature",)),
    Bug("refused_claim_keeps_destination", ("features/cold_migrate.feature",)),
    Bug("failed_departure_keeps_destination", ("features/cold_migrate.feature",)),
    Bug("failed_arrival_keeps_source", ("features/cold_migrate.feature",)),
    Bug("refused_resize_left_with_migration", ("features/no_room.feature",)),
    # Live migration
    Bug("live_migration_keeps_source", ("features/live_migrate.feature",)),
    Bug("forced_live_migration_not_charged", ("features/live_migrate.feature",)),
    Bug("broken_live_migration_keeps_destination", ("features/live_migrate.feature",)),
    Bug("refused_live_migration_left_with_migration", ("features/live_migrate.feature",)),
    # Evacuation, and hosts that go and come
    Bug(
        "returned_host_stays_charged",
        ("features/evacuate.feature::The old host owes nothing once it is back",),
        in_ci=True,
    ),
    Bug("second_evacuation_keeps_first_host", ("features/evacuate_choices.feature",)),
    Bug("forced_evacuation_not_charged", ("features/evacuate_choices.feature",)),
    Bug("failed_evacuation_keeps_destination", ("features/evacuate_choices.feature",)),
    Bug("refused_evacuation_destroys", ("features/evacuate_choices.feature",)),
    Bug("dead_host_freed_at_once", ("features/evacuate.feature::The evacuated server is charged on both hosts",)),
    Bug("retired_host_stays_charged", ("features/retire.feature",)),
    Bug("undecided_host_retired", ("features/retire.feature",), Tells.ANSWER),
    Bug("occupied_host_retired", ("features/retire.feature",), Tells.ANSWER),
    # Shelving and rebuilding
    Bug("offload_keeps_host", ("features/shelve.feature",)),
    Bug("failed_unshelve_stays_charged", ("features/shelve.feature",)),
    Bug("rebuild_charges_again", ("features/rebuild.feature",)),
    # Deletion
    Bug("delete_frees_nothing", ("features/delete.feature::The host of a deleted server is free",)),
    Bug("local_delete_leaks", ("features/delete_choices.feature",)),
    Bug(
        "deleted_resize_keeps_source",
        ("features/delete.feature::Both hosts are free when a server is deleted with its resize undecided",),
    ),
    Bug("deleted_evacuee_keeps_dead_host", ("features/delete_choices.feature",)),
    Bug("soft_delete_frees_at_once", ("features/soft_delete.feature",)),
    Bug("reclaimed_server_stays_charged", ("features/soft_delete.feature",)),
    # The periodic, hypervisors, traits, Placement itself
    Bug("periodic_flattens", ("features/boot.feature::A flavor <with> costs what it asks of Placement",)),
    Bug("hypervisor_keeps_old_flavor", ("features/hypervisors.feature",), Tells.HYPERVISOR, leaks=False),
    Bug("hypervisor_counts_memory_twice", ("features/hypervisors.feature",), Tells.HYPERVISOR, leaks=False),
    Bug("operators_trait_lost", ("features/traits.feature",), Tells.TRAIT, leaks=False),
    Bug("capability_never_reported", ("features/traits.feature",), Tells.TRAIT, leaks=False),
    Bug("disabled_host_not_marked", ("features/host_status.feature",), Tells.TRAIT, leaks=False),
    Bug(
        "usages_of_all_hosts",
        ("features/boot.feature::A server booted on a named host is charged there",),
        Tells.USAGES,
    ),
)


def bug_named(name: str) -> Bug:
    """Return a bug. Raises KeyError for a name nobody knows."""
    return {bug.name: bug for bug in KNOWN}[name]
