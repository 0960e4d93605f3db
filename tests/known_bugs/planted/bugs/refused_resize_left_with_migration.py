"""A resize for which no host has room leaves the server without an allocation of its own: a failed migration has it.

The rollback that came with migrations as consumers, forgotten; neighbours are Launchpad 1712850 and 1749215. The
usages of the hosts look right, until the server is deleted.
"""

from planting import into, lose


@into("nova.conductor.tasks.migrate")
def change(migrate):
    lose(
        migrate,
        "revert_allocation_for_migration",
        by="rollback",
        when=lambda _context, _node, _instance, migration: not migration.is_live_migration,
    )
