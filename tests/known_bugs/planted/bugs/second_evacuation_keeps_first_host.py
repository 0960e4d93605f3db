"""A server that was evacuated twice stays charged on the first of its dead hosts after that is back.

The mechanism of Launchpad 1709902 for one of several evacuations.
"""

from planting import into, replace


def free_unless_evacuated_twice(original, client, context, consumer, provider):
    """Free the returned host only if it is the one the server came from last."""
    held = client.get_allocs_for_consumer(context, consumer)["allocations"]
    return True if len(held) > 2 else original(client, context, consumer, provider)


@into("nova.compute.manager")
def change(manager):
    client = manager.report.SchedulerReportClient
    replace(
        client,
        "remove_provider_tree_from_instance_allocation",
        free_unless_evacuated_twice,
        by="_destroy_evacuated_instances",
    )
