"""The persistent memory namespaces that a flavor names are not charged."""

from planting import into, lose


@into("nova.scheduler.utils")
def change(utils):
    lose(utils.ResourceRequest, "_translate_vpmems_request")
