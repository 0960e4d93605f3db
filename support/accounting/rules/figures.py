"""What Nova itself says of a compute node (os-hypervisors, 2.53 to 2.87): what it has, and what is used of that.

The resource tracker counts every server by the sizes of its flavor, regardless of extra specs that change its
allocations, and adds what the host reserves (Nova, `ResourceTracker._update_usage`). It counts anew whenever the
periodic task of the host runs; until then some figures are outdated after a move. So a host is judged when all on it is
at rest and nothing has changed lately. Virt drivers count differently; judged are those that Stocktake is tested with.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from stocktake.support.accounting.entitlements import ENDED, Entitlements
from stocktake.support.accounting.findings import Finding, NotJudged, Reason, Rule
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.snapshot import Hypervisor, Inventory, Server, Snapshot

CLASSES = ("VCPU", "MEMORY_MB", "DISK_GB")
"""What os-hypervisors counts: CPUs, MB of memory and GB of disk."""

TYPES = frozenset({"fake", "kvm", "qemu"})
RECENT = NotJudged(
    Reason.RECENT_CHANGE,
    "Nova's own figures of hosts that differ from their servers, which have changed a moment ago",
    "audit the cloud again when the periodic tasks of the hosts have run",
    (Rule.FIGURES,),
)
RARE_PERIODIC = "Nova counts when the periodic task of the host runs, which may be rarely"

_MB_PER_GB = 1024
_OFF_ITS_HOST = ("SHELVED_OFFLOADED", "DELETED")


def counted(flavor: Flavor, *, volume_backed: bool) -> Resources:
    """Return what the resource tracker counts for a server of this flavor.

    Swap counts in whole GB: the tracker rounds it down, whereas the request to Placement rounds it up.

    >>> counted(Flavor("small", vcpus=1, ram=512, disk=2, swap=1500), volume_backed=True)
    Resources(VCPU=1, MEMORY_MB=512, DISK_GB=1)
    """
    disk = (0 if volume_backed else flavor.disk) + flavor.ephemeral + flavor.swap // _MB_PER_GB
    return Resources(VCPU=flavor.vcpus, MEMORY_MB=flavor.ram, DISK_GB=disk)


def used(node: Hypervisor) -> Resources:
    """Return what Nova counts as used on a compute node, reserved amounts included."""
    return Resources(VCPU=node.vcpus_used or 0, MEMORY_MB=node.memory_mb_used or 0, DISK_GB=node.local_gb_used or 0)


def wrong_figures(snapshot: Snapshot) -> Iterator[Finding | NotJudged]:
    """Find compute nodes of which Nova counts more or less as used than their servers amount to."""
    servers = _servers_by_node(snapshot)
    entitlements, moving = Entitlements(snapshot), _moving(snapshot)
    for node, root in _known_nodes(snapshot):
        here = servers[node.host, node.hostname]
        busy = moving is None or node.host in moving or not all(map(entitlements.is_settled, here))
        if node.vcpus_used is None or busy or snapshot.is_down(node.host) or not all(map(_countable, here)):
            continue
        inventories = snapshot.inventories[root]
        classes = [name for name in CLASSES if name in inventories]
        expected = _expected(here, inventories).only(classes)
        found = used(node).only(classes)
        if _agree(found, expected, inventories):
            continue
        if node.host in snapshot.changed:
            yield RECENT.about(provider=root)
            continue
        wrong = [name for name in classes if found[name] != expected[name]]
        yield Finding(
            Rule.FIGURES,
            f'Nova counts {found.only(wrong) or "nothing"} as used on host "{snapshot.name(root)}", '
            f"but its servers ({len(here)}) and reserved amounts are {expected.only(wrong) or 'nothing'}",
            f"openstack --os-compute-api-version 2.87 hypervisor show {root}",
            host=snapshot.name(root),
            provider=root,
            expected=expected.only(wrong),
            found=found.only(wrong),
            doubt=RARE_PERIODIC,
        )


def differing_inventories(snapshot: Snapshot) -> Iterator[Finding]:
    """Find compute nodes whose inventory in Placement is not what Nova says that they have.

    A class without inventory is another provider's, such as the disks of shared storage. CPUs that a host divides into
    VCPU and PCPU are counted together or without the dedicated ones.
    """
    for node, root in _known_nodes(snapshot):
        has = {"VCPU": node.vcpus, "MEMORY_MB": node.memory_mb, "DISK_GB": node.local_gb}
        totals = {name: inventory.total for name, inventory in snapshot.inventories[root].items()}
        wrong = [name for name in CLASSES if name in totals and has[name] not in (None, totals[name])]
        if has["VCPU"] == totals.get("VCPU", 0) + totals.get("PCPU", 0) and "VCPU" in wrong:
            wrong.remove("VCPU")
        if wrong:
            expected = Resources({name: has[name] or 0 for name in wrong})
            found = Resources({name: totals[name] for name in wrong})
            yield Finding(
                Rule.INVENTORY,
                f'provider "{snapshot.name(root)}" has an inventory of {found}, '
                f"but Nova says that the host has {expected}",
                f"openstack resource provider inventory list {root}",
                host=snapshot.name(root),
                provider=root,
                expected=expected,
                found=found,
            )


def _known_nodes(snapshot: Snapshot) -> Iterator[tuple[Hypervisor, str]]:
    """Yield the compute nodes whose figures mean what is expected here, with their root providers."""
    for node in snapshot.hypervisors or ():
        root = snapshot.root_named(node.hostname, node.id)
        if root and root in snapshot.inventories and (node.type or "").lower() in TYPES:
            yield node, root


def _servers_by_node(snapshot: Snapshot) -> Mapping[tuple[str | None, str | None], Sequence[Server]]:
    found: dict[tuple[str | None, str | None], list[Server]] = defaultdict(list)
    for server in snapshot.server_of.values():
        if server.status not in _OFF_ITS_HOST:
            found[server.host, server.hypervisor_hostname].append(server)
    return found


def _moving(snapshot: Snapshot) -> set[str | None] | None:
    """Return the hosts at either end of a move that is under way or unconfirmed; None where that is not known."""
    if snapshot.migrations is None:
        return None
    moves = [move for move in snapshot.migrations if move.status not in ENDED]
    return {host for move in moves for host in (move.source, move.dest)}


def _countable(server: Server) -> bool:
    """Tell whether the sizes of the flavor are all that is counted: not for a CPU of the emulator's own."""
    return server.flavor is not None and server.flavor.extra_specs.get("hw:emulator_threads_policy") != "isolate"


def _expected(servers: Sequence[Server], inventories: Mapping[str, Inventory]) -> Resources:
    reserved = Resources({name: inventories[name].reserved for name in CLASSES if name in inventories})
    counts = [counted(one.flavor, volume_backed=one.volume_backed) for one in servers if one.flavor]
    return Resources.total([reserved, *counts])


def _agree(found: Resources, expected: Resources, inventories: Mapping[str, Inventory]) -> bool:
    """Tell whether figures are those expected, but for what Placement alone reserves of the disk.

    That is the rest of a GB of `reserved_host_disk_mb`, and what libvirt's image cache takes.
    """
    lacking = expected - found
    reserved = inventories["DISK_GB"].reserved if "DISK_GB" in inventories else 0
    return not lacking.without(["DISK_GB"]) and 0 <= lacking["DISK_GB"] <= reserved
