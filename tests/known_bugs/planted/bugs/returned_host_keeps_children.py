"""A host that returns after an evacuation is freed, but not its nested providers."""

from planting import into, replace


@into("nova.scheduler.client.report")
def change(report):
    replace(
        report.SchedulerReportClient,
        "get_providers_in_tree",
        lambda original, client, context, uuid: original(client, context, uuid)[:1],
        by="remove_provider_tree_from_instance_allocation",
    )
