"""A libvirt host whose disk is on shared storage reports no DISK_GB of its own."""

from planting import into, replace


@into("nova.virt.libvirt.driver")
def change(driver):
    def without_disk(original, self, tree, node, allocations=None):
        original(self, tree, node, allocations=allocations)
        if tree.has_sharing_provider("DISK_GB"):
            inventory = dict(tree.data(node).inventory)
            inventory.pop("DISK_GB", None)
            tree.update_inventory(node, inventory)

    replace(driver.LibvirtDriver, "update_provider_tree", without_disk)
