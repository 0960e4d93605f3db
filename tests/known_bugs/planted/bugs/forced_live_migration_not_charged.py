"""A live migration forced to a host is not charged there, and the server holds nothing when it has arrived.

Launchpad 1712008.
"""

from planting import into, lose


@into("nova.conductor.tasks.live_migrate")
def change(live_migrate):
    lose(live_migrate.scheduler_utils, "claim_resources_on_destination", by="_execute")
