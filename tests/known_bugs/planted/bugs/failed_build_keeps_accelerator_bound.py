"""An accelerator stays bound for a server whose build was aborted."""

from planting import into, lose


@into("nova.compute.utils")
def change(utils):
    lose(utils, "delete_arqs_if_needed", under="_build_resources")
