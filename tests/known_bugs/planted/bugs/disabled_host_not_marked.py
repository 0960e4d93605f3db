"""A host that an operator disables gets no trait that says so, so that Placement goes on offering it.

No bug of one number: the contract of the pre-filter for disabled computes.
"""

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeVirtAPI, "update_compute_provider_status")
