"""Known defects of the software that a cloud runs: scenarios that fail because of them are reported separately.

A scenario carries the tag @known-NAME of an entry in `DEFECTS`; an operator lists scenarios that fail on their cloud,
each until a date. An entry explains a rule that the cloud breaks, never a fault of Stocktake.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from stocktake.support.releases import RELEASES, Release

TAG = "known-"
UNREPORTED = "no report was found on launchpad.net"


@dataclass(frozen=True)
class Defect:
    """A defect: what happens, the link to its report, and the affected major versions of Nova.

    `link` says so where no report was found; `known_reports` has one to file.

    `last` is None for one that is not fixed yet. `throughout` says whether all releases between have it, in every point
    release; otherwise a scenario may also pass.
    """

    summary: str
    link: str
    first: int
    last: int | None = None
    throughout: bool = True

    def has(self, release: Release) -> bool:
        """Whether any point release of a release has this defect."""
        return self.first <= release.nova and (self.last is None or release.nova <= self.last)


@dataclass(frozen=True)
class Listed:
    """A scenario that an operator expects to fail on one cloud, and until when (that day included)."""

    scenario: str
    summary: str
    link: str
    until: date


@dataclass(frozen=True)
class Known:
    """What is known about a scenario on one cloud: why it fails there, and whether it must."""

    summary: str
    link: str
    certain: bool
    entry: str
    """The entry's name in the sentence that asks to remove it."""

    @property
    def reason(self) -> str:
        """Return what reports say when the scenario fails."""
        return f"{self.summary}; {self.link}"

    @property
    def outlived(self) -> str:
        """Return what reports say when the scenario passes after all."""
        return f"this passes, although it is known to fail ({self.reason}): remove {self.entry}"


DEFECTS: Mapping[str, Defect] = {
    "evacuated-share-of-deleted-service": Defect(
        "deleting the compute service of a dead host leaves the allocations of its evacuated servers",
        "https://launchpad.net/bugs/1829479",
        first=24,
        last=24,
        throughout=False,  # fixed in 24.1.0
    ),
    "aborted-queued-live-migration-keeps-destination": Defect(
        "a queued live migration that was aborted still charges the destination to its server",
        "https://launchpad.net/bugs/1949808",
        first=24,
        last=24,
        throughout=False,  # fixed in 24.1.1
    ),
    # Nova, ResourceTracker._update_usage_from_instance: a server without a guest is taken for one that has left.
    "server-being-unshelved-is-forgotten": Defect(
        "the periodic task forgets a server that is being unshelved, so that its host seems to have room for others",
        "https://launchpad.net/bugs/2025480",
        first=24,
        last=28,
        throughout=False,  # fixed in 26.2.2, 27.3.0 and 28.1.0
    ),
    # Nova, SchedulerManager.select_destinations: a rebuild on the same host allocates nothing.
    "scheduler-hint-avoids-placement": Defect(
        "a server booted with the scheduler hint _nova_check_type=rebuild allocates nothing",
        "https://launchpad.net/bugs/2151252",
        first=24,
        last=33,
        throughout=False,  # fixed in 31.3.1, 32.2.1 and 33.0.2
    ),
    # Nova, ComputeManager._error_out_instances_whose_build_was_interrupted: only the state of the server is changed.
    "interrupted-build-keeps-host": Defect(
        "a server whose host never began its build is in ERROR without a host, and still holds its flavor there",
        "https://launchpad.net/bugs/1833581",
        first=24,
    ),
    # Nova, ComputeManager._init_instance: the guest is reverted; migration and allocations are not.
    "interrupted-resize-keeps-destination": Defect(
        "a resize that its source forgot in a restart leaves the server charged on the destination only",
        "https://launchpad.net/bugs/1836369",
        first=24,
    ),
    # Nova, ComputeManager._reset_live_migration: migration and task are ended; the allocations are not moved back.
    "interrupted-live-migration-keeps-destination": Defect(
        "a live migration that a restart of its source has ended leaves the server charged on the destination",
        "https://launchpad.net/bugs/1753676",
        first=24,
    ),
    # Nova, ComputeManager._post_live_migration: what follows the call to the destination is skipped if it fails.
    "unanswered-live-migration-keeps-source": Defect(
        "a live migration whose destination does not answer at its end leaves the source charged",
        "https://launchpad.net/bugs/2000069",
        first=24,
    ),
    # Nova, API._delete and ComputeManager._revert_allocation: only a resize that can be confirmed is cleaned up.
    "deleted-during-resize-keeps-source": Defect(
        "deleting a server while it is being resized leaves the allocations of the migration, or moves them back to it",
        "https://launchpad.net/bugs/1848343",
        first=24,
    ),
    # Seen in Nova 34. LibvirtDriver._allocate_mdevs is given the server's allocations on both hosts, and looks for the
    # GPU of the old one in the provider tree of its own: "Resource Provider … is missing". The build is aborted.
    "virtual-gpu-is-not-evacuated": Defect(
        "a server with a virtual GPU cannot be evacuated: its new host looks for the GPU of the old one",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. ResourceTracker._move_claim makes new PCI requests of the flavor, which do not name the providers
    # that Placement allocated, so that the claim takes any device of the alias. Where it is another one, the PCI
    # translator charges that as well; the periodic task does not free the first.
    "moved-server-holds-two-pci-devices": Defect(
        "a cold migrated or resized server is charged for the PCI device that Placement chose and for the one claimed",
        UNREPORTED,
        first=34,
        throughout=False,  # both may be the same device
    ),
    # Seen in Nova 34. LibvirtDriver._update_provider_tree_for_vgpu returns at once where no type of mediated device is
    # enabled, so that providers of GPUs keep the inventories they had. PCI devices that are gone lose theirs.
    "disabled-virtual-gpus-stay-offered": Defect(
        "a host whose virtual GPUs were disabled or taken out still offers them",
        UNREPORTED,
        first=29,
    ),
    # Seen in Nova 34. An evacuated server is no tracked instance of its new host before the periodic task, so that
    # ResourceTracker._update_usage_from_instance frees nothing when it is deleted; PciPassthroughFilter reads that.
    "evacuated-and-deleted-keeps-device": Defect(
        "the PCI device of a server that was evacuated and deleted cannot be used until the host's periodic task runs",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. scheduler.utils.resources_from_request_spec restricts a request that specifies a host to the
    # provider tree of that host (`in_tree`), to which shared storage does not belong.
    "named-host-excludes-shared-storage": Defect(
        "no valid host is found for a server that specifies a host whose disk is on shared storage",
        UNREPORTED,
        first=27,
    ),
    # Seen in Nova 34. SchedulerReportClient.remove_provider_tree_from_instance_allocation, as its docstring says, frees
    # nothing on sharing providers; ComputeManager._destroy_evacuated_instances relies on it.
    "returned-host-keeps-shared-disk": Defect(
        "a server that an evacuation took off shared storage still holds it once its old host is back",
        UNREPORTED,
        first=27,
    ),
    # Seen in Nova 34. PlacementCommands._check_orphaned_allocations_for_provider looks for servers of the compute node
    # with the provider's uuid; a sharing provider has none, so that everything on it seems orphaned.
    "audit-calls-shared-disks-orphaned": Defect(
        "nova-manage placement audit calls the disks of servers on shared storage orphaned, and --delete frees them",
        UNREPORTED,
        first=27,
    ),
    # Seen in Nova 34. PlacementCommands._heal_missing_alloc puts all of the flavor on the compute node, which has no
    # DISK_GB there, so that Placement refuses it.
    "heal-ignores-shared-storage": Defect(
        "nova-manage placement heal_allocations fails for a server whose disk is on shared storage",
        UNREPORTED,
        first=27,
    ),
    # Seen in Nova 34. ComputeManager._finish_resize updates the attachments for the destination before it starts the
    # guest there, and completes them afterwards only.
    "failed-resize-leaves-volume-attaching": Defect(
        "the volumes of a server whose resize failed on its destination stay attaching",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. ComputeManager._rebuild_default_impl detaches the volumes from the dead host and attaches them to
    # the new one before it starts the guest there; nothing takes them back when that fails.
    "failed-evacuation-takes-volumes-along": Defect(
        "the volumes of a server that could not be evacuated are attached on the host that failed",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. DriverVolumeBlockDevice._do_detach calls roll_detaching if the driver fails, but not if Cinder
    # does not delete the attachment.
    "refused-disconnection-leaves-volume-detaching": Defect(
        "a volume whose attachment Cinder failed to delete stays detaching, and cannot be detached any more",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. ComputeTaskManager.schedule_and_build_instances calls _cleanup_build_artifacts if Cyborg does not
    # bind, which frees nothing in Placement.
    "refused-accelerator-keeps-host": Defect(
        "a server for which Cyborg bound no accelerator is in ERROR without a host, and still holds all it asked for",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. ComputeManager._unshelve_instance deletes the allocations that the scheduler has made, but not
    # the requests that the conductor has bound.
    "failed-unshelving-keeps-accelerator-bound": Defect(
        "the accelerator of a server that could not be unshelved stays bound for it, and is not charged to anybody",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. ComputeTaskManager.rebuild_instance deletes the requests of the old host and binds new ones
    # before the new host is asked; nothing takes that back.
    "failed-evacuation-keeps-accelerator-bound": Defect(
        "an accelerator of the host that failed stays bound for a server that could not be evacuated",
        UNREPORTED,
        first=34,
    ),
    # Nova, LibvirtDriver.update_provider_tree: "Ignoring sharing provider". In Nova 34 it would not see one either:
    # ResourceTracker._update_to_placement gives it the subtree of the host only.
    "libvirt-ignores-shared-storage": Defect(
        "a libvirt host on shared storage reports its file system as DISK_GB of its own as well",
        "https://launchpad.net/bugs/1784020",
        first=29,
    ),
    # Nova, ComputeManager._process_instance_vif_deleted_event: "are leaked until the server … is deleted".
    "deleted-port-stays-charged": Defect(
        "a server is still charged for what a port guaranteed that was deleted in Neutron",
        "https://launchpad.net/bugs/1820588",
        first=24,
    ),
    # Seen in Neutron 29. QoSPlugin._change_placement_allocation looks in the port's binding for the providers of what
    # it was allocated before; a port that guaranteed nothing has none.
    "new-guarantee-is-not-charged": Defect(
        "a plugged port that guaranteed nothing is not charged for a policy that it is given",
        UNREPORTED,
        first=34,
    ),
    # Seen in Neutron 29. PlacementReportPlugin.handle_placement_config takes for synchronized what it has once told
    # Placement, until the agent says that it has started anew.
    "registered-host-offers-no-bandwidth": Defect(
        "Neutron's providers of a host whose compute service was deleted and registered anew stay away",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. ComputeManager._fill_provider_mapping_based_on_allocs maps the request of the port, which has
    # changed, to the allocation that the migration has kept: "No valid group - RP mapping is found".
    "changed-port-is-not-reverted": Defect(
        "a resize cannot be reverted if a port of the server has been given another QoS policy since",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. PlacementCommands._has_request_but_no_allocation looks at the port's binding, which still names
    # the providers, and not at what the server holds.
    "heal-ignores-bound-ports": Defect(
        "nova-manage placement heal_allocations leaves out the ports of a server that has lost its allocations",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. ComputeManager._unshelve_instance frees the allocations when the guest does not start, and leaves
    # the port bindings that it has set up.
    "failed-unshelving-keeps-port-bound": Defect(
        "the ports of a server that failed to unshelve stay bound to the host, and to providers that it does not hold",
        UNREPORTED,
        first=34,
    ),
    # Seen in Nova 34. ComputeManager._post_live_migration tells the scheduler that the server is on the source, instead
    # of deleting it there; _sync_scheduler_instance_info corrects that after two minutes.
    "live-migrated-server-stays-with-its-group": Defect(
        "the scheduler takes a server that was live migrated for one of its source, which its group then must not use",
        UNREPORTED,
        first=24,
        throughout=False,  # a cloud may have corrected it meanwhile, or not track instance changes
    ),
    # Seen in Nova 34. ComputeManager._destroy_evacuated_instances frees what the server holds on the host, but
    # conductor's replace_allocation_with_migration has moved all that it held to the migration.
    "moved-evacuee-keeps-dead-host": Defect(
        "the host of an evacuated server that has moved on stays charged to the migration, and after a revert to the "
        "server, although it is back",
        UNREPORTED,
        first=24,
    ),
    # Seen in Nova 34. ComputeManager._do_rebuild_instance ends the task of the server before
    # ResourceTracker.finish_evacuation enters its new host, so that the API accepts another evacuation in between.
    "repeated-evacuation-frees-new-host": Defect(
        "an evacuation that is requested again at the wrong moment fails, and frees the new host of the first one",
        UNREPORTED,
        first=24,
        throughout=False,  # the moment is short
    ),
    # Seen in Nova 34. ComputeManager.revert_resize does not tell the scheduler that the server leaves the destination,
    # as revert_snapshot_based_resize_at_dest does; _sync_scheduler_instance_info corrects that after two minutes.
    "reverted-server-stays-with-group": Defect(
        "the scheduler takes a server that was reverted for one of the destination, which its group then must not use",
        UNREPORTED,
        first=24,
        throughout=False,  # a cloud may have corrected it meanwhile, or not track instance changes
    ),
    # Seen in Nova 34. ComputeManager.init_host sends the servers of its host, which HostManager.update_instance_info
    # adds to those it remembers; _sync_scheduler_instance_info corrects that after two minutes.
    "returned-host-stays-with-group": Defect(
        "the scheduler takes a server that was evacuated from a dead host, or deleted on it, for one of that host, "
        "which its group then must not use, although the host is back",
        UNREPORTED,
        first=24,
        throughout=False,  # a cloud may have corrected it meanwhile, or not track instance changes
    ),
    # Seen in Nova 34. compute.api.API._confirm_resize_on_deleting calls the source and awaits its answer, whether its
    # compute service is up or not.
    "deletion-waits-for-dead-source": Defect(
        "a server with an unconfirmed move from a host that is down cannot be deleted",
        UNREPORTED,
        first=24,
    ),
}
"""By the name that follows @known- in a tag."""


def known_of(
    scenario: str,
    *,
    tags: Iterable[str],
    listed: Sequence[Listed],
    releases: Sequence[Release],
    today: date,
) -> Known | None:
    """Return what is known about a scenario, by its name and tags, on a cloud that runs one of these releases.

    A release newer than all known ones may have the defects that none of them has fixed.
    """
    for entry in listed:
        if entry.scenario == scenario and today <= entry.until:
            return Known(entry.summary, entry.link, certain=True, entry=f'"{scenario}" in "known:" of the cloud')
    for tag in sorted(tags):
        defect = DEFECTS.get(tag.removeprefix(TAG)) if tag.startswith(TAG) else None
        if defect is None:
            continue
        possible = list(releases) or [RELEASES[-1]._replace(nova=RELEASES[-1].nova + 1)]
        if any(map(defect.has, possible)):
            certain = defect.throughout and bool(releases) and all(map(defect.has, possible))
            return Known(defect.summary, defect.link, certain, entry=f"the tag @{tag}")
    return None
