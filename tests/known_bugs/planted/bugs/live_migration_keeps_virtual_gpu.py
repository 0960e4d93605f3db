"""A completed live migration frees the source, but not the virtual GPU that the server had there."""

from planting import free_all_but, into


@into("nova.scheduler.client.report")
def change(report):
    free_all_but("VGPU", report, under="_post_live_migration")
