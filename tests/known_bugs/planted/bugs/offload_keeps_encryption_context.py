"""A server with encrypted memory that was offloaded still holds a context of the host it has left."""

from planting import free_all_but, into


@into("nova.scheduler.client.report")
def change(report):
    free_all_but("MEM_ENCRYPTION_CONTEXT", report, under="delete_allocation_for_shelve_offloaded_instance")
