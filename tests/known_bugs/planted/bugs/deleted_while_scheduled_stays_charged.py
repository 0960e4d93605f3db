"""A server deleted while it is being scheduled stays charged on the host that the scheduler selects for it.

A part of Launchpad 1679750. The conductor notices that the server is gone, and forgets what was claimed for it.
"""

from planting import into, lose


@into("nova.conductor.manager")
def change(manager):
    client = manager.report.SchedulerReportClient
    lose(client, "delete_allocation_for_instance", by="schedule_and_build_instances")
