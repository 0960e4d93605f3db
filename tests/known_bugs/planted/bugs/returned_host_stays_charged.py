"""A dead host that is back stays charged for the servers that were evacuated from it.

Launchpad 1709902. The host looks full and is empty.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    client = manager.report.SchedulerReportClient
    lose(
        client,
        "remove_provider_tree_from_instance_allocation",
        by="_destroy_evacuated_instances",
        returning=True,
    )
