"""A dead host that is back frees one of the servers that were evacuated from it, and stays charged for the others.

The mechanism of Launchpad 1709902, for all but the first.
"""

from planting import into, replace

freed: set[str] = set()
"""The providers that have been freed of one server."""


def only_one(original, client, context, server, provider):
    """Free the first server, and say of the others that they were freed."""
    if provider in freed:
        return True
    freed.add(provider)
    return original(client, context, server, provider)


@into("nova.compute.manager")
def change(manager):
    client = manager.report.SchedulerReportClient
    replace(client, "remove_provider_tree_from_instance_allocation", only_one, by="_destroy_evacuated_instances")
