"""A server with an accelerator that was offloaded still holds the accelerator of the host it has left."""

from planting import free_all_but, into


@into("nova.scheduler.client.report")
def change(report):
    free_all_but("FPGA", report, under="delete_allocation_for_shelve_offloaded_instance")
