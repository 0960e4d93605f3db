"""A server that was shelved and offloaded stays charged on the host it has left.

Launchpad 1710249. Unshelved elsewhere, it is charged on both.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.resource_tracker.ResourceTracker, "delete_allocation_for_shelve_offloaded_instance")
