"""A host reports its dedicated CPUs to Placement as shared ones: VCPU instead of PCPU."""

from planting import into, lose, replace


@into("nova.virt.libvirt.driver")
def change(driver):
    replace(
        driver.LibvirtDriver,
        "_get_vcpu_available",
        lambda original, self: original(self) | self._get_pcpu_available(),
        by="update_provider_tree",
    )
    lose(driver.LibvirtDriver, "_get_pcpu_available", returning=set(), by="update_provider_tree")
    lose(driver.LibvirtDriver, "_update_provider_tree_for_pcpu")
