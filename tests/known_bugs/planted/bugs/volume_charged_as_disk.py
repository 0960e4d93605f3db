"""A server that boots from a volume is charged for a root disk that it does not have.

Launchpad 1469179.
"""

from planting import into, replace


def overlook_volume(original, request_spec, *args, **kwargs):
    """Translate the request as if the root disk were the host's."""
    spec = request_spec.obj_clone()
    spec.is_bfv = False
    return original(spec, *args, **kwargs)


@into("nova.scheduler.utils")
def change(utils):
    replace(utils.ResourceRequest, "from_request_spec", overlook_volume)
