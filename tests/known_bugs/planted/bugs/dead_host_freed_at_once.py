"""An evacuation frees the dead host at once, although nobody knows what runs there.

The mechanism of Ocata, where whoever ran a server wrote its whole allocation.
"""

from functools import partial

from planting import into, replace


def free_the_source(objects, original, tracker, instance, node, migration):
    """Finish, and free the host the server came from."""
    original(tracker, instance, node, migration)
    context = instance._context.elevated()
    source = objects.ComputeNode.get_by_host_and_nodename(context, migration.source_compute, migration.source_node)
    tracker.reportclient.remove_provider_tree_from_instance_allocation(context, instance.uuid, source.uuid)


@into("nova.compute.resource_tracker")
def change(tracker):
    replace(tracker.ResourceTracker, "finish_evacuation", partial(free_the_source, tracker.objects))
