"""The host gives a server another PCI device than the one that Placement has allocated."""

from planting import into, replace


def others(original, stats, pools, request, allocated):
    return [pool for pool in pools if pool.get("rp_uuid") not in allocated] or original(
        stats, pools, request, allocated
    )


@into("nova.pci.stats")
def change(stats):
    replace(stats.PciDeviceStats, "_filter_pools_based_on_placement_allocation", others)
