"""A soft-deleted server stays charged after the time for restoring it has passed.

The mechanism of Launchpad 1679750, for a deletion that nobody asks for any more.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.report.SchedulerReportClient, "delete_allocation_for_instance", under="_reclaim_queued_deletes")
