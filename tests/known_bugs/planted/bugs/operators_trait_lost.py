"""A trait that an operator puts on a host disappears when the periodic task runs.

No bug of one number: the contract by which compute hosts report their own traits beside those of others.
"""

from planting import into, replace


def keep_own_only(original, tracker, *args, **kwargs):
    """Report what the driver knows of."""
    return {trait for trait in original(tracker, *args, **kwargs) if not trait.startswith("CUSTOM_")}


@into("nova.compute.resource_tracker")
def change(tracker):
    replace(tracker.ResourceTracker, "_get_traits", keep_own_only)
