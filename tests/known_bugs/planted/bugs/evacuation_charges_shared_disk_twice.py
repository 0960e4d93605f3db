"""An evacuated server is charged for its disk on shared storage a second time, and stays so."""

from planting import into, replace


def doubled(original, held, request):
    both = original(held, request)
    for provider, wanted in request["allocations"].items():
        if provider in held:
            amounts = held[provider]["resources"]
            total = {name: amounts.get(name, 0) + amount for name, amount in wanted["resources"].items()}
            both["allocations"][provider] = {"resources": {**amounts, **total}}
    return both


@into("nova.scheduler.client.report")
def change(report):
    replace(report, "_move_operation_alloc_request", doubled)
