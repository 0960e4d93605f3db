"""A libvirt host of the lab: its hardware, its options and its guests, from a profile."""

import json
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from stocktake.support.lab.hosts.libvirt import environment, library, process
from stocktake.support.lab.hosts.libvirt.driver import Driver
from stocktake.support.lab.hosts.libvirt.profiles import (
    CARD,
    FUNCTION,
    PRODUCTS,
    VENDOR,
    Profile,
    is_libvirt,
    profile_of,
)

ADDRESS = "192.168.0.1"
"""What nova.virt.fake says is the address of each of its hosts: folders of hosts with one address count as shared, so
that no disk is copied by ssh."""

SCHEMA = "1.0"


class LibvirtMachine:
    """One host: what outlasts its compute service, and makes the driver of each."""

    def __init__(self, name: str, profile: Profile, folder: Path):
        """`folder` is for the host's own files."""
        environment.install()
        self._name, self._folder = name, folder
        self.profile = profile
        self.node_uuid = str(uuid.uuid4())
        self.connection = library.Connection(name, profile)
        self.options = _options(name, profile, folder)

    def acting(self) -> AbstractContextManager[None]:
        """Work for this host in the block."""
        return process.acting_as(self)

    def driver(self, virtapi: Any) -> Driver:
        """Make the virt driver of a compute service that starts; it finds the guests that are there."""
        return Driver(virtapi, self)

    def lose_guests(self) -> None:
        """Lose every guest."""
        self.connection.lose_guests()

    def refit(self, driver: str) -> None:
        """Have the devices and the options of another profile; CPUs and memory stay as they are."""
        if not is_libvirt(driver):
            raise ValueError(f"a libvirt host cannot have driver {driver!r} instead; name a profile, libvirt:PROFILE")
        self.profile = profile_of(driver)
        self.connection.replace_devices(self.profile)
        self.options = _options(self._name, self.profile, self._folder)


def _options(name: str, profile: Profile, folder: Path) -> dict[process.Option, Any]:
    """The options of a host, as oslo.config would return them."""
    options: dict[process.Option, Any] = {
        (None, "host"): name,
        (None, "use_cow_images"): False,
        ("libvirt", "images_type"): "raw",
        ("libvirt", "virt_type"): "kvm",
        ("libvirt", "migration_inbound_addr"): ADDRESS,
        ("libvirt", "device_detach_timeout"): 1,  # the library tells no events of devices that have gone
        ("compute", "cpu_shared_set"): profile.shared_cpus or None,
        ("compute", "cpu_dedicated_set"): profile.dedicated_cpus or None,
        ("pci", "device_spec"): _device_spec(profile),
        ("pci", "report_in_placement"): True,
        ("libvirt", "pmem_namespaces"): [
            f"{label}:{'|'.join(names)}" for label, names in library.pmem_namespaces(profile).items()
        ],
        **_gpu_options(profile),
    }
    if profile.inventories or profile.traits:
        options["compute", "provider_config_location"] = _write_provider_file(profile, folder)
    return options


def _gpu_options(profile: Profile) -> dict[process.Option, Any]:
    addresses = dict(zip(library.gpu_addresses(profile), profile.gpus, strict=True))
    enabled = list(dict.fromkeys(gpu.enabled for gpu in profile.gpus if gpu.enabled))
    options: dict[process.Option, Any] = {("devices", "enabled_mdev_types"): enabled}
    for kind in enabled:
        mine = {address: gpu for address, gpu in addresses.items() if gpu.enabled == kind}
        options[f"mdev_{kind}", "device_addresses"] = list(mine)
        options[f"mdev_{kind}", "mdev_class"] = next(iter(mine.values())).resource_class
    return options


def _write_provider_file(profile: Profile, folder: Path) -> str:
    """Write the host's provider.yaml (Nova, "Managing Resource Providers Using Config Files"); JSON is YAML."""
    provider: dict[str, Any] = {"identification": {"uuid": "$COMPUTE_NODE"}}
    if profile.inventories:
        additional: list[Mapping[str, Any]] = [{name: {"total": total}} for name, total in profile.inventories.items()]
        provider["inventories"] = {"additional": additional}
    if profile.traits:
        provider["traits"] = {"additional": list(profile.traits)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "provider.yaml").write_text(json.dumps({"meta": {"schema_version": SCHEMA}, "providers": [provider]}))
    return str(folder)


def _device_spec(profile: Profile) -> list[str]:
    """The PCI devices that Nova may give to guests."""
    offered = [name for name, there in ((CARD, profile.cards), (FUNCTION, profile.functions)) if there]
    return [json.dumps({"vendor_id": VENDOR, "product_id": PRODUCTS[name]}) for name in offered]
