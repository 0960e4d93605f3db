"""A server that failed to unshelve has no port bound to the host that failed."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def unbinding(original, self, context, instance, *arguments):
        try:
            return original(self, context, instance, *arguments)
        except Exception:
            self.network_api.cleanup_instance_network_on_host(context, instance, self.host)
            raise

    replace(manager.ComputeManager, "_unshelve_instance", unbinding)
