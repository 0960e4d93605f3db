"""A resize that fails on the source leaves the destination charged, and the server's old share with the migration.

Launchpad 1749215.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_revert_allocation", by="resize_instance")
