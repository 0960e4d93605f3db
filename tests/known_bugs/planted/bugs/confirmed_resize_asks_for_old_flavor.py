"""A server whose resize was confirmed is charged for its old flavor when it moves again.

Its request to the scheduler never learns the new flavor.
"""

from planting import into, lose


@into("nova.conductor.manager")
def change(manager):
    lose(manager.objects.RequestSpec, "save", by="_cold_migrate")
