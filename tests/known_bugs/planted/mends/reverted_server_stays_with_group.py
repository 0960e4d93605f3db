"""The host that a reverted server leaves tells the scheduler."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def leave(original, self, context, instance, *args, **kwargs):
        self._delete_scheduler_instance_info(context, instance.uuid)
        return original(self, context, instance, *args, **kwargs)

    replace(manager.ComputeManager, "revert_resize", leave)
