"""A server deleted after its evacuation stays charged on the host that is still dead.

The mechanism of Launchpad 1794996: what deletes the server knows of one of its hosts only.
"""

from functools import partial

from planting import into, replace


def free_own_host(objects, original, client, context, consumer, **kwargs):
    """Free what the server holds where it ran last."""
    held = client.get_allocs_for_consumer(context, consumer)["allocations"]
    instance = objects.Instance.get_by_uuid(context.elevated(read_deleted="yes"), consumer)
    nodes = objects.ComputeNodeList.get_all_by_host(context, instance.host) if instance.host else []
    if len(held) < 2 or not nodes:
        return original(client, context, consumer, **kwargs)
    return client.remove_provider_tree_from_instance_allocation(context, consumer, nodes[0].uuid)


@into("nova.compute.manager")
def change(manager):
    client = manager.report.SchedulerReportClient
    replace(client, "delete_allocation_for_instance", partial(free_own_host, manager.objects), by="_complete_deletion")
