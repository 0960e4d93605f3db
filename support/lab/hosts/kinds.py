"""What a lab's host runs on, by the name of its driver: a fake hypervisor, or libvirt with a profile's hardware."""

import inspect
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

from nova.virt import fake
from oslo_config import cfg
from stocktake.support.lab.hosts import drivers, storage_and_cpus
from stocktake.support.lab.hosts.libvirt import profiles


class Machine(Protocol):
    """What outlasts the compute service of a host: its guests, and whatever they run on."""

    def acting(self) -> AbstractContextManager[None]:
        """Work for this host in the block, in whichever thread it is entered."""

    def driver(self, virtapi: Any) -> Any:
        """Return the virt driver of a compute service that starts; it finds the guests that are there."""

    def lose_guests(self) -> None:
        """Lose every guest; only while no compute service is running."""

    def refit(self, driver: str) -> None:
        """Have the hardware and the options of another driver of the same kind, by its name, and the same guests; only
        while no compute service is running.

        Raises ValueError, with a sentence, for a driver that does not exist or is of another kind.
        """


class FakeMachine:
    """A fake hypervisor: its guests are in its driver, which serves one compute service after the other."""

    def __init__(self, driver_class: type):
        self._class = driver_class
        self._driver: Any = None

    def acting(self) -> AbstractContextManager[None]:
        """Do nothing: fake drivers ask for nothing that differs between hosts."""
        return nullcontext()

    def driver(self, virtapi: Any) -> Any:
        """Return the driver that has the guests, or a new one."""
        if self._driver is None:
            self._driver = self._class(virtapi)
        self._driver.virtapi = virtapi
        return self._driver

    def lose_guests(self) -> None:
        """Forget the driver."""
        self._driver = None

    def refit(self, driver: str) -> None:
        """Refuse: its guests are in its driver."""
        raise ValueError(f"a host with a fake driver cannot have driver {driver!r} instead; add another host")


def machine_of(driver: str, host: str) -> Machine:
    """Make the machine of a new host. Raises ValueError, with a sentence, for a driver that does not exist.

    Nova's libvirt driver is loaded with the first libvirt host; a lab without any does not pay for it.
    """
    if profiles.is_libvirt(driver):
        profile = profiles.profile_of(driver)
        from stocktake.support.lab.hosts.libvirt.machine import LibvirtMachine  # noqa: PLC0415 - takes a second

        return LibvirtMachine(host, profile, Path(cfg.CONF.state_path) / "hosts" / host)
    classes = driver_classes()
    if driver not in classes:
        choice = ", ".join([*sorted(classes), f"{profiles.DRIVER}:PROFILE"])
        raise ValueError(f"there is no driver {driver!r}; choose one of {choice}")
    return FakeMachine(classes[driver])


def driver_classes() -> Mapping[str, type]:
    """The available fake drivers, by name: those of nova.virt.fake and the lab's own."""
    return {
        name: member
        for module in (fake, drivers, storage_and_cpus)
        for name, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, fake.FakeDriver) and member.__module__ == module.__name__
    }
