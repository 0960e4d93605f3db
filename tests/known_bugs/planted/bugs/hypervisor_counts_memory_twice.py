"""The hypervisor's own figures count the memory of its guests twice.

No bug of one number. Placement is right; os-hypervisors is not.
"""

from planting import into, replace


def count_twice(original, tracker, usage, nodename, sign=1):
    """Count the memory of a guest for two."""
    original(tracker, {**usage, "memory_mb": 2 * usage["memory_mb"]}, nodename, sign=sign)


@into("nova.compute.resource_tracker")
def change(tracker):
    replace(tracker.ResourceTracker, "_update_usage", count_twice)
