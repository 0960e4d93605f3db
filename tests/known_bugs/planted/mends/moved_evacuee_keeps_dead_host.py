"""A host that is back frees what the migrations of an evacuated server hold there, too."""

from planting import into, replace


@into("nova.scheduler.client.report")
def change(report):
    from nova import objects  # noqa: PLC0415 - Nova is there by now

    def free(original, self, context, consumer, provider):
        freed = original(self, context, consumer, provider)
        moves = objects.MigrationList.get_by_filters(context, {"instance_uuid": consumer, "status": "finished"})
        for migration in moves:
            original(self, context, migration.uuid, provider)
        return freed

    replace(
        report.SchedulerReportClient,
        "remove_provider_tree_from_instance_allocation",
        free,
        by="_destroy_evacuated_instances",
    )
