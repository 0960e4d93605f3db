"""After a confirmed resize the hypervisor's own figures still count the old flavor, until the next periodic.

Launchpad 1818914. Placement is right; os-hypervisors is not.
"""

from planting import into, lose


@into("nova.compute.resource_tracker")
def change(tracker):
    lose(tracker.ResourceTracker, "_update_usage", by="_drop_move_claim", under="drop_move_claim_at_source")
