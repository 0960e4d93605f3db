"""A source that ends a live migration in a restart gives the server the allocations that the migration holds."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def revert(original, self, context, instance):
        moves = manager.objects.MigrationList.get_in_progress_by_instance(context, instance.uuid, "live-migration")
        original(self, context, instance)
        for migration in moves:
            self._revert_allocation(context, instance, migration)

    replace(manager.ComputeManager, "_reset_live_migration", revert)
