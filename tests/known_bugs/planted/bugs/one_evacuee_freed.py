"""A dead host that is back frees one of the servers that were evacuated from it, and stays charged for the others.

The mechanism of Launchpad 1709902, for all but one.
"""

from planting import into, replace


def only_one(original, *args, **kwargs):
    """Find one evacuation, however many there were."""
    found = original(*args, **kwargs)
    found.objects = found.objects[:1]
    return found


@into("nova.compute.manager")
def change(manager):
    replace(manager.objects.MigrationList, "get_by_filters", only_one, by="_destroy_evacuated_instances")
