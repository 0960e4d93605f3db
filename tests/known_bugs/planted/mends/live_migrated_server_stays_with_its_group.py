"""The source of a live migration tells the scheduler that the server has left it."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def leave(_original, self, context, instance):
        self._delete_scheduler_instance_info(context, instance.uuid)

    replace(manager.ComputeManager, "_update_scheduler_instance_info", leave, by="_post_live_migration")
