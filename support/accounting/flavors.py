"""What a server of a flavor holds, by the rules of Nova's scheduler (`nova.scheduler.utils.ResourceRequest`)."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import os_resource_classes
from stocktake.support.accounting.cpus import cpu_resources, is_true, wants_dedicated_cpus
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import FeatureError

_GROUPED = re.compile(r"resources([a-zA-Z0-9_-]{1,64})?:(.*)")
_MB_PER_GB = 1024
_ENCRYPTION_MODELS = ("amd-sev", "amd-sev-es", "amd-sev-snp", "intel-tdx")


@dataclass(frozen=True)
class Flavor:
    """A flavor: ram and swap in MB, disk (root) and ephemeral in GB, extra specs as strings.

    >>> Flavor("small", vcpus=1, ram=512, disk=1, swap=100).resources()
    Resources(VCPU=1, MEMORY_MB=512, DISK_GB=2)
    """

    name: str
    vcpus: int
    ram: int
    disk: int
    ephemeral: int = 0
    swap: int = 0
    extra_specs: Mapping[str, str] = field(default_factory=dict, hash=False)
    id: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra_specs", MappingProxyType(dict(self.extra_specs)))

    def resources(self, *, volume_backed: bool = False, image_properties: Mapping[str, str] | None = None) -> Resources:
        """Return what a server of this flavor holds, over all providers of its host's tree, where hosts have PCPU.

        A class that any group of extra specs names replaces the amount derived from the flavor; a volume-backed
        server holds no root disk. `image_properties` are as Glance has them: an image can ask for pinned CPUs and
        for memory encryption too; without them neither is assumed, nor is it checked that an image fits.
        Ports, PCI devices and device profiles add to this, outside the flavor.
        Raises FeatureError for a flavor, or flavor and image, that Nova refuses to boot.

        >>> specs = {"resources:VCPU": "0", "resources1:CUSTOM_GOLD": "2", "hw:cpu_policy": ""}
        >>> Flavor("gold", vcpus=4, ram=512, disk=9, extra_specs=specs).resources(volume_backed=True)
        Resources(MEMORY_MB=512, CUSTOM_GOLD=2)
        """
        return self._resources(cpu_resources(self, image_properties or {}), volume_backed, image_properties)

    def alternatives(
        self, *, volume_backed: bool = False, image_properties: Mapping[str, str] | None = None
    ) -> tuple[Resources, ...]:
        """Return every amount that a server of this flavor may hold, depending on what its host can give.

        The first is `resources`. For dedicated CPUs Nova's scheduler also asks for hosts that have no PCPU, where the
        server holds VCPU (`nova.scheduler.manager.SchedulerManager.select_destinations`), unless
        `[workarounds] disable_fallback_pcpu_query` is set. Raises what `resources` does.

        >>> Flavor("pinned", vcpus=4, ram=512, disk=0, extra_specs={"hw:cpu_policy": "dedicated"}).alternatives()
        (Resources(PCPU=4, MEMORY_MB=512), Resources(VCPU=4, MEMORY_MB=512))
        """
        first = self.resources(volume_backed=volume_backed, image_properties=image_properties)
        if not wants_dedicated_cpus(self, image_properties or {}):
            return (first,)
        return first, self._resources({}, volume_backed, image_properties)

    def _resources(
        self, cpus: Mapping[str, int], volume_backed: bool, image_properties: Mapping[str, str] | None
    ) -> Resources:
        """Put together what extra specs name, what they imply, and the flavor's sizes; `cpus` are those of policies."""
        groups = self._named_amounts()
        unsuffixed = groups[""]
        unsuffixed.update(cpus)
        named = {name for amounts in groups.values() for name in amounts}
        unsuffixed.update(self._derived_amounts(named, volume_backed=volume_backed))
        if self._encryption_model(image_properties):
            unsuffixed["MEM_ENCRYPTION_CONTEXT"] = 1
        unsuffixed.update(self._persistent_memory())
        return Resources.total(Resources(amounts) for amounts in groups.values())

    def _named_amounts(self) -> dict[str, dict[str, int]]:
        """Return group -> class -> amount; what Nova's scheduler only warns of, it leaves out, and so do we."""
        groups: dict[str, dict[str, int]] = defaultdict(dict)
        for key, value in self.extra_specs.items():
            found = _GROUPED.fullmatch(key)
            if found is None:
                continue
            group, name = found[1] or "", found[2]
            known = name in os_resource_classes.STANDARDS or name.startswith(os_resource_classes.CUSTOM_NAMESPACE)
            amount = _whole_number(value)
            if known and amount is not None:
                groups[group][name] = amount
        return groups

    def _derived_amounts(self, named: set[str], *, volume_backed: bool) -> dict[str, int]:
        """Return what the flavor's sizes amount to, for the classes that no extra spec names."""
        swap = -(-self.swap // _MB_PER_GB)
        derived = {
            "VCPU": self.vcpus,
            "MEMORY_MB": self.ram,
            "DISK_GB": (0 if volume_backed else self.disk) + self.ephemeral + swap,
        }
        replaced = named | ({"VCPU"} if "PCPU" in named else set())
        return {name: amount for name, amount in derived.items() if name not in replaced}

    def _persistent_memory(self) -> dict[str, int]:
        amounts: dict[str, int] = defaultdict(int)
        for label in self.extra_specs.get("hw:pmem", "").split(","):
            if label.strip():
                amounts[os_resource_classes.normalize_name(f"PMEM_NAMESPACE_{label.strip()}")] += 1
        return amounts

    def _encryption_model(self, image: Mapping[str, str] | None) -> str | None:
        """Return the model of memory encryption asked for, if any; check a known image against it."""
        by_flavor = self.extra_specs.get("hw:mem_encryption")
        by_image = (image or {}).get("hw_mem_encryption")
        if not is_true(by_flavor) and not is_true(by_image):
            return None
        if by_flavor is not None and by_image is not None and is_true(by_flavor) != is_true(by_image):
            raise FeatureError(f'flavor "{self.name}": hw:mem_encryption contradicts the image')
        models = {self.extra_specs.get("hw:mem_encryption_model"), (image or {}).get("hw_mem_encryption_model")}
        models.discard(None)
        if len(models) > 1:
            raise FeatureError(f'flavor "{self.name}": hw:mem_encryption_model contradicts the image')
        model = (models.pop() if models else None) or "amd-sev"
        if model not in _ENCRYPTION_MODELS:
            allowed = ", ".join(_ENCRYPTION_MODELS)
            raise FeatureError(f'flavor "{self.name}": memory encryption model "{model}" is none of {allowed}')
        if image is not None:
            self._check_encrypted_image(model, image)
        return model

    def _check_encrypted_image(self, model: str, image: Mapping[str, str]) -> None:
        wanted = {"hw_firmware_type": image.get("hw_firmware_type") == "uefi"}
        wanted["hw_machine_type"] = "q35" in image.get("hw_machine_type", "q35")
        if model in ("amd-sev-snp", "intel-tdx"):
            wanted["hw_firmware_stateless"] = is_true(image.get("hw_firmware_stateless"))
        if model == "intel-tdx":
            wanted["hw_video_model"] = image.get("hw_video_model") == "none"
        for key, fits in wanted.items():
            if not fits:
                raise FeatureError(f'flavor "{self.name}": memory encryption {model} does not allow the image\'s {key}')


def _whole_number(text: str) -> int | None:
    try:
        amount = int(text)
    except ValueError:
        return None
    return amount if amount >= 0 else None
