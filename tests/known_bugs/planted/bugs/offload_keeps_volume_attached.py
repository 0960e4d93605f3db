"""An offloaded server's volumes stay attached on the host it has left."""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_terminate_volume_connections", by="_shelve_offload_instance")
