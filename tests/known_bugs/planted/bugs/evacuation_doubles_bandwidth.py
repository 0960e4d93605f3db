"""An evacuated server is charged twice on its new host for the bandwidth of its port."""

from planting import into, replace

BANDWIDTH = "NET_BW_EGR_KILOBIT_PER_SEC"


def doubled(original, held, request):
    both = original(held, request)
    for provider in request["allocations"]:
        amounts = both["allocations"][provider]["resources"]
        if BANDWIDTH in amounts:
            both["allocations"][provider] = {"resources": {**amounts, BANDWIDTH: 2 * amounts[BANDWIDTH]}}
    return both


@into("nova.scheduler.client.report")
def change(report):
    replace(report, "_move_operation_alloc_request", doubled)
