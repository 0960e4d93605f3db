"""A libvirt host whose disk is on shared storage reports no DISK_GB of its own."""

from planting import into, replace


def shares_disks(known, aggregates):
    providers = map(known.data, known.get_provider_uuids())
    sharing = [one for one in providers if "MISC_SHARES_VIA_AGGREGATE" in one.traits and "DISK_GB" in one.inventory]
    return any(one.aggregates & aggregates for one in sharing)


@into("nova.virt.libvirt.driver")
def change(driver):
    def without_disk(original, self, tree, node, allocations=None):
        original(self, tree, node, allocations=allocations)
        root = tree.data(node)
        if shares_disks(self.virtapi.reportclient._provider_tree, root.aggregates):  # `tree` has the host's own only
            tree.update_inventory(node, {name: root.inventory[name] for name in root.inventory if name != "DISK_GB"})

    replace(driver.LibvirtDriver, "update_provider_tree", without_disk)
