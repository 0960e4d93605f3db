"""The hardware of the lab's libvirt hosts, and how their operator divides it: data, known without Nova.

A host's driver is named `libvirt` or `libvirt:PROFILE`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

DRIVER = "libvirt"
DEFAULT = "plain"

CARD, FUNCTION = "card", "function"
"""The aliases of PCI devices that the lab's Nova offers: a whole network card, and a virtual function of one."""

VENDOR = "8086"
PRODUCTS = {CARD: "1533", FUNCTION: "1515"}
"""The PCI product ids of these devices, which the fake libvirt library gives them; all are of `VENDOR`."""


@dataclass(frozen=True)
class Gpu:
    """A GPU that can be divided into mediated devices.

    types           how many it can have of each type
    enabled         the type that Nova may create on it; empty: none
    resource_class  what Nova calls these devices
    """

    types: Mapping[str, int]
    enabled: str
    resource_class: str = "VGPU"


@dataclass(frozen=True)
class Profile:
    """The hardware and the configuration of a host.

    cells, cores, threads         NUMA cells, each of them a socket; cores of a cell; threads of a core
    memory_mb, local_gb           memory in MiB, divided equally among the cells; disk in GiB
    shared_cpus, dedicated_cpus   `[compute] cpu_shared_set` and `cpu_dedicated_set`; empty is not set
    pages                         huge pages of each cell: their number by size in KiB
    gpus                          GPUs, in order of their PCI addresses
    cards                         number of plain PCI network cards (alias `card`)
    functions                     virtual functions of each SR-IOV network card (alias `function`)
    encrypted_guests              how many guests may have memory that AMD SEV encrypts
    pmem                          number of persistent memory namespaces by label
    inventories, traits           what `provider.yaml` adds to the host's root provider: totals by class, and traits
    """

    cells: int = 1
    cores: int = 16
    threads: int = 2
    memory_mb: int = 65536
    local_gb: int = 2000
    shared_cpus: str = ""
    dedicated_cpus: str = ""
    pages: Mapping[int, int] = field(default_factory=dict)
    gpus: tuple[Gpu, ...] = ()
    cards: int = 0
    functions: tuple[int, ...] = ()
    encrypted_guests: int = 0
    pmem: Mapping[str, int] = field(default_factory=dict)
    inventories: Mapping[str, int] = field(default_factory=dict)
    traits: tuple[str, ...] = ()


PROFILES: Mapping[str, Profile] = {
    "plain": Profile(),
    "dedicated-cpus": Profile(shared_cpus="0-15", dedicated_cpus="16-31"),
    "dedicated-cpus-without-threads": Profile(cores=32, threads=1, shared_cpus="0-15", dedicated_cpus="16-31"),
    "numa": Profile(cells=2, cores=8, threads=2),
    "huge-pages": Profile(cells=2, cores=8, threads=2, pages={2048: 1024}),
    "vgpus": Profile(gpus=(Gpu({"nvidia-11": 4}, "nvidia-11"),)),
    "disabled-vgpus": Profile(gpus=(Gpu({"nvidia-11": 4}, ""),)),
    "two-kinds-of-vgpus": Profile(
        gpus=(
            Gpu({"nvidia-11": 16, "nvidia-12": 8}, "nvidia-11"),
            Gpu({"nvidia-11": 16, "nvidia-12": 8}, "nvidia-12", "CUSTOM_BIG_GPU"),
        )
    ),
    "pci-devices": Profile(cards=1, functions=(4,)),
    "several-pci-devices": Profile(cards=8),
    "encrypted-memory": Profile(encrypted_guests=8),
    "persistent-memory": Profile(pmem={"SMALL": 2, "LARGE": 1}),
    "provider-file": Profile(inventories={"CUSTOM_LICENCE": 5}, traits=("CUSTOM_RACK_A",)),
    "everything": Profile(
        cells=2,
        cores=8,
        threads=2,
        shared_cpus="0-15",
        dedicated_cpus="16-31",
        pages={2048: 1024},
        gpus=(Gpu({"nvidia-11": 16}, "nvidia-11"),),
        cards=2,
        functions=(4,),
        encrypted_guests=8,
        pmem={"SMALL": 2, "LARGE": 1},
        inventories={"CUSTOM_LICENCE": 5},
    ),
}
"""The profiles by name."""


def is_libvirt(driver: str) -> bool:
    """Tell whether a driver's name is that of a libvirt host, known or not."""
    return driver.partition(":")[0] == DRIVER


def profile_of(driver: str) -> Profile:
    """Return the profile that a driver's name chooses. Raises ValueError, with a sentence, for an unknown one."""
    name = driver.partition(":")[2] or DEFAULT
    if name not in PROFILES:
        raise ValueError(f"there is no profile {name!r} of libvirt hosts; choose one of {', '.join(PROFILES)}")
    return PROFILES[name]
