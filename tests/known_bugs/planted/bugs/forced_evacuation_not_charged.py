"""An evacuation forced to a host is not charged there, and the server holds nothing once its old host is back.

Launchpad 1713786.
"""

from planting import into, lose


@into("nova.conductor.manager")
def change(manager):
    lose(manager.scheduler_utils, "claim_resources_on_destination", by="_allocate_for_evacuate_dest_host")
