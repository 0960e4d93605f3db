"""A host that is back tells the scheduler which servers it has, so that others are forgotten."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def tell(original, self, context, node_cache):
        evacuated = original(self, context, node_cache)
        self._sync_scheduler_instance_info(context)
        return evacuated

    replace(manager.ComputeManager, "_destroy_evacuated_instances", tell)
