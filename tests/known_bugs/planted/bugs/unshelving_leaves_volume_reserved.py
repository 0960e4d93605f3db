"""The volumes of an unshelved server are not completed, and stay attaching."""

from planting import into, lose


@into("nova.volume.cinder")
def change(cinder):
    lose(cinder.API, "attachment_complete", under="_unshelve_instance")
