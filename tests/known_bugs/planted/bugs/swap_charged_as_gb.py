"""A flavor's swap is charged as that many GB of disk, although it is in MB.

Launchpad 1659266.
"""

from planting import into, replace


@into("nova.compute.utils")
def change(utils):
    replace(utils, "convert_mb_to_ceil_gb", lambda _original, mb: mb, by="from_request_spec")
