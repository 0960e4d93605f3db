"""A server with encrypted memory takes a context of its host without being charged."""

from planting import into, lose


@into("nova.scheduler.utils")
def change(utils):
    lose(utils.ResourceRequest, "_translate_mem_encryption_request")
