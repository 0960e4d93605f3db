"""The host gives a server another PCI device than the one that Placement has allocated."""

from planting import into, replace


@into("nova.pci.stats")
def change(stats):
    def of_other_pools(original, self, pci_requests, numa_cells=None):
        for request in pci_requests:
            spec = request.spec[0]
            allocated = spec.get("rp_uuids", "").split(",")
            others = [
                pool["rp_uuid"]
                for pool in self.pools
                if pool.get("product_id") == spec.get("product_id") and pool.get("rp_uuid") not in allocated
            ]
            if allocated != [""] and others:
                spec["rp_uuids"] = others[0]
        return original(self, pci_requests, numa_cells)

    replace(stats.PciDeviceStats, "consume_requests", of_other_pools)
