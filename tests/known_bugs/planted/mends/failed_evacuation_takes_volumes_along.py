"""The volumes of a server that could not be evacuated are attached on its old host again."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def give_back(self, context, instance):
        for bdm in manager.objects.BlockDeviceMappingList.get_by_instance_uuid(context, instance.uuid):
            if not bdm.is_volume or not bdm.attachment_id:
                continue
            failed, old = bdm.attachment_id, {"host": instance.host}
            made = self.volume_api.attachment_create(context, bdm.volume_id, instance.uuid, old, bdm.device_name)
            self.volume_api.attachment_complete(context, made["id"])
            bdm.attachment_id = made["id"]
            bdm.save()
            self.volume_api.attachment_delete(context, failed)

    def giving_back(original, self, context, instance, *arguments):
        try:
            return original(self, context, instance, *arguments)
        except Exception:
            if instance.host != self.host:
                give_back(self, context, instance)
            raise

    replace(manager.ComputeManager, "_do_rebuild_instance", giving_back)
