"""A server for which Cyborg bound no accelerator holds nothing."""

from planting import into, replace


@into("nova.conductor.manager")
def change(manager):
    def freeing(original, self, context, instance, *arguments):
        try:
            return original(self, context, instance, *arguments)
        except Exception:
            self.report_client.delete_allocation_for_instance(context, instance.uuid, force=True)
            raise

    replace(
        manager.ComputeTaskManager,
        "_create_and_bind_arq_for_instance",
        freeing,
        by="schedule_and_build_instances",
    )
