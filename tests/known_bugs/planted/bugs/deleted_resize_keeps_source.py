"""A server deleted while its resize is unconfirmed leaves the old flavor charged on the source.

The mechanism of Launchpad 1707071. The consumer is a migration that nobody can ask for any more.
"""

from planting import into, lose


@into("nova.compute.api")
def change(api):
    lose(api.API, "_confirm_resize_on_deleting")
