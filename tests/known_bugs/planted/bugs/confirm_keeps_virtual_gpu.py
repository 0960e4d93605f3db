"""A confirmed cold migration frees the source, but not the virtual GPU that the server had there."""

from planting import free_all_but, into


@into("nova.scheduler.client.report")
def change(report):
    free_all_but("VGPU", report, under="do_confirm_resize")
