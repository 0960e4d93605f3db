"""The new host of an evacuated server looks only for its own GPUs among those that the server holds."""

from planting import into, replace


@into("nova.virt.libvirt.driver")
def change(driver):
    def own(original, self, allocations):
        return original(self, {uuid: on for uuid, on in allocations.items() if self.provider_tree.exists(uuid)})

    replace(driver.LibvirtDriver, "_allocate_mdevs", own)
