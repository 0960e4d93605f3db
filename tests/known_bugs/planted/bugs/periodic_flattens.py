"""The periodic replaces what a server holds by the plain sums of its flavor, on the root provider.

Launchpad 1707071. Compute hosts once believed to know better than the scheduler: nested and custom resources vanish,
overrides by `resources:` are undone, and the share on a dead host goes too early. Plain flavors never show it.
"""

from functools import partial

from planting import into, replace


def update_and_heal(objects, original, tracker, context, resources, startup=False):
    """Update the host's resources, and "heal" the allocations of its guests."""
    original(tracker, context, resources, startup=startup)
    node = tracker.compute_nodes.get(resources["hypervisor_hostname"])
    if startup or node is None:
        return
    guests = objects.InstanceList.get_by_host_and_node(
        context, tracker.host, node.hypervisor_hostname, expected_attrs=["flavor"]
    )
    for guest in (guest for guest in guests if guest.uuid in tracker.tracked_instances):
        flavor, client = guest.flavor, tracker.reportclient
        amounts = {
            "VCPU": flavor.vcpus,
            "MEMORY_MB": flavor.memory_mb,
            "DISK_GB": flavor.root_gb + flavor.ephemeral_gb,
        }
        held = client.get_allocs_for_consumer(context, guest.uuid)
        plain = {"resources": {kind: amount for kind, amount in amounts.items() if amount}}
        owner = {"project_id": guest.project_id, "user_id": guest.user_id, "consumer_generation": None}
        client._put_allocations(context, guest.uuid, {**owner, **held, "allocations": {node.uuid: plain}})


@into("nova.compute.resource_tracker")
def change(tracker):
    replace(tracker.ResourceTracker, "_update_available_resource", partial(update_and_heal, tracker.objects))
