"""What a server holds after a move is charged to the project of who moved it.

No bug of one number. The request of the scheduler knows the server's own project; who asked for the move is another.
"""

from planting import into, replace


def charge_who_asks(original, client, context, consumer, request, project_id, user_id, *args, **kwargs):
    """Check for the project of the request."""
    return original(client, context, consumer, request, context.project_id or project_id, user_id, *args, **kwargs)


@into("nova.scheduler.client.report")
def change(report):
    replace(report.SchedulerReportClient, "claim_resources", charge_who_asks)
