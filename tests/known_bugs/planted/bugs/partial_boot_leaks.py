"""Of several servers booted in one request, those that found room stay charged although none of them is started.

The mechanism of Launchpad 1712718, in the scheduler.
"""

from planting import into, lose


@into("nova.scheduler.manager")
def change(manager):
    lose(manager.SchedulerManager, "_cleanup_allocations")
