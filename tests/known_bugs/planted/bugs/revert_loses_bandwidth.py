"""A reverted resize gives the server its old flavor back, but not the bandwidth that its port has.

What the migration held is moved without the providers of the network.
"""

from planting import into, replace

OF_PORTS = "NET_"


def move_the_rest(original, client, context, source, target):
    """Move what the migration holds, and then take what is held for ports away."""
    moved = original(client, context, source, target)
    held = client.get_allocs_for_consumer(context, target)
    kept = {
        uuid: {"resources": on["resources"]}
        for uuid, on in held["allocations"].items()
        if not any(name.startswith(OF_PORTS) for name in on["resources"])
    }
    client._put_allocations(context, target, {**held, "allocations": kept})
    return moved


@into("nova.compute.manager")
def change(manager):
    replace(manager.report.SchedulerReportClient, "move_allocations", move_the_rest, under="_finish_revert_resize")
