"""A deleted server stays charged.

No bug of one number: the one thing that must never go wrong.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.report.SchedulerReportClient, "delete_allocation_for_instance", by="_complete_deletion")
