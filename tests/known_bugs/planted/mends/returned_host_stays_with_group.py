"""A host that is back tells the scheduler which servers have been evacuated from it."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def tell(original, self, context, node_cache):
        evacuated = original(self, context, node_cache)
        for server in evacuated:
            self._delete_scheduler_instance_info(context, server)
        return evacuated

    replace(manager.ComputeManager, "_destroy_evacuated_instances", tell)
