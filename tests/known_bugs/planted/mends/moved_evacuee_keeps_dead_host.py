"""A host that is back frees what the migrations of an evacuated server hold there, too."""

from planting import into, replace

EVACUATED = {"status": ["accepted", "pre-migrating", "done"], "migration_type": "evacuation"}


@into("nova.compute.manager")
def change(manager):
    def free(original, self, context, node_cache):
        here = {"source_compute": self.host, **EVACUATED}
        evacuations = manager.objects.MigrationList.get_by_filters(context, here)
        handled = original(self, context, node_cache)
        for evacuation in evacuations:
            unconfirmed = {"instance_uuid": evacuation.instance_uuid, "status": "finished"}
            for move in manager.objects.MigrationList.get_by_filters(context, unconfirmed):
                for node in node_cache.values():
                    self.reportclient.remove_provider_tree_from_instance_allocation(context, move.uuid, node.uuid)
        return handled

    replace(manager.ComputeManager, "_destroy_evacuated_instances", free)
