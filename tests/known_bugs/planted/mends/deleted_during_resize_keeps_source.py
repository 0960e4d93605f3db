"""Deleting a server also frees what its resize holds that is not over."""

from planting import into, replace

STATUS = ["accepted", "pre-migrating", "migrating", "post-migrating"]


@into("nova.compute.manager")
def change(manager):
    def free(original, self, context, instance):
        going_on = {"instance_uuid": instance.uuid, "status": STATUS}
        moves = manager.objects.MigrationList.get_by_filters(context.elevated(), going_on)
        original(self, context, instance)
        for migration in moves:
            self.reportclient.delete_allocation_for_instance(context, migration.uuid, "migration", force=True)

    replace(manager.ComputeManager, "_complete_deletion", free)
