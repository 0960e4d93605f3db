"""A live migration whose destination does not answer leaves the server charged on the destination.

No bug of one number: the conductor puts nothing back when the check of the destination times out.
"""

from planting import into, lose


@into("nova.conductor.tasks.live_migrate")
def change(live_migrate):
    lose(live_migrate.migrate, "revert_allocation_for_migration", by="rollback")
    lose(live_migrate.LiveMigrationTask, "_remove_host_allocations")
