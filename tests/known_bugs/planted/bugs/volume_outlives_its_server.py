"""A volume that should end with its server is left."""

from planting import into, lose


@into("nova.volume.cinder")
def change(cinder):
    lose(cinder.API, "delete", by="_cleanup_volumes")
