"""A rebuilt server is charged a second time on its host.

Launchpad 1732976 (CVE-2017-17051). Rebuilding a server often enough fills any host.
"""

from planting import into, replace


def charge_again(original, manager, context, instance, *args, **kwargs):
    """Rebuild, and claim what the server has already."""
    held = manager.reportclient.get_allocations_for_consumer(context, instance.uuid)
    original(manager, context, instance, *args, **kwargs)
    if not kwargs.get("recreate"):
        more = {provider: {"resources": held[provider]["resources"]} for provider in held}
        manager.reportclient.add_resources_to_instance_allocation(context, instance.uuid, more)


@into("nova.compute.manager")
def change(manager):
    replace(manager.ComputeManager, "_do_rebuild_instance_with_claim", charge_again, by="rebuild_instance")
