"""A host reports its dedicated CPUs as shared ones: VCPU instead of PCPU."""

from planting import into, lose, replace


@into("nova.virt.libvirt.driver")
def change(driver):
    replace(
        driver.LibvirtDriver,
        "_get_vcpu_available",
        lambda original, self: original(self) | driver.hardware.get_cpu_dedicated_set(),
    )
    lose(driver.LibvirtDriver, "_get_pcpu_available", returning=set())
