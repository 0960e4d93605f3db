"""A live migrated server's volumes stay attached on the host it has left."""

from planting import into, lose


@into("nova.volume.cinder")
def change(cinder):
    lose(cinder.API, "attachment_delete", under="_post_live_migration_remove_source_vol_connections")
