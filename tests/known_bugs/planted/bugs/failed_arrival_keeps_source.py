"""A resize that fails on the destination leaves the source charged, although the server is on the destination now.

Launchpad 1825537.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_delete_allocation_after_move", by="finish_resize")
