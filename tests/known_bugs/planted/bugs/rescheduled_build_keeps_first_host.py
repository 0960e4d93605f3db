"""A build that fails on one host and is tried on another stays charged on the first one as well.

Launchpad 1712718, the other half of it.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    client = manager.report.SchedulerReportClient
    lose(client, "delete_allocation_for_instance", by="_do_build_and_run_instance")
