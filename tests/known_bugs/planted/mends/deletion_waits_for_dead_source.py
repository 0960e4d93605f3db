"""Deleting a server frees what its unconfirmed move holds, without asking a source that is down."""

from planting import into, replace


@into("nova.compute.rpcapi")
def change(rpcapi):
    from nova import objects, servicegroup  # noqa: PLC0415 - Nova is there by now
    from nova.scheduler.client import report  # noqa: PLC0415

    def confirm(original, self, context, instance, migration, host, **named):
        service = objects.Service.get_by_compute_host(context.elevated(), host)
        if servicegroup.API().service_is_up(service):
            original(self, context, instance, migration, host, **named)
            return
        report.report_client_singleton().delete_allocation_for_instance(
            context.elevated(), migration.uuid, "migration", force=True
        )
        migration.status = "confirmed"
        migration.save()

    replace(rpcapi.ComputeAPI, "confirm_resize", confirm, by="_confirm_resize_on_deleting")
