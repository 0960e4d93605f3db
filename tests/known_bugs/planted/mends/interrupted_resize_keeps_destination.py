"""A source that forgot a resize in a restart gives the server the allocations that its migration holds."""

from planting import into, replace

STATUS = ["accepted", "pre-migrating"]


@into("nova.compute.manager")
def change(manager):
    def revert(original, self, context, instance):
        forgotten = instance.task_state == manager.task_states.RESIZE_PREP
        original(self, context, instance)
        if forgotten:
            filters = {"instance_uuid": instance.uuid, "status": STATUS}
            for migration in manager.objects.MigrationList.get_by_filters(context, filters):
                self._revert_allocation(context, instance, migration)
                self._set_migration_status(migration, "error")

    replace(manager.ComputeManager, "_init_instance", revert)
