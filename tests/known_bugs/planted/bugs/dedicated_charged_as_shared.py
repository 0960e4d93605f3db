"""A server with dedicated CPUs is charged for shared ones: VCPU instead of PCPU."""

from planting import into, lose


@into("nova.scheduler.utils")
def change(utils):
    lose(utils.ResourceRequest, "_translate_pinning_policies")
