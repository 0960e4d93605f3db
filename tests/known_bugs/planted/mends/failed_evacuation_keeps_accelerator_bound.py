"""No accelerator of the host that failed is bound for a server that could not be evacuated."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def unbinding(original, self, context, instance, *arguments):
        try:
            return original(self, context, instance, *arguments)
        except Exception:
            if instance.host != self.host:
                manager.compute_utils.delete_arqs_if_needed(context, instance)
            raise

    replace(manager.ComputeManager, "_do_rebuild_instance", unbinding)
