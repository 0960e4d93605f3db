"""A host that returns frees the servers that are still on their way to it.

No bug of one number, but where Launchpad 1833581 was fixed: whoever holds something on the host without being there is
taken for a build that was interrupted.
"""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def free(original, self, context, handled, nodes):
        """Free them as well."""
        original(self, context, handled, nodes)
        for node in nodes:
            held = self.reportclient.get_allocations_for_resource_provider(context, node).allocations
            for consumer in set(held) - handled:
                self.reportclient.delete_allocation_for_instance(context, consumer, force=True)

    replace(manager.ComputeManager, "_error_out_instances_whose_build_was_interrupted", free)
