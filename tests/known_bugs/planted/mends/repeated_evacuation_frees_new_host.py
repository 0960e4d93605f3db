"""The API refuses to evacuate a server whose evacuation is in progress, until its new host is entered."""

from planting import into, replace

STATUS = ["accepted", "pre-migrating"]


@into("nova.compute.api")
def change(api):
    def evacuate(original, self, context, instance, *arguments, **named):
        filters = {"instance_uuid": instance.uuid, "migration_type": "evacuation", "status": STATUS}
        if api.objects.MigrationList.get_by_filters(context.elevated(), filters):
            raise api.exception.InstanceInvalidState(
                attr="task_state", instance_uuid=instance.uuid, state="rebuilding", method="evacuate"
            )
        instance.refresh()
        return original(self, context, instance, *arguments, **named)

    replace(api.API, "evacuate", evacuate)
