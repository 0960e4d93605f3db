"""A port that is attached to a running server is not charged for what it guarantees."""

from planting import into, lose


@into("nova.scheduler.client.report")
def change(report):
    lose(report.SchedulerReportClient, "add_resources_to_instance_allocation", under="attach_interface")
