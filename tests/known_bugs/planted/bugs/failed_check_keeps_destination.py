"""A destination that fails the check of a live migration stays charged while another one is tried.

Launchpad 1712411, in the conductor. The server ends on the second host, and is charged on both.
"""

from planting import into, lose


@into("nova.conductor.tasks.live_migrate")
def change(live_migrate):
    lose(live_migrate.LiveMigrationTask, "_remove_host_allocations", by="_find_destination")
