"""No accelerator is bound for a server that failed to unshelve."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def unbinding(original, self, context, instance, *arguments):
        try:
            return original(self, context, instance, *arguments)
        except Exception:
            manager.compute_utils.delete_arqs_if_needed(context, instance)
            raise

    replace(manager.ComputeManager, "_unshelve_instance", unbinding)
