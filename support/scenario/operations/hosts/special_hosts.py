"""Special hosts: compute hosts that a lab adds for one scenario, most of which fail at one thing, and removes
afterwards. Everything but their hypervisor, which fails on demand, is real: what is verified is Nova.
"""

from difflib import get_close_matches

from stocktake.support.errors import Unverified
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.ownership.kinds.hosts import LAB_HOST
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.matchers import is_none_left
from stocktake.support.waiting import eventually

DRIVERS = {
    "behaves normally": "LabDriver",
    "builds servers slowly": "SlowBuildDriver",
    "aborts builds": "FakeBuildAbortDriver",
    "is preferred by the scheduler but aborts builds": "BuildAbortDriver",
    "is preferred by the scheduler but refuses the claim of new servers": "BuildRefusedDriver",
    "is preferred by the scheduler but fails to start servers": "SpawnFailDriver",
    "live migrates slowly": "SlowLiveMigrationDriver",
    "is preferred by the scheduler but fails the live migration check": "LiveMigrationCheckFailDriver",
    "fails to prepare for live migration": "LiveMigrationPrepareFailDriver",
    "fails live migrations midway": "LiveMigrationFailDriver",
    "is preferred by the scheduler but refuses the claim of a move": "MoveRefusedDriver",
    "fails to start outgoing resizes": "ResizeSourceFailDriver",
    "fails to finish resizes": "ResizeDestinationFailDriver",
    "fails to confirm resizes": "ConfirmFailDriver",
    "fails to revert resizes": "RevertFailDriver",
    "fails to rebuild servers": "RebuildFailDriver",
    "fails to swap volumes": "SwapFailDriver",
    "refuses the claim of evacuated servers": "EvacuationRefusedDriver",
    "fails to start unshelved servers": "UnshelveFailDriver",
    "has nested custom resources": "NestedDriver",
    "has nested custom resources and aborts builds": "FakeBuildAbortDriverWithNestedCustomResources",
    "has nested custom resources and fails to start servers": "NestedSpawnFailDriver",
    "has nested custom resources and live migrates slowly": "NestedSlowLiveMigrationDriver",
    "has nested custom resources and fails to start unshelved servers": (
        "FakeUnshelveSpawnFailDriverWithNestedCustomResources"
    ),
    "has no disk of its own": "SharedStorageDriver",
    "has no disk of its own and is preferred by the scheduler": "RoomySharedStorageDriver",
    "uses libvirt": "libvirt",
    "has dedicated CPUs": "libvirt:dedicated-cpus",
    "has dedicated CPUs without hyperthreading": "libvirt:dedicated-cpus-without-threads",
    "has two NUMA nodes": "libvirt:numa",
    "has huge pages": "libvirt:huge-pages",
    "has a virtual GPU": "libvirt:vgpus",
    "has a GPU without virtual GPUs": "libvirt:disabled-vgpus",
    "has two kinds of virtual GPUs": "libvirt:two-kinds-of-vgpus",
    "has PCI devices": "libvirt:pci-devices",
    "has several PCI devices": "libvirt:several-pci-devices",
    "encrypts memory": "libvirt:encrypted-memory",
    "has persistent memory": "libvirt:persistent-memory",
    "has a provider configuration file": "libvirt:provider-file",
}
"""The virt driver of the lab for each behaviour a feature may ask for: a class, or a profile of libvirt hosts."""

OF_DRIVER = {"fake": "LabDriver", "libvirt": "libvirt"}
"""What a lab's host that shows the capabilities of a virt driver has."""


def known_behaviour(text: str) -> str:
    """Return the text if it is a behaviour a special host can have. Raises ValueError naming the nearest one."""
    if text not in DRIVERS:
        near = get_close_matches(text, DRIVERS, n=1)
        raise ValueError(f'did you mean "{near[0]}"?' if near else f"the behaviours are: {'; '.join(DRIVERS)}")
    return text


def add(context: Context, role: str, behaviour: str) -> None:
    """Add a host of a behaviour of `DRIVERS` to the lab, for this scenario only, and let it play a role.

    Raises Unverified on a cloud that cannot add hosts.
    """
    _add(context, role, DRIVERS[behaviour])


def provide(context: Context, role: str, driver: str) -> None:
    """Let a host of this virt driver play a role: a leased one or, on a lab that has none, one that is added.

    Raises Unverified on other clouds whose leased host has another driver.
    """
    host, known = context.roles.host(role), context.cloud.compute_hosts
    if known.of_drivers([host.service], [driver]):
        return
    if context.cloud.control.missing("add_host") is not None:
        found = ", ".join(node.type or "unknown" for node in known.nodes(host.service))
        raise Unverified(
            f'the hypervisor of {host} is of type "{found}", not {driver}',
            f"run this feature on a cloud whose compute hosts use {driver}",
        )
    context.roles.release(role)
    _add(context, role, OF_DRIVER[driver])


def _add(context: Context, role: str, driver: str) -> None:
    control, name = context.cloud.control, context.names.real(role)
    missing = control.missing("add_host")
    if missing is not None:
        raise missing
    with context.undoing.after(
        LAB_HOST, name, learnt=lambda: {"provider": _provider_of(context, name)}, then=lambda: _forget(context, name)
    ):
        control.add_host(driver, name)
    context.add_host(role, context.cloud.host(name))


def is_special(context: Context, host: ComputeHost) -> bool:
    """Return whether this scenario added a host, so that it holds nothing of others."""
    return context.cloud.mark.owns(host.service)


def _provider_of(context: Context, name: str) -> str | None:
    """Return the resource provider of a special host, which Nova no longer reports once the host is retired."""
    return next((host.provider for host in context.roles.hosts if host.service == name), None)


def _forget(context: Context, name: str) -> None:
    context.cloud.forget_host(name)
    provider = _provider_of(context, name)
    if provider is not None:
        context.trees.forget(provider)


def await_retirement(context: Context, host: ComputeHost) -> None:
    """Wait until the resource provider of a host whose compute service was deleted is gone, children included."""
    eventually(
        lambda: [provider.name for provider in context.cloud.placement.tree(host.provider)],
        is_none_left(),
        within=context.cloud.settings.patience_for("accounts"),
        what=f"the resource provider of {context.roles.role_of(host.service)} to be gone",
    )
    context.trees.forget(host.provider)
