"""The volumes of a server whose resize failed on its destination are attached there, as its ports are."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def completing(original, self, context, instance, migration, disk_info, image_meta, bdms, request_spec):
        try:
            return original(self, context, instance, migration, disk_info, image_meta, bdms, request_spec)
        except Exception:
            self._complete_volume_attachments(context, bdms)
            raise

    replace(manager.ComputeManager, "_finish_resize", completing)
