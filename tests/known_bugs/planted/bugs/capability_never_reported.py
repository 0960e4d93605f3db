"""One of the things a host's driver can do is never told to Placement.

No bug of one number. Servers that need it find no host.
"""

import os_traits
from planting import into, replace


def leave_one_out(original, tracker, *args, **kwargs):
    """Report all but one."""
    return set(original(tracker, *args, **kwargs)) - {os_traits.COMPUTE_VOLUME_MULTI_ATTACH}


@into("nova.compute.resource_tracker")
def change(tracker):
    replace(tracker.ResourceTracker, "_get_traits", leave_one_out)
