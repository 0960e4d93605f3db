"""Once the periodic has run, the source of an undecided resize no longer counts the old flavor in its own figures.

No bug of one number. Placement is right, and so is os-hypervisors until the periodic task recounts.
"""

from planting import into, lose


def leaves(tracker, _context, _instance, migration, _nodename):
    """Whether a migration leads away from this host."""
    return migration.source_compute == tracker.host != migration.dest_compute


@into("nova.compute.resource_tracker")
def change(tracker):
    lose(tracker.ResourceTracker, "_update_usage_from_migration", by="_update_usage_from_migrations", when=leaves)
