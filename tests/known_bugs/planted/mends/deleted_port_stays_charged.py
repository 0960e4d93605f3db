"""A port that is deleted in Neutron frees what its server holds on the providers that its binding names."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def freeing(original, self, context, instance, port):
        allocated = {vif["id"]: (vif["profile"] or {}).get("allocation") for vif in instance.info_cache.network_info}
        original(self, context, instance, port)
        freed = (allocated.get(port) or {}).values()
        held = self.reportclient.get_allocs_for_consumer(context, instance.uuid)
        kept = {uuid: on for uuid, on in held["allocations"].items() if uuid not in freed}
        self.reportclient._put_allocations(context, instance.uuid, {**held, "allocations": kept})

    replace(manager.ComputeManager, "_process_instance_vif_deleted_event", freeing)
