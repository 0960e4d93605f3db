"""The periodic task forgets a server whose guest is being started on its new host after it was unshelved.

Launchpad 2025480. Placement is right; the hypervisor seems to have room for others.
"""

from planting import into, replace


def removable(original, vm_state, task_state=None):
    """Look at the state of the server alone."""
    return original(vm_state)


@into("nova.compute.vm_states")
def change(vm_states):
    replace(vm_states, "allow_resource_removal", removable)
