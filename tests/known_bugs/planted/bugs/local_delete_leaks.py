"""A server deleted while its host is down stays charged there until that host is back.

Launchpad 1679750. The API deletes the server itself, and forgets what the host would have freed.
"""

from planting import into, lose


@into("nova.compute.api")
def change(api):
    client = api.report.SchedulerReportClient
    lose(client, "delete_allocation_for_instance", by="_local_delete")
