"""A host on which no type of mediated device is enabled any more removes the inventories of its GPUs."""

from planting import into, replace


@into("nova.virt.libvirt.driver")
def change(driver):
    def without(original, self, tree, node, allocations=None):
        original(self, tree, node, allocations=allocations)
        offered = self._get_gpu_inventories()
        for uuid in tree.get_provider_uuids(node)[1:]:
            child = tree.data(uuid)
            if child.name.startswith(f"{node}_pci_") and child.name.removeprefix(f"{node}_") not in offered:
                tree.update_inventory(uuid, {})

    replace(driver.LibvirtDriver, "_update_provider_tree_for_vgpu", without)
