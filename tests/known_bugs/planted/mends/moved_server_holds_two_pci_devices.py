"""The claim of a move takes the PCI devices that Placement has allocated."""

import threading

from planting import into, replace

here = threading.local()


@into("nova.compute.resource_tracker")
def change(tracker):
    def claim(original, self, context, instance, flavor, node, migration, allocations, **options):
        here.allocations = allocations
        return original(self, context, instance, flavor, node, migration, allocations, **options)

    def requests(original, *args, **options):
        wanted = original(*args, **options)
        for request in wanted.requests:
            spec = request.spec[0]
            name = f"CUSTOM_PCI_{spec['vendor_id']}_{spec['product_id']}"
            spec["rp_uuids"] = ",".join(
                uuid for uuid, on in here.allocations.items() for _ in range(on["resources"].get(name, 0))
            )
        return wanted

    replace(tracker.ResourceTracker, "_move_claim", claim)
    replace(tracker.pci_request, "get_pci_requests_from_flavor", requests, by="_move_claim")
