"""A volume that was detached from a server stays detaching in Cinder."""

from planting import into, lose


@into("nova.volume.cinder")
def change(cinder):
    lose(cinder.API, "attachment_delete", by="_do_detach")
