"""A live migration that breaks off or is aborted leaves the destination charged.

Launchpad 1712411. The server holds the destination, the migration what the server runs on.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_revert_allocation", by="_rollback_live_migration")
