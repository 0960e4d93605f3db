"""A resized server's volumes stay attached on the source as well."""

from planting import into, lose


@into("nova.volume.cinder")
def change(cinder):
    lose(cinder.API, "attachment_delete", by="_terminate_volume_connections")
