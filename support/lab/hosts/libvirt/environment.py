"""What Nova's libvirt driver expects of the machine it runs on, replaced once per process by what a lab has.

Nova's own LibvirtFixture does the same for one test, with mocks that remember every call.
"""

import functools
from typing import Any

import nova.privsep
import os_vif
from nova.pci import utils as pci_utils
from nova.privsep import libvirt as privileged
from nova.virt.libvirt import driver, guest, host, migration, vif
from stocktake.support.lab.hosts.libvirt import library, process

MAC = "52:54:00:1e:59:c6"


@functools.cache
def install() -> None:
    """Provide the environment for the lifetime of the process; repeated calls do nothing."""
    process.install()
    for module in (driver, guest, host, migration):
        module.libvirt = library.fake
    nova.privsep.sys_admin_pctxt.set_client_mode(False)  # no helper process
    os_vif.initialize()
    host.Host._init_events = _nothing  # no thread that waits for events, of which there are none
    host.Host._log_host_capabilities = _nothing  # hundreds of lines
    vif.LibvirtGenericVIFDriver._plug_os_vif = vif.LibvirtGenericVIFDriver._unplug_os_vif = _nothing
    privileged.get_pmem_namespaces = lambda: library.ndctl(process.owner().profile)
    privileged.cleanup_vpmem = _nothing
    pci_utils.is_physical_function = _is_physical_function
    pci_utils.get_mac_by_pci_address = lambda address, pf_interface=False: MAC  # noqa: ARG005
    pci_utils.get_ifname_by_pci_address = lambda address, pf_interface=False: f"pci-{address}"  # noqa: ARG005
    pci_utils.get_vf_num_by_pci_address = lambda address: int(address.rpartition(".")[2])


def _nothing(*_args: Any, **_options: Any) -> None:
    pass


def _is_physical_function(domain: str, bus: str, slot: str, function: str) -> bool:
    address = f"{domain}:{bus}:{slot}.{function}"
    devices = process.owner().connection.pci_info.devices.values()
    return any(device.address == address and device.dev_type == "PF" for device in devices)
