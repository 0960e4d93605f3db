"""An unshelved server that fails to start stays charged on the host it never came to.

Launchpad 1713796.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.report.SchedulerReportClient, "delete_allocation_for_instance", by="_unshelve_instance")
