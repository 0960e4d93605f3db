"""The hypervisor's own figures keep counting a server whose build has failed there.

No bug of one number. Placement is right; os-hypervisors is not, until the periodic task recounts.
"""

from planting import into, lose


@into("nova.compute.resource_tracker")
def change(tracker):
    lose(tracker.ResourceTracker, "_update_usage_from_instance", by="abort_instance_claim")
