"""A server with an accelerator that was deleted still holds the accelerator."""

from planting import free_all_but, into


@into("nova.scheduler.client.report")
def change(report):
    free_all_but("FPGA", report, under="_complete_deletion")
