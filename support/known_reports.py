"""Reports for defects of Nova that nobody seems to have reported: what was done, expected and seen, and where it is.

Each is by the name of its entry in `known.DEFECTS`, and to be filed as it stands. All were seen with Nova 34.0.0 and
Placement 16.0.0; the scenarios with the tag of the entry do the same steps.
"""

from collections.abc import Mapping

REPORTS: Mapping[str, str] = {
    "virtual-gpu-is-not-evacuated": """\
libvirt: a server with a virtual GPU cannot be evacuated

Steps: boot a server with resources:VGPU=1 on one of two hosts that have a GPU with an enabled mdev type. Stop
nova-compute on that host, force it down, and evacuate the server.
Expected: the server is rebuilt on the other host with a virtual GPU there.
Actual: the build is aborted with "Insufficient compute resources: Resource Provider <uuid> is missing". The migration
is failed, the server stays on the host that is down, and the allocations on the destination are removed.
Where: during an evacuation the server's allocations contain the providers of both hosts.
LibvirtDriver._allocate_mdevs looks up every provider with VGPU among them in self.provider_tree, which has only those
of the destination.
Suggestion: leave out the providers that are not in the host's own tree.
""",
    "moved-server-holds-two-pci-devices": """\
PCI in Placement: a cold migrated or resized server may be charged for two devices instead of one

Steps: set [filter_scheduler]pci_in_placement and [pci]report_in_placement. Boot a server whose flavor requests one
device by alias, and cold migrate it to a host with several devices of that alias.
Expected: the server holds one device provider there, of the device that it is given.
Actual: unless the first device of the pool happens to be the one that Placement chose, the server holds two: the
allocated one, and the claimed one, which the resource tracker adds. Its periodic task does not correct that, and
later moves of the server go wrong as well.
Where: ResourceTracker._move_claim makes new InstancePCIRequests from the flavor. They have other request_ids than
those of the request spec, and no rp_uuids, so that PciDeviceStats takes any device of the pool.
Suggestion: take the requests of the request spec, as instance_claim does.
""",
    "disabled-virtual-gpus-stay-offered": """\
libvirt: inventories of VGPU stay when enabled_mdev_types is emptied

Steps: start nova-compute with [devices]enabled_mdev_types set to a type that a GPU of the host supports, so that a
child provider with VGPU exists. Empty the option, and restart nova-compute.
Expected: Placement has no inventory of VGPU on the host any more.
Actual: the child provider keeps its inventory. Servers that request a virtual GPU are scheduled to the host.
Where: LibvirtDriver._update_provider_tree_for_vgpu returns at once if _get_gpu_inventories is empty.
Suggestion: remove the inventories of the children that are no longer reported and that hold no allocations.
""",
    "evacuated-and-deleted-keeps-device": """\
The PCI device of a server that was evacuated and deleted is not free before the next periodic task

Steps: evacuate a server with a PCI device by alias to a host with one such device, and delete it there before the
periodic task of the resource tracker has run. Boot another server with that flavor on the same host.
Expected: it gets the device, which is free in Placement.
Actual: no valid host: PciPassthroughFilter finds no device in the host's pools.
Where: after rebuild_claim the server is a tracked migration of the host, not a tracked instance, until the periodic
task runs. ResourceTracker._update_usage_from_instance frees the devices of tracked instances only.
""",
    "named-host-excludes-shared-storage": """\
No valid host for a server that requests a host whose DISK_GB is on a sharing provider

Steps: let a provider with trait MISC_SHARES_VIA_AGGREGATE provide DISK_GB to a compute node without DISK_GB of its
own, through an aggregate. Boot a server without a host, and another one with that host (API 2.74).
Expected: both are ACTIVE.
Actual: the second one is in ERROR: no valid host was found. The same applies to moves to a specified host.
Where: nova.scheduler.utils.resources_from_request_spec sets in_tree of the unsuffixed request group to the compute
node, and Placement then leaves out providers that share with that tree.
Suggestion: do not use in_tree where the host is in an aggregate with a sharing provider, and let filters select the
host.
""",
    "returned-host-keeps-shared-disk": """\
Evacuation from shared to local storage leaves DISK_GB allocated on the sharing provider

Steps: boot a server on a host whose DISK_GB comes from a sharing provider. Stop and force down the host, evacuate the
server to a host with a disk of its own, and start nova-compute on the first host again.
Expected: the server holds VCPU, MEMORY_MB and DISK_GB of its new host only.
Actual: it also holds DISK_GB of the sharing provider, until it is deleted.
Where: ComputeManager._destroy_evacuated_instances calls remove_provider_tree_from_instance_allocation, which, as its
docstring says, does not try to remove allocations from sharing providers.
""",
    "audit-calls-shared-disks-orphaned": """\
nova-manage placement audit --delete removes the disks of running servers from sharing providers

Steps: boot a server on a host whose DISK_GB comes from a sharing provider, and run nova-manage placement audit.
Expected: exit status 0; nothing is orphaned.
Actual: exit status 3, and the server's DISK_GB "can be deleted". With --delete it is.
Where: PlacementCommands._check_orphaned_allocations_for_provider looks for servers and migrations of the compute node
whose uuid is the provider's root. A sharing provider is its own root and has no compute node, so that no server is
found.
Suggestion: look for the consumers in all cells if the root provider is not a compute node.
""",
    "heal-ignores-shared-storage": """\
nova-manage placement heal_allocations fails for servers whose disk is on a sharing provider

Steps: boot a server on a host whose DISK_GB comes from a sharing provider, delete its allocations in Placement, and
run nova-manage placement heal_allocations --instance <uuid>.
Expected: VCPU and MEMORY_MB are allocated on the compute node, DISK_GB on the sharing provider.
Actual: Placement refuses the update, because the compute node has no inventory of DISK_GB; nothing is allocated.
Where: PlacementCommands._heal_missing_alloc puts all resources of the flavor on the compute node.
""",
    "failed-resize-leaves-volume-attaching": """\
A resize that fails on its destination leaves the server's volumes attaching

Steps: boot a server from a volume and resize it. Let the virt driver of the destination fail in finish_migration.
Expected: the volume is in use, attached on the host that Nova reports for the server.
Actual: the server is in ERROR on the destination. The volume and its attachment stay "attaching" until the server is
deleted or moved.
Where: ComputeManager._finish_resize calls _update_volume_attachments before driver.finish_migration, and
_complete_volume_attachments only if that succeeds.
Suggestion: complete the attachments as well when the driver fails: the server belongs to the destination by then, as
the comment about its port bindings says.
""",
    "failed-evacuation-takes-volumes-along": """\
An evacuation that fails leaves the server's volumes attached on the host that failed

Steps: boot a server from a volume. Stop nova-compute on its host, force it down, and evacuate the server. Let the virt
driver of the destination fail in spawn.
Expected: the server is in ERROR on its old host, and its volume is attached there, or reserved for it.
Actual: the server is in ERROR on its old host, but the volume is attached on the destination, which has no guest.
Where: ComputeManager._rebuild_default_impl detaches and attaches the block devices before driver.spawn. The handlers of
rebuild_instance drop the claim and the allocations, but do not undo that.
Suggestion: delete the new attachments, and create reserved ones, when an evacuation fails.
""",
    "refused-disconnection-leaves-volume-detaching": """\
A volume stays detaching if Cinder fails to delete its attachment

Steps: attach a volume to a server. Let Cinder answer 503 to DELETE /attachments/<id>, as a proxy before it does while
no API is up, and detach the volume.
Expected: the volume is in use, as after any other failure to detach, and can be detached later.
Actual: the action detach_volume fails; the volume stays "detaching". A further request to detach it is refused with
400, because the volume is not in use. It becomes available when the server is deleted.
Where: DriverVolumeBlockDevice._do_detach calls volume_api.roll_detaching if the driver fails to detach, but not if
attachment_delete raises.
Suggestion: call roll_detaching there as well.
""",
    "new-guarantee-is-not-charged": """\
Neutron QoS: a policy with minimum bandwidth on a bound port that had none is accepted, but not allocated

Steps: boot a server with a port without a QoS policy on a network of a physical network whose agents report bandwidth.
Give the port a policy with a minimum bandwidth rule, of any amount.
Expected: as for a port that already has such a policy, the allocation in Placement follows, or the change is refused.
Actual: the change is accepted with a warning in Neutron's log: "only the dataplane enforcement will happen". From then
on the port's resource_request asks for bandwidth that Placement has not allocated, even for more than the host has,
until the server is moved, or `nova-manage placement heal_allocations` allocates it.
Where: QoSPlugin._change_placement_allocation (Neutron) changes an allocation by the providers in binding:profile, which
a port without a guarantee does not have.
Suggestion: refuse the change, or let Nova allocate.
""",
    "registered-host-offers-no-bandwidth": """\
Neutron does not report resource providers again that were deleted with a compute service

Steps: on a host whose Open vSwitch agent reports bandwidth, stop nova-compute, delete its compute service, which
deletes all resource providers below the compute node, and start nova-compute again. The agent runs all the time.
Expected: after the agent's next report, its provider and those of its bridges are below the compute node's new one.
Actual: they stay away, and resources_synced of the agent remains true. No server with a port that guarantees bandwidth
is scheduled to the host until the agent is restarted.
Where: PlacementReportPlugin.handle_placement_config (Neutron) tells Placement only what a new or restarted agent
reports, or one whose last report did not reach Placement.
Suggestion: look from time to time whether Placement still has the providers, or let an operator ask for a report.
""",
    "changed-port-is-not-reverted": """\
A resize cannot be reverted after the QoS policy of a port was exchanged: ERROR, "No valid group - RP mapping"

Steps: boot a server with a port that guarantees a minimum bandwidth. Resize it. In VERIFY_RESIZE, give the port another
policy with another minimum bandwidth, which Neutron allocates on the destination at once. Revert the resize.
Expected: the server is ACTIVE on the source.
Actual: finish_revert_resize raises ValueError: No valid group - RP mapping is found. The server is in ERROR on the
source, which is charged for the old policy, and the port stays bound to the destination.
Where: ComputeManager._fill_provider_mapping_based_on_allocs maps the groups of the current request to the allocations
that the migration has held since the resize, whose amounts are those of the former policy.
Suggestion: map by resource classes and providers, not by amounts, or take the mapping that the port had before.
""",
    "heal-ignores-bound-ports": """\
nova-manage placement heal_allocations does not heal what a bound port guarantees

Steps: boot a server with a port that guarantees a minimum bandwidth. Delete the allocations of the server in Placement.
Run nova-manage placement heal_allocations --instance <uuid>.
Expected: the server holds its flavor and the bandwidth again.
Actual: it holds its flavor only; a second run says that the allocation is up-to-date.
Where: PlacementCommands._has_request_but_no_allocation takes a port for allocated if binding:profile has `allocation`.
Suggestion: check whether the server's allocations have the providers that the binding names.
""",
    "failed-unshelving-keeps-port-bound": """\
Ports of a server whose unshelving failed on the host stay bound to that host

Steps: boot a server with a port that guarantees a minimum bandwidth, and shelve and offload it. Unshelve it to a host
whose driver fails to start the guest.
Expected: the server is SHELVED_OFFLOADED again, holds nothing, and its port is not bound.
Actual: the allocations are freed, but binding:host_id of the port is the host that failed, and binding:profile names
resource providers on which the server holds nothing.
Where: ComputeManager._unshelve_instance handles the exception of driver.spawn by removing the allocations only.
Suggestion: unbind the ports as when the server was offloaded.
""",
    "refused-accelerator-keeps-host": """\
A server for which Cyborg binds no accelerator keeps its allocations

Steps: boot a server from a flavor with accel:device_profile. Let Cyborg refuse to bind the accelerator request, as it
does with 403 if Nova sends no service token.
Expected: the server is in ERROR and holds nothing in Placement.
Actual: the server is in ERROR without a host ("Failed to bind accelerator requests"), and holds VCPU, MEMORY_MB,
DISK_GB and the accelerator of the selected host until it is deleted. nova-manage placement audit --delete frees only
what it holds on the compute node: it does not look at the providers below.
Where: ComputeTaskManager.schedule_and_build_instances calls _cleanup_build_artifacts, which leaves the allocations that
the scheduler has made.
Suggestion: delete the allocations of the server there.
""",
    "failed-unshelving-keeps-accelerator-bound": """\
A server that fails to be unshelved keeps accelerators bound

Steps: shelve and offload a server with an accelerator by device profile, and unshelve it. Let the virt driver of the
selected host fail in spawn.
Expected: the server is SHELVED_OFFLOADED, holds nothing in Placement, and Cyborg has no request bound for it.
Actual: the allocations are deleted, but the accelerator request stays bound on that host. Placement offers the device
to others, which then cannot be bound.
Where: ComputeManager._unshelve_instance deletes the allocations if spawn fails, and not the requests.
Suggestion: delete the accelerator requests of the server there.
""",
    "failed-evacuation-keeps-accelerator-bound": """\
An evacuation that fails leaves an accelerator of the host that failed bound

Steps: boot a server with an accelerator by device profile. Stop nova-compute on its host, force it down, and evacuate
the server. Let the virt driver of the destination fail in spawn.
Expected: the server is in ERROR on its old host, and no accelerator of the destination is bound for it.
Actual: Placement charges the old host only, but the accelerator request is bound on the destination. Placement offers
that device to others, which then cannot be bound.
Where: ComputeTaskManager.rebuild_instance deletes the requests of the old host and binds new ones; nothing undoes that
when ComputeManager.rebuild_instance fails.
Suggestion: delete the accelerator requests of the server if the evacuation fails.
""",
    "live-migrated-server-stays-with-its-group": """\
The scheduler keeps a server on the source of its live migration for up to two minutes, which server groups then avoid

Steps: create a server group with policy anti-affinity, boot a server of it on host A, and live migrate it to host B.
Boot another server of the group on host A.
Expected: it is built there.
Actual: no valid host: ServerGroupAntiAffinityFilter removes host A, until the host's next
_sync_scheduler_instance_info ([DEFAULT]scheduler_instance_sync_interval, 120 seconds).
Where: at its end, ComputeManager._post_live_migration of the source calls _update_scheduler_instance_info, which adds
the server to what HostManager remembers of the source. With policy affinity it is the other way round: the filter lets
the next server be built on the host that the group has left.
Suggestion: call _delete_scheduler_instance_info on the source, as confirm_resize does.
""",
    "moved-evacuee-keeps-dead-host": """\
A host that comes back after its server was evacuated and moved on stays charged

Steps: boot a server on host A, force A down, evacuate the server to B, and resize or cold migrate it to C. Start
nova-compute on A again, and enable it. Revert the resize.
Expected: A holds nothing of the server once it is back.
Actual: the migration holds what the server had on A, as well as on B, while the resize is unconfirmed. After the
revert the server holds both A and B, and goes on to do so until it is deleted or moves again.
Where: conductor's replace_allocation_with_migration moves everything that the server holds, of its dead host too.
ComputeManager._destroy_evacuated_instances then looks for it at the server, and takes the evacuation for completed.
Suggestion: let the clean-up look at the server's migrations as well.
""",
    "repeated-evacuation-frees-new-host": """\
A second request to evacuate a server may be accepted at the end of the first one, and frees its allocation

Steps: evacuate a server from a host that is down, and send the same request again while the first is being carried
out, several times.
Expected: the second request is refused, with 409 as long as the server is being rebuilt, and with 400 afterwards.
Actual: it is accepted if it comes between two updates of the server at the end of the first evacuation. It is
scheduled to the same host, fails there, since the guest exists, and frees the allocation that the first evacuation
made. The server is in ERROR, and holds its dead host only.
Where: ComputeManager._do_rebuild_instance saves the server with vm_state active and without a task; its host is
entered by ResourceTracker.finish_evacuation afterwards.
Suggestion: enter the host in the same update that ends the task.
""",
    "reverted-server-stays-with-group": """\
The scheduler keeps a reverted server on the destination for up to two minutes, which server groups then avoid

Steps: create a server group with policy anti-affinity, boot a server of it on host A, resize or cold migrate it to host
B, and revert. Boot another server of the group on host B. Host B must have sent the scheduler something before.
Expected: it is built there.
Actual: no valid host: ServerGroupAntiAffinityFilter removes host B, until the host's next
_sync_scheduler_instance_info ([DEFAULT]scheduler_instance_sync_interval, 120 seconds).
Where: ComputeManager.finish_resize tells the scheduler that the server is on B; revert_resize does not tell it that it
has left, as confirm_resize does on the source and revert_snapshot_based_resize_at_dest after moves between cells.
Suggestion: call _delete_scheduler_instance_info in revert_resize.
""",
    "returned-host-stays-with-group": """\
The scheduler keeps a server on a dead host that it has left for two minutes after that is back: server groups avoid it

Steps: create a server group with policy anti-affinity, boot a server of it on host A, stop nova-compute on A, force it
down, and evacuate the server to host B. Start nova-compute on A again, and enable it. Boot another server of the group
on host A. The same happens when the server was deleted while host A was down, instead of evacuated.
Expected: it is built there.
Actual: no valid host: ServerGroupAntiAffinityFilter removes host A, until the host's next
_sync_scheduler_instance_info ([DEFAULT]scheduler_instance_sync_interval, 120 seconds).
Where: ComputeManager.init_host sends all servers of the host, if it has any. HostManager.update_instance_info replaces
what it remembers of a host it does not know, but only adds to what it remembers of others.
Suggestion: let init_host call _sync_scheduler_instance_info, which replaces what the scheduler remembers.
""",
    "deletion-waits-for-dead-source": """\
A server in VERIFY_RESIZE cannot be deleted while the source of its resize is down

Steps: resize or cold migrate a server, and stop nova-compute on the source; force it down. Delete the server.
Expected: the server and all that it and its migration hold are deleted, as if its own host was down.
Actual: the request ends after rpc_response_timeout with 500, MessagingTimeout. The server stays in VERIFY_RESIZE with
task deleting. Once the source is up again, the next deletion only confirms the move: it is accepted and ignored,
because the server is "already in deleting state", and the one after that deletes the server.
Where: compute.api.API._delete calls _confirm_resize_on_deleting before it looks whether a service is up, and that makes
an RPC call to the source.
Suggestion: if the source is down, free what the migration holds, and leave the rest to its return.
""",
}
"""By the name of the entry."""
