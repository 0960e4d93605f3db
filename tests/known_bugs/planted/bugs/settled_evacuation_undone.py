"""A host that restarts frees a server that was evacuated from it long ago and has come back since.

The mechanism of Launchpad 1709902 turned round: an evacuation that has been settled is settled again at every start.
"""

from planting import into, replace


def with_settled_ones(original, context, filters):
    """Find evacuations that were settled by an earlier start as well."""
    return original(context, {**filters, "status": [*filters["status"], "completed"]})


@into("nova.compute.manager")
def change(manager):
    replace(manager.objects.MigrationList, "get_by_filters", with_settled_ones, by="_destroy_evacuated_instances")
