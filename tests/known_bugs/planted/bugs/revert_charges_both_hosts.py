"""A reverted resize leaves the server charged for the new flavor on the host it visited.

Launchpad 1707071 and 1785776. What the migration held is given back to the server in addition to what it has.
"""

from planting import into, replace


def give_back_too_much(original, client, context, source, target):
    """Move what the migration holds, and keep what the server held before."""
    held = client.get_allocs_for_consumer(context, target)["allocations"]
    moved = original(client, context, source, target)
    kept = {provider: {"resources": held[provider]["resources"]} for provider in held}
    client.add_resources_to_instance_allocation(context, target, kept)
    return moved


@into("nova.compute.manager")
def change(manager):
    replace(manager.report.SchedulerReportClient, "move_allocations", give_back_too_much, under="_finish_revert_resize")
