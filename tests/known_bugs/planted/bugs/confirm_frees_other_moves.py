"""Confirming a resize frees what every other unconfirmed resize from or to its old host holds.

No bug of one number: moves are looked for by their host, and not by their server.
"""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    moves_of_host = manager.objects.MigrationList.get_in_progress_by_host_and_node

    def free_all(original, compute, context, instance, migration):
        """Free the migration, and the others that are under way from or to its host."""
        original(compute, context, instance, migration)
        for move in moves_of_host(context.elevated(), migration.source_compute, migration.source_node):
            free = compute.reportclient.delete_allocation_for_instance
            free(context, move.uuid, consumer_type="migration", force=True)

    replace(manager.ComputeManager, "_delete_allocation_after_move", free_all, by="do_confirm_resize")
