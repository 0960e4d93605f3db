"""A reverted resize charges the source for what the server's ports ask for now."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def fitting(original, self, context, allocations, request):
        server, asked = request.instance_uuid, [group.resources for group in request.requested_resources]
        amounts = {name: amount for resources in asked for name, amount in resources.items()}
        for on in allocations.values():
            on["resources"] |= {name: amounts[name] for name in on["resources"] if name in amounts}
        held = self.reportclient.get_allocs_for_consumer(context, server)
        wanted = {uuid: {"resources": on["resources"]} for uuid, on in allocations.items()}
        self.reportclient._put_allocations(context, server, {**held, "allocations": wanted})
        return original(self, context, allocations, request)

    replace(manager.ComputeManager, "_fill_provider_mapping_based_on_allocs", fitting)
