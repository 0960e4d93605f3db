"""Deleting a server also frees what its migrations hold that are not over."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def free(original, self, context, instance):
        moves = manager.objects.MigrationList.get_in_progress_by_instance(context, instance.uuid)
        original(self, context, instance)
        for migration in moves:
            self.reportclient.delete_allocation_for_instance(context, migration.uuid, "migration", force=True)

    replace(manager.ComputeManager, "_complete_deletion", free)
