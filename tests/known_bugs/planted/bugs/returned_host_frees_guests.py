"""A host that returns after an evacuation frees the servers that stayed on it as well.

No bug of one number: what is freed is looked for by the host, and not by what was evacuated from it.
"""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    node, servers = manager.objects.ComputeNode, manager.objects.InstanceList

    def free_all(original, client, context, server, provider):
        """Free the server that was evacuated, and those that still have their home here."""
        for guest in servers.get_by_host(context, node.get_by_uuid(context, provider).host):
            original(client, context, guest.uuid, provider)
        return original(client, context, server, provider)

    client = manager.report.SchedulerReportClient
    name = "remove_provider_tree_from_instance_allocation"
    replace(client, name, free_all, by="_destroy_evacuated_instances")
