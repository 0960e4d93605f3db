"""A soft-deleted server gives its host back at once, and has none left when it is restored.

The reverse of the usual leak: nothing is charged for a guest that still exists.
"""

from planting import into, replace


def free_at_once(original, manager, context, instance):
    """Treat the server as deleted for good."""
    original(manager, context, instance)
    manager.reportclient.delete_allocation_for_instance(context, instance.uuid, force=True)


@into("nova.compute.manager")
def change(manager):
    replace(manager.ComputeManager, "soft_delete_instance", free_at_once)
