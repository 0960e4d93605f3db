"""A dead host that is retired after an evacuation stays charged, and its resource provider stays.

Launchpad 1829479.
"""

from planting import into, lose


@into("nova.scheduler.client.report")
def change(report):
    lose(report.SchedulerReportClient, "_remove_allocations_for_evacuated_instances")
