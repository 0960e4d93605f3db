"""A server for which no host could be found to evacuate it to is destroyed when its own host is back.

Launchpad 1713783. The evacuation that never happened is not marked as failed, so the returned host believes that its
guest lives elsewhere: guest and allocation are gone, and the server is still there.
"""

from planting import into, lose


@into("nova.conductor.manager")
def change(manager):
    lose(
        manager.objects.Migration,
        "save",
        by="rebuild_instance",
        when=lambda migration: migration.status == "error",
    )
