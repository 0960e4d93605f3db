"""A host counts its devices again when a server that was evacuated to it is deleted."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def count_again(original, self, context, instance, bdms):
        node = instance.node
        original(self, context, instance, bdms)
        self.rt.update_available_resource(context.elevated(), node)

    replace(manager.ComputeManager, "_delete_instance", count_again)
