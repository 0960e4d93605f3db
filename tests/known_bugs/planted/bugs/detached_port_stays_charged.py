"""A port that is detached from its server stays charged for what it guaranteed."""

from planting import into, lose


@into("nova.scheduler.client.report")
def change(report):
    lose(report.SchedulerReportClient, "remove_resources_from_instance_allocation", under="detach_interface")
