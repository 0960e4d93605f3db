"""A server deleted while its build waits for its host stays charged there.

Launchpad 1859496. The API deletes the server's records itself, and leaves what the scheduler has claimed for it.
"""

from planting import into, lose


@into("nova.compute.api")
def change(api):
    client = api.report.SchedulerReportClient
    lose(client, "delete_allocation_for_instance", by="_local_delete_cleanup")
