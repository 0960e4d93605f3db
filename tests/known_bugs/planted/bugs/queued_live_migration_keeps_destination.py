"""A live migration that is aborted before its turn came leaves the destination charged.

Launchpad 1949808. The server holds the destination, the migration what the server runs on.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_revert_allocation", by="live_migration_abort")
