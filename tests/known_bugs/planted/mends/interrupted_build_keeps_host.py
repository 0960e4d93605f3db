"""A host that sets a server to ERROR because its build was lost frees what the server holds."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def free(original, self, instance, **options):
        original(self, instance, **options)
        self.reportclient.delete_allocation_for_instance(instance._context, instance.uuid, force=True)

    replace(
        manager.ComputeManager,
        "_set_instance_obj_error_state",
        free,
        by="_error_out_instances_whose_build_was_interrupted",
    )
