"""A server whose resize was reverted is charged for the new flavor when it moves again.

Its request to the scheduler is not set back, so that the next move asks for what the server no longer is.
"""

from planting import into, lose


@into("nova.compute.api")
def change(api):
    lose(api.objects.RequestSpec, "save", by="revert_resize")
