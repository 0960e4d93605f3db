"""A server whose build was interrupted loses its host when the host starts, and keeps its allocations there.

No bug of one number: the server is taken off its host in Nova, and not in Placement.
"""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def forget(original, self, server, **options):
        """Take it off its host as well."""
        self._nil_out_instance_obj_host_and_node(server)
        return original(self, server, **options)

    replace(manager.ComputeManager, "_set_instance_obj_error_state", forget, by="_init_instance")
