"""Each kind of damage, done to a furnished cloud by Placement's API or, where no API does it, in Nova's database."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import NamedTuple
from uuid import uuid4

from furnished_cloud import BANDWIDTH, SHARE, Cloud
from stocktake.support.accounting.findings import Rule
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.placement.values import Inventory

DISK, ADDRESS = Resources(DISK_GB=1), Resources(IPV4_ADDRESS=1)
STATUSES = ("ACTIVE", "SHUTOFF", "SHELVED_OFFLOADED")
VGPU, FPGA = Resources(VGPU=1), Resources(FPGA=1)


class Damage(NamedTuple):
    """What was done, the rule that it breaks, and the consumer (or else the provider, or host) that is concerned."""

    kind: str
    rule: Rule
    subject: str


class Planter:
    """Does the damage. Servers are taken from those that a populated cloud has, each for one kind."""

    def __init__(self, cloud: Cloud, *, spared: Collection[str]):
        """`spared` are servers that are to stay as they are."""
        self._cloud = cloud
        down = {one.host for one in cloud.clients.services.all() if not one.up}
        servers = {status: [one for one in cloud.servers(status) if one.id not in spared] for status in STATUSES}
        self._stopped = [one for one in servers["SHUTOFF"] if one.host not in down]
        self._active = [one for one in servers["ACTIVE"] if one.host not in down]
        self._offloaded = servers["SHELVED_OFFLOADED"]

    def plant(self) -> Iterator[Damage]:
        """Do one damage of each kind."""
        yield self._rename_host()
        yield from self._orphans()
        yield from self._places()
        yield from self._moves_and_amounts()
        yield from self._owners()
        yield from self._nodes()

    def _rename_host(self) -> Damage:
        """Let Nova say that a server is on a host that it does not have; the host's figures follow."""
        server = self._take()
        self._cloud.edit_database("UPDATE instances SET host = 'renamed' WHERE uuid = ?", server.id)
        self._cloud.control.run_periodics([str(server.host)])
        return Damage("renamed host", Rule.HOST_WITHOUT_SERVICE, "renamed")

    def _orphans(self) -> Iterator[Damage]:
        cloud, children = self._cloud, self._cloud.children
        host = cloud.provider(cloud.near)
        places = {
            "orphan on a compute node": (host, SHARE),
            "orphaned VGPU on a child": (children[f"{cloud.near}_pci_0000_81_00_0"], VGPU),
            "orphaned bandwidth on a bridge": (children[f"{cloud.near}:Open vSwitch agent:br-physnet0"], BANDWIDTH),
            "orphaned disk on shared storage": (children["shared-storage"], DISK),
        }
        for kind, (provider, resources) in places.items():
            yield Damage(kind, Rule.UNKNOWN_CONSUMER, cloud.hold(str(uuid4()), {provider: resources}))
        card, subnet = children[f"{cloud.near}_FPGA_0000:3b:00.0"], children["subnet"]
        deleted = cloud.hold(cloud.boot_and_delete(), {card: FPGA})
        yield Damage("accelerator of a deleted server", Rule.UNKNOWN_CONSUMER, deleted)
        deleted = cloud.hold(cloud.boot_and_delete(), {subnet: ADDRESS})
        yield Damage("address of a deleted server, no host's", Rule.UNKNOWN_CONSUMER, deleted)

    def _places(self) -> Iterator[Damage]:
        cloud, children = self._cloud, self._cloud.children
        moved = self._stopped.pop()
        yield Damage("on another host", Rule.OTHER_HOST, cloud.hold(moved.id, {self._elsewhere(moved): SHARE}))
        doubled = self._stopped.pop()
        both = {self._home(doubled): SHARE, self._elsewhere(doubled): SHARE}
        yield Damage("on two hosts", Rule.DOUBLED, cloud.hold(doubled.id, both))
        left = self._take(lambda one: one.host != cloud.near)
        bridge = children[f"{cloud.near}:Open vSwitch agent:br-physnet0"]
        yield Damage(
            "bandwidth left on a former host", Rule.DOUBLED, cloud.hold(left.id, {bridge: BANDWIDTH}, add=True)
        )
        lost = self._take()
        yield Damage("holds nothing", Rule.MISSING, cloud.hold(lost.id, {}))
        shelved = self._offloaded.pop()
        yield Damage("offloaded", Rule.OFFLOADED, cloud.hold(shelved.id, {cloud.provider(cloud.near): SHARE}))
        shelved = cloud.hold(self._offloaded.pop().id, {children["shared-storage"]: DISK})
        yield Damage("offloaded, disk left on shared storage", Rule.OFFLOADED, shelved)
        failed = next(one.id for one in cloud.servers("ERROR") if not one.host)
        yield Damage("failed boot", Rule.FAILED_BOOT, cloud.hold(failed, {cloud.provider(cloud.near): SHARE}))

    def _moves_and_amounts(self) -> Iterator[Damage]:
        cloud, children = self._cloud, self._cloud.children
        over = [str(one.uuid) for one in cloud.clients.migrations.all() if one.status in ("confirmed", "completed")]
        host, gpu = cloud.provider(cloud.near), children[f"{cloud.near}_pci_0000_81_00_0"]
        yield Damage("finished migration", Rule.FINISHED_MIGRATION, cloud.hold(over[0], {host: SHARE}))
        yield Damage("finished migration, VGPU on a child", Rule.FINISHED_MIGRATION, cloud.hold(over[1], {gpu: VGPU}))
        for kind, wrong in {
            "wrong amounts": lambda home: {home: SHARE + Resources(VCPU=2)},
            "disk also on shared storage": lambda home: {home: SHARE, children["shared-storage"]: DISK},
        }.items():
            server = self._take()
            yield Damage(kind, Rule.AMOUNTS, cloud.hold(server.id, wrong(self._home(server))))
        server = self._take(lambda one: one.host == cloud.near)
        yield Damage("wrong class: a VGPU", Rule.AMOUNTS, cloud.hold(server.id, {gpu: VGPU}, add=True))
        deleted = cloud.servers("SOFT_DELETED")
        if not deleted:
            deleted = cloud.servers("SOFT_DELETED", cell=2)
        home = cloud.provider(str(deleted[0].host))
        wrong_amounts = cloud.hold(deleted[0].id, {home: SHARE + Resources(VCPU=2)})
        yield Damage("wrong amounts of a soft-deleted server", Rule.AMOUNTS, wrong_amounts)

    def _owners(self) -> Iterator[Damage]:
        for kind, rule, owner in (
            ("another project is charged", Rule.OTHER_PROJECT, {"project": str(uuid4())}),
            ("another user is charged", Rule.OTHER_USER, {"user": str(uuid4())}),
        ):
            server = self._take()
            yield Damage(kind, rule, self._cloud.hold(server.id, {}, add=True, **owner))

    def _nodes(self) -> Iterator[Damage]:
        cloud, placement = self._cloud, self._cloud.placement
        crowded = cloud.provider(cloud.far)
        ratio = replace(placement.inventories(crowded).inventories["MEMORY_MB"], allocation_ratio=0.001)
        placement.set_inventory(crowded, "MEMORY_MB", ratio)
        yield Damage("over capacity", Rule.CAPACITY, crowded)
        wrong, without_provider, without_node = (cloud.control.add_host("LabDriver") for _ in range(3))
        cloud.control.run_periodics([wrong])
        provider = cloud.provider(wrong)
        placement.set_inventory(provider, "DISK_GB", Inventory(total=3))
        yield Damage("inventory set by hand", Rule.INVENTORY, provider)
        cloud.edit_database("UPDATE compute_nodes SET vcpus_used = 5 WHERE uuid = ?", provider)
        yield Damage("Nova counts servers that are gone", Rule.FIGURES, provider)
        node = cloud.provider(without_provider)
        placement.delete_provider(node)
        yield Damage("compute node without a provider", Rule.NO_PROVIDER, node)
        node = cloud.provider(without_node)
        cloud.edit_database("UPDATE compute_nodes SET deleted = id WHERE uuid = ?", node)
        yield Damage("provider without a compute node", Rule.NO_COMPUTE_NODE, node)
        yield Damage("service without a compute node", Rule.SERVICE_WITHOUT_NODE, without_node)

    def _home(self, server: Server) -> str:
        return self._cloud.provider(str(server.host))

    def _elsewhere(self, server: Server) -> str:
        return next(self._cloud.provider(host) for host in (self._cloud.near, self._cloud.far) if host != server.host)

    def _take(self, fits: Callable[[Server], bool] = lambda _: True) -> Server:
        """Take a server that runs, such as one on a certain host; else those of the host with children come last."""
        self._active.sort(key=lambda one: one.host == self._cloud.near)
        taken = next(one for one in self._active if fits(one))
        self._active.remove(taken)
        return taken
