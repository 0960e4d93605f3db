"""A completed live migration leaves the server charged on the host it came from.

Launchpad 1712045.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_delete_allocation_after_move", by="_post_live_migration")
