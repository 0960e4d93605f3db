"""A server whose build the compute service aborts stays charged on the host that refused it.

Launchpad 1712718. The server is in ERROR and has no host; its allocation is only freed when it is deleted.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    client = manager.report.SchedulerReportClient
    lose(client, "delete_allocation_for_instance", by="_locked_do_build_and_run_instance")
