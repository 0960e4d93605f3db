"""A live migration that no host accepts leaves the server's allocation with the failed migration.

Launchpad 1712411, in the conductor. The usages of the hosts look right, until the server is deleted.
"""

from planting import into, lose


@into("nova.conductor.tasks.live_migrate")
def change(live_migrate):
    lose(
        live_migrate.migrate,
        "revert_allocation_for_migration",
        by="rollback",
        when=lambda _context, _node, _instance, migration: migration.is_live_migration,
    )
