"""An evacuated server's volumes stay attached on the dead host as well."""

from planting import into, lose


@into("nova.volume.cinder")
def change(cinder):
    lose(cinder.API, "attachment_delete", under="detach_block_devices")
