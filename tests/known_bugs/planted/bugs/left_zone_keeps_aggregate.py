"""A host that leaves an availability zone stays in the zone's aggregate as Placement knows it.

No bug of one number: Nova mirrors its host aggregates in Placement, and here forgets one half of that.
"""

from planting import into, lose


@into("nova.compute.api")
def change(api):
    lose(api.report.SchedulerReportClient, "aggregate_remove_host")
