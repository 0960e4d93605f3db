"""A resize on the same host that is confirmed leaves the server without any allocation.

The mechanism of Launchpad 1707071, where the share of the "source" provider was dropped without looking whether it
is the destination as well.
"""

from planting import into, replace


def free_the_host(original, manager, context, instance, migration):
    """Free what is held on the source, whoever holds it."""
    original(manager, context, instance, migration)
    if migration.source_compute == migration.dest_compute:
        manager.reportclient.delete_allocation_for_instance(context, instance.uuid, force=True)


@into("nova.compute.manager")
def change(manager):
    replace(manager.ComputeManager, "_delete_allocation_after_move", free_the_host)
