"""Services that may hold something on compute nodes, for consumers that nobody but they know.

Zun allocates VCPU, MEMORY_MB and DISK_GB for its containers, which have no consumer type, on the providers of Nova's
compute nodes (its option `host_shared_with_nova`) or on others like them. Blazar, Cyborg and Ironic leave it to Nova to
allocate what they offer, as far as is known; where a cloud has one of them, what is held of further classes may be
its own all the same. The audit asks none of them.
"""

from stocktake.support.accounting.rules.held import Held
from stocktake.support.accounting.snapshot import Snapshot

CONTAINERS = ("application-container", "container")
"""Zun's type in the catalog, and its earlier one."""

OF_FURTHER_CLASSES = {
    "reservation": "reservation",
    "accelerator": "accelerator",
    "baremetal": "bare metal",
    "bare-metal": "bare metal",
}
"""Types in the catalog and the names of services, which offer other classes than `SIZES`."""

SIZES = frozenset({"VCPU", "PCPU", "MEMORY_MB", "DISK_GB"})


def service_with_consumers(held: Held) -> str | None:
    """Say which service may know a consumer that Nova has never known; None where there is none."""
    if any(kind in held.snapshot.services_beside for kind in CONTAINERS):
        return _may_have_made("container")
    if all(SIZES.issuperset(resources) for resources in held.rows.values()):
        return None
    names = (name for kind, name in OF_FURTHER_CLASSES.items() if kind in held.snapshot.services_beside)
    return next(map(_may_have_made, names), None)


def service_with_compute_nodes(snapshot: Snapshot) -> str | None:
    """Say which service may have made a provider that looks like a compute node; None where there is none."""
    return _may_have_made("container") if any(kind in snapshot.services_beside for kind in CONTAINERS) else None


def _may_have_made(name: str) -> str:
    return f"the cloud's {name} service, which was not asked, may have made it"
