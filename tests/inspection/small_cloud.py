"""A cloud of doubles for surveys, which counts its requests."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.placement.values import ConsumerAllocations, Inventory, Provider, ProviderInventories
from stocktake.support.api.replies import ApiError
from stocktake.support.inspection.whole_cloud import Survey

SMALL = Flavor("small", 1, 512, 1, 0, 0, {}, "f-1")
CHARGE = Resources(VCPU=1, MEMORY_MB=512, DISK_GB=1)
ROOM = {"VCPU": Inventory(8), "MEMORY_MB": Inventory(4096), "DISK_GB": Inventory(100)}


class SmallCloud:
    """Nova and Placement with `hosts` compute nodes and one server on the first; requests are counted by name."""

    def __init__(self, hosts=2):
        self.nodes = [f"host{number}" for number in range(hosts)]
        self.held = {node: {} for node in self.nodes}
        self.held["host0"] = {"s-1": CHARGE}
        self.providers = [Provider(node, node, 1, None, node) for node in self.nodes]
        self.shared = None
        self.gone = set()
        self.typed = frozenset({"lease"})
        self.traits = {"nfs": frozenset({"MISC_SHARES_VIA_AGGREGATE"})}
        self.requests = []
        server = Server("s-1", "web", "ACTIVE", host="host0", hypervisor_hostname="host0", flavor=SMALL, image_id="i-1")
        server = replace(server, project_id="ours")
        self.payers = {"s-1": "ours"}
        self.deleted, self.of_a_lost_cell, self.by_id, self.more = set(), set(), {"s-1": server}, []
        answers = {"migrations": [], "hypervisors": [Hypervisor(node, node, node) for node in self.nodes]}
        answers |= {"flavors": [SMALL]}
        settings = SimpleNamespace(periodic_interval=None)
        offers = lambda service, version: service == "compute"  # noqa: E731
        session = SimpleNamespace(offers=offers, time_at=lambda service: 0.0, target=SimpleNamespace(settings=settings))
        self.catalog = frozenset({"compute", "placement"})
        session.services = lambda: self.catalog
        session.offers_service = lambda service: service in self.catalog
        self.clients = Clients(session)
        for name, answer in answers.items():
            setattr(self.clients, name, SimpleNamespace(all=partial(self._count, name, answer)))
        self.services = services = [
            ComputeService(f"id-{node}", node, "nova-compute", "up", "enabled") for node in self.nodes
        ]
        self.out_of_reach = frozenset()
        self.clients.services = SimpleNamespace(
            in_every_cell=lambda: self._count("services", (services, self.out_of_reach))
        )
        self.clients.servers = SimpleNamespace(
            all=partial(self._count, "changed", []),
            of_every_project=lambda: iter(self._count("servers", [self.by_id["s-1"], *self.more])),
            soft_deleted=partial(self._count, "soft-deleted", []),
            find_in_any_cell=self._find,
        )
        remembers = lambda server: self._count("actions", server in self.deleted)  # noqa: E731
        self.clients.instance_actions = SimpleNamespace(remembers=remembers)
        self.clients.images = SimpleNamespace(all=lambda: self._count("images", []))
        self.clients.traits = SimpleNamespace(
            of_provider=lambda uuid: self._of(uuid, "traits", self.traits.get(uuid, frozenset()))
        )
        self.clients.placement = SimpleNamespace(
            providers=lambda: self._count("providers", list(self.providers)),
            inventories=lambda uuid: self._of(uuid, "inventories", ProviderInventories(1, ROOM)),
            usages=lambda uuid: self._of(uuid, "usages", Resources.total(self.held[uuid].values())),
            provider_allocations=lambda uuid: self._of(uuid, "allocations", dict(self.held[uuid])),
            of_other_services=lambda consumers: self._count("types", frozenset(consumers) & self.typed),
            project_usages=lambda project, user_id: self._count("owner's usages", self._paid_by(project)),
            allocations=self._allocations,
        )

    def _find(self, server):
        self.requests.append("server")
        if server in self.of_a_lost_cell:
            raise ApiError("cell", service="compute", method="GET", path="/", status=500)
        return self.by_id.get(server)

    def _allocations(self, consumer):
        held = {node: held[consumer] for node, held in self.held.items() if consumer in held}
        return self._count("consumer", ConsumerAllocations(held, 1, self.payers.get(consumer), None))

    def _paid_by(self, project):
        rows = [row for held in self.held.values() for row in held.items()]
        return Resources.total(amounts for consumer, amounts in rows if self.payers.get(consumer) == project)

    def _of(self, uuid, name, answer):
        if uuid in self.gone:
            raise ApiError("no", service="placement", method="GET", path="/", status=404)
        return self._count(name, answer)

    def _count(self, name, answer, **_filters):
        self.requests.append(name)
        return answer

    def survey(self, clock, progress=lambda *_: None, jobs=1):
        return Survey(self.clients, progress, clock, jobs=jobs)


def meanwhile(clock, change):
    """Let something change between the two readings of an audit."""
    sleep = clock.sleep

    def sleep_and_change(seconds):
        change()
        sleep(seconds)

    clock.sleep = sleep_and_change
