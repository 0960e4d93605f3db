"""Once the periodic has run, the source of a live migration counts the server again in its own figures.

No bug of one number. Placement is right, and so is os-hypervisors until the periodic task recounts.
"""

from functools import partial

from planting import into, replace


def count_departed(objects, original, tracker, context, migrations, nodename):
    """Count the servers that have left beside those that are here."""
    original(tracker, context, migrations, nodename)
    finished = {"status": "completed", "migration_type": "live-migration", "host": tracker.host}
    for move in objects.MigrationList.get_by_filters(context, finished):
        if move.source_compute == tracker.host:
            guest = objects.Instance.get_by_uuid(context, move.instance_uuid, expected_attrs=["flavor"])
            tracker._update_usage(tracker._get_usage_dict(guest.flavor, guest), nodename)


@into("nova.compute.resource_tracker")
def change(tracker):
    answer = partial(count_departed, tracker.objects)
    replace(tracker.ResourceTracker, "_update_usage_from_migrations", answer, by="_update_available_resource")
