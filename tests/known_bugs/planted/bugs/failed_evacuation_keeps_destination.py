"""An evacuation that fails on the destination leaves it charged.

The mechanism of Launchpad 1712850, for evacuations. The server is still on its dead host.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.resource_tracker.ResourceTracker, "delete_allocation_for_evacuated_instance", by="rebuild_instance")
