"""Nova's fake libvirt library, where it differs from libvirt in what Nova's accounts depend on.

Each difference stands at the method that mends it. Import only where Nova's own libvirt driver is to be loaded.
"""

import json
import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from weakref import WeakValueDictionary

from lxml import etree
from stocktake.support.lab.hosts import standins
from stocktake.support.lab.hosts.libvirt.profiles import Gpu, Profile

fake: Any = standins.stand_in("libvirt")

LIBVIRT_VERSION, QEMU_VERSION = 10_000_000, 8_002_002
KIB = 1024
BUS = 0x81
DESTINATION = re.compile(r"[^:]+://([^/]+)/")  # the host in the URI of a live migration
MAX_GUESTS = re.compile(r"<maxGuests>\d+</maxGuests>")

_connections: WeakValueDictionary[str, "Connection"] = WeakValueDictionary()
"""The connections of this process by host, for live migrations between them."""


class Domain(fake.Domain):
    """A guest."""

    def managedSaveRemove(self, flags: int = 0) -> None:  # noqa: N802 - libvirt's name
        """Take no flags where none are given, as when a suspended guest is deleted."""
        super().managedSaveRemove(flags)

    def migrateToURI3(self, dconnuri: str, params: Mapping[str, Any], flags: int) -> None:  # noqa: N802, ARG002
        """Move to the connection of the host that the URI names. The fake fails every live migration."""
        found = DESTINATION.match(dconnuri)
        target = _connections.get(found[1]) if found else None
        if target is None:
            raise fake.make_libvirtError(
                fake.libvirtError,
                f"unable to connect to server at {dconnuri}",
                error_code=fake.VIR_ERR_SYSTEM_ERROR,
                error_domain=fake.VIR_FROM_RPC,
            )
        target.defineXML(params["destination_xml"]).createWithFlags(0)
        self.complete_job()
        self.destroy()
        self.undefine()


class GpuDevice(fake.FakePCIDevice):
    """A GPU whose mediated devices are of the profile's types, and fewer for each one created.

    The fake has types of its own, and never runs out of devices; Nova would count each created one twice.
    """

    def __init__(self, gpu: Gpu, slot: int):
        self.left = dict(gpu.types)
        super().__init__("MDEV_TYPES", BUS, slot, 0, iommu_group=40 + slot, numa_node=-1)

    def XMLDesc(self, flags: int) -> str:  # noqa: N802
        """The device with what is left of each type."""
        device = etree.fromstring(super().XMLDesc(flags))
        (capability,) = device.iterfind(".//capability[@type='mdev_types']")
        for child in list(capability):
            capability.remove(child)
        for name, instances in self.left.items():
            text = self.mdevtypes_templ % {"type_id": name, "instances": instances}
            capability.append(etree.fromstring(text))
        return str(etree.tostring(device, encoding="unicode"))


class Connection(fake.Connection):
    """The libvirt of one host: its hardware and its guests, which outlast its compute service."""

    def __init__(self, host: str, profile: Profile):
        pages = [*profile.pages.items()]
        huge_kib = sum(size * number for size, number in pages)
        memory_kib = profile.memory_mb * KIB
        small = (memory_kib // profile.cells - huge_kib) // 4
        super().__init__(
            "qemu:///system",
            version=LIBVIRT_VERSION,
            hv_version=QEMU_VERSION,
            hostname=host,
            host_info=fake.HostInfo(
                cpu_nodes=profile.cells,
                cpu_sockets=1,
                cpu_cores=profile.cores,
                cpu_threads=profile.threads,
                kB_mem=memory_kib,
                mempages=[fake.create_mempages([(4, small), *pages]) for _ in range(profile.cells)],
            ),
            pci_info=_pci_devices(profile),
        )
        if profile.encrypted_guests:
            limit = f"<maxGuests>{profile.encrypted_guests}</maxGuests>"
            self._domain_capability_features = MAX_GUESTS.sub(limit, self._domain_capability_features_with_SEV)
        _connections[host] = self

    def lose_guests(self) -> None:
        """Forget every guest, as a machine does that lost its disks."""
        self._vms.clear()
        self._running_vms.clear()

    def replace_devices(self, profile: Profile) -> None:
        """Have the PCI devices of another profile, with the mediated devices of GPUs that are still there."""
        before = self.pci_info.devices
        self.pci_info: Any = _pci_devices(profile)
        for name, device in self.pci_info.devices.items():
            if isinstance(device, GpuDevice) and isinstance(before.get(name), GpuDevice):
                device.left = before[name].left
        for name, device in list(self.mdev_info.devices.items()):
            if etree.fromstring(device.XMLDesc(0)).findtext("parent") not in self.pci_info.devices:
                del self.mdev_info.devices[name]

    def getInfo(self) -> list[Any]:  # noqa: N802
        """Memory in MiB, as libvirt-python has it; the fake has it in KiB."""
        info: list[Any] = super().getInfo()
        info[1] //= KIB
        return info

    def defineXML(self, xml: str) -> Domain:  # noqa: N802
        """Define a guest of our own class."""
        domain = Domain(self, xml)
        self._vms[domain.name()] = domain
        return domain

    def nodeDeviceCreateXML(self, xml: str, flags: int) -> Any:  # noqa: N802, ARG002
        """Create a mediated device, which the fake does not."""
        wanted = etree.fromstring(xml)
        parent, kind = wanted.findtext("parent"), wanted.find("capability/type").get("id")
        name = f"mdev_{wanted.findtext('capability/uuid').replace('-', '_')}"
        gpu = self.pci_info.devices[parent]
        if gpu.left[kind] < 1:
            raise fake.make_libvirtError(
                fake.libvirtError,
                f"no space left for a mediated device of type {kind} on {parent}",
                error_code=fake.VIR_ERR_SYSTEM_ERROR,
                error_domain=fake.VIR_FROM_NODEDEV,
            )
        gpu.left[kind] -= 1
        self.mdev_info.devices[name] = fake.FakeMdevDevice(dev_name=name, type_id=kind, parent=parent)
        return self._named(name)

    def nodeDeviceDefineXML(self, xml: str, flags: int) -> Any:  # noqa: N802, ARG002
        """Return the device that has just been created, now to be kept."""
        return self._named(f"mdev_{etree.fromstring(xml).findtext('capability/uuid').replace('-', '_')}")

    @staticmethod
    def _named(name: str) -> Any:
        return SimpleNamespace(name=lambda: name, setAutostart=lambda autostart: 0)  # noqa: ARG005


def _pci_devices(profile: Profile) -> Any:
    """The PCI devices of a host, each at a slot of its own on one bus: cards, SR-IOV cards, GPUs."""
    devices = fake.HostPCIDevicesInfo(num_pci=0, num_pfs=0, num_vfs=0)
    slot = 0
    for _ in range(profile.cards):
        devices.add_device("PCI", BUS, slot, 0, iommu_group=40 + slot, numa_node=-1)
        slot += 1
    for count in profile.functions:
        devices.add_device("PF", BUS, slot, 0, iommu_group=40 + slot, numa_node=-1, vf_ratio=count)
        for function in range(1, count + 1):
            devices.add_device(
                "VF", BUS, slot, function, iommu_group=40 + slot, numa_node=-1, vf_ratio=count, parent=(BUS, slot, 0)
            )
        slot += 1
    for gpu in profile.gpus:
        device = GpuDevice(gpu, slot)
        devices.devices[fake._get_libvirt_nodedev_name(BUS, slot, 0)] = device
        slot += 1
    return devices


def gpu_addresses(profile: Profile) -> list[str]:
    """The PCI addresses of a profile's GPUs, in order."""
    return [device.address for device in _pci_devices(profile).devices.values() if isinstance(device, GpuDevice)]


def pmem_namespaces(profile: Profile) -> dict[str, list[str]]:
    """The names of a profile's persistent memory namespaces by label."""
    return {label: [f"{label.lower()}-{number}" for number in range(count)] for label, count in profile.pmem.items()}


def ndctl(profile: Profile) -> str:
    """What `ndctl list -X` prints on a host: its namespaces of persistent memory, of 4 GiB each."""
    names = [name for names in pmem_namespaces(profile).values() for name in names]
    size, align = 4 << 30, 2 << 20
    return json.dumps(
        [{"name": name, "size": size, "daxregion": {"align": align, "devices": [{"chardev": name}]}} for name in names]
    )
