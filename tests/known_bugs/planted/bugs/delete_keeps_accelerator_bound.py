"""The accelerator of a deleted server stays bound for it in Cyborg."""

from planting import into, lose


@into("nova.compute.utils")
def change(utils):
    lose(utils, "delete_arqs_if_needed", by="_complete_deletion")
    lose(utils, "delete_arqs_if_needed", by="_delete_instance")
