"""Reverting a resize gives the server its old allocations back, beside the virtual functions of the destination."""

from planting import into, replace

FUNCTION = "CUSTOM_PCI_8086_1515"


@into("nova.scheduler.client.report")
def change(report):
    def move(original, client, context, source, target):
        left = client.get_allocs_for_consumer(context, target)["allocations"]
        answer = original(client, context, source, target)
        held = client.get_allocs_for_consumer(context, target)
        kept = {uuid: {"resources": on["resources"]} for uuid, on in left.items() if FUNCTION in on["resources"]}
        if kept:
            client._put_allocations(context, target, {**held, "allocations": {**held["allocations"], **kept}})
        return answer

    replace(report.SchedulerReportClient, "move_allocations", move, by="_revert_allocation")
