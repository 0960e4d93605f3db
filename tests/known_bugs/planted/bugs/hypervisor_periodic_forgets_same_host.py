"""Once the periodic has run, a host no longer counts both flavors of an undecided resize on itself in its own figures.

No bug of one number. Placement is right, and so is os-hypervisors until the periodic task recounts.
"""

from planting import into, lose


def stays(_tracker, _context, _instance, migration, _nodename):
    """Whether a migration begins and ends on one host."""
    return migration.source_compute == migration.dest_compute


@into("nova.compute.resource_tracker")
def change(tracker):
    lose(tracker.ResourceTracker, "_update_usage_from_migration", by="_update_usage_from_migrations", when=stays)
