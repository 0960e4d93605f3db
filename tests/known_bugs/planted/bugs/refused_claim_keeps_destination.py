"""A destination that refuses to claim room for a move stays charged for it.

Launchpad 1712850. The next host is tried, and the first one keeps its share.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_revert_allocation", by="_do_prep_resize")
