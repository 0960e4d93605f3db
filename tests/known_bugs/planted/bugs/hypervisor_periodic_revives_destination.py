"""Once the periodic has run, the destination of a reverted resize counts the server again in its own figures.

No bug of one number. Placement is right, and so is os-hypervisors until the periodic task recounts.
"""

from functools import partial

from planting import into, replace


def count_reverted(objects, original, tracker, context, migrations, nodename):
    """Count the servers that were here for a while, beside those that are."""
    original(tracker, context, migrations, nodename)
    for move in objects.MigrationList.get_by_filters(context, {"status": "reverted", "host": tracker.host}):
        if move.dest_compute == tracker.host != move.source_compute:
            guest = objects.Instance.get_by_uuid(context, move.instance_uuid, expected_attrs=["flavor"])
            tracker._update_usage(tracker._get_usage_dict(guest.flavor, guest), nodename)


@into("nova.compute.resource_tracker")
def change(tracker):
    answer = partial(count_reverted, tracker.objects)
    replace(tracker.ResourceTracker, "_update_usage_from_migrations", answer, by="_update_available_resource")
