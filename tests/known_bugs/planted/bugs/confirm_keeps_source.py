"""A confirmed resize or cold migration leaves the old flavor charged on the source for ever.

Launchpad 1707071. The consumer is the uuid of a migration that is over.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_delete_allocation_after_move", by="do_confirm_resize")
