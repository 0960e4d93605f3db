"""A host that returns does not resume the deletion of a server that it was to delete when it failed.

No bug of one number: the server stays, and so does what is charged for it, until its state is reset.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_delete_instance", by="_init_instance")
