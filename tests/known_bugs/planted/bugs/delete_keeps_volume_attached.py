"""The volumes of a deleted server stay attached to it."""

from planting import into, lose


@into("nova.volume.cinder")
def change(cinder):
    lose(cinder.API, "attachment_delete", under="_shutdown_instance")
