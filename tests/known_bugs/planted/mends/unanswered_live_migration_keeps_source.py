"""A live migration whose destination does not answer at its end frees the source all the same."""

from planting import into, replace


@into("nova.compute.manager")
def change(manager):
    def free(original, self, context, instance, dest, block_migration, migrate_data, *arguments, **options):
        try:
            original(self, context, instance, dest, block_migration, migrate_data, *arguments, **options)
        except Exception:
            self._delete_allocation_after_move(context, instance, migrate_data.migration)
            raise

    replace(manager.ComputeManager, "_post_live_migration", free)
