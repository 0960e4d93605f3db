"""The services that a lab has only if they are asked for, each in a process of its own, and the words that ask."""

import argparse
import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stocktake.support.lab.hosts.libvirt import profiles

EXTRA = "lab-services"
"""The extra of this project that installs all of them."""


@dataclass(frozen=True)
class OptionalService:
    """What the rest of the lab must know of an optional service; the rest is in its module of `services`.

    kind           its type in Keystone's catalog
    distribution   the package that has it; its module is named like the service
    path           what follows its address in the catalog
    question       the path of a first request that shows that it works, below its address
    """

    kind: str
    distribution: str
    path: str
    question: str


OPTIONAL: Mapping[str, OptionalService] = {
    "neutron": OptionalService("network", "neutron", "", "/v2.0/networks"),
    "cinder": OptionalService("block-storage", "cinder", "/v3", "/v3/types"),
    "cyborg": OptionalService("accelerator", "openstack-cyborg", "/v2", "/v2/device_profiles"),
}
"""The optional services by name, in the order in which they are started."""

WORDS = "libvirt[:PROFILE],neutron,…"
"""How the help of a command line shows what may be asked for."""


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of optional services, each once, in the order of `OPTIONAL`. Raises ValueError, with a
    sentence, for a name that is none of them."""
    wanted = set(names)
    unknown = sorted(wanted - set(OPTIONAL))
    if unknown:
        raise ValueError(f"a lab has no service {unknown[0]!r}; choose from {', '.join(OPTIONAL)}")
    return tuple(name for name in OPTIONAL if name in wanted)


def not_installed(names: Iterable[str]) -> list[str]:
    """Return which of these optional services are not installed beside this Python."""
    return [name for name in names if importlib.util.find_spec(name) is None]


def parts(text: str) -> tuple[str | None, tuple[str, ...]]:
    """Return what words such as `libvirt:numa,neutron` ask for: the driver of the hosts, if any, and the services.

    Raises ValueError, with a sentence, for a word that asks for nothing that a lab can have.
    """
    words = [word.strip() for word in text.split(",")]
    drivers = [word for word in words if profiles.is_libvirt(word)]
    services = [word for word in words if word not in drivers]
    unknown = [word for word in services if word not in OPTIONAL]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not libvirt, libvirt:PROFILE or one of {', '.join(OPTIONAL)}")
    if len(drivers) > 1:
        raise ValueError(f"{' and '.join(drivers)} are two drivers; the hosts of a lab start with one")
    if drivers:
        profiles.profile_of(drivers[0])
    return (drivers[0] if drivers else None), in_order(services)


def argument(text: str) -> str:
    """Return words of a command line that `parts` can read.

    Raises argparse.ArgumentTypeError, with a sentence, for others.
    """
    try:
        parts(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text
