"""A live migration frees the source, but not the bandwidth that the server's port had there."""

from planting import free_all_but, into


@into("nova.scheduler.client.report")
def change(report):
    free_all_but("NET_BW_EGR_KILOBIT_PER_SEC", report, under="_post_live_migration")
