"""Everything read about a set of provider trees, or a whole cloud, at about one moment: what an audit judges.

The protocols say which attributes are looked at; the values that clients of the APIs return have them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.volumes import Volume


class Provider(Protocol):
    """A resource provider; `root` is its tree's root, itself or (before Placement 1.14) None for a root."""

    @property
    def uuid(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def root(self) -> str | None: ...  # noqa: D102


class Inventory(Protocol):
    """The inventory of one class; its capacity is (total - reserved) * allocation_ratio."""

    @property
    def total(self) -> int: ...  # noqa: D102
    @property
    def reserved(self) -> int: ...  # noqa: D102
    @property
    def allocation_ratio(self) -> float: ...  # noqa: D102


class Server(Protocol):
    """A server as an administrator sees it; host and hypervisor_hostname are None while it is on none."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def task_state(self) -> str | None: ...  # noqa: D102
    @property
    def host(self) -> str | None: ...  # noqa: D102
    @property
    def hypervisor_hostname(self) -> str | None: ...  # noqa: D102
    @property
    def flavor(self) -> Flavor | None: ...  # noqa: D102
    @property
    def project_id(self) -> str | None: ...  # noqa: D102
    @property
    def user_id(self) -> str | None: ...  # noqa: D102
    @property
    def image_id(self) -> str | None: ...  # noqa: D102
    @property
    def volume_backed(self) -> bool: ...  # noqa: D102
    @property
    def volumes(self) -> tuple[str, ...] | None: ...  # noqa: D102


class Migration(Protocol):
    """One move of a server; `source` is a service host, `source_node` its hypervisor's name; so for dest."""

    @property
    def uuid(self) -> str | None: ...  # noqa: D102
    @property
    def type(self) -> str | None: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def server(self) -> str | None: ...  # noqa: D102
    @property
    def source(self) -> str | None: ...  # noqa: D102
    @property
    def source_node(self) -> str | None: ...  # noqa: D102
    @property
    def dest(self) -> str | None: ...  # noqa: D102
    @property
    def dest_node(self) -> str | None: ...  # noqa: D102


class ComputeService(Protocol):
    """A service of Nova; `state` is "up" or "down"."""

    @property
    def host(self) -> str: ...  # noqa: D102
    @property
    def binary(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102


class Hypervisor(Protocol):
    """A compute node; `id` is its uuid and also its provider's, `host` the host of its compute service.

    What it has, and what Nova itself counts as used of that, is None where the API does not show it.
    """

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def hostname(self) -> str: ...  # noqa: D102
    @property
    def host(self) -> str | None: ...  # noqa: D102
    @property
    def type(self) -> str | None: ...  # noqa: D102
    @property
    def vcpus(self) -> int | None: ...  # noqa: D102
    @property
    def vcpus_used(self) -> int | None: ...  # noqa: D102
    @property
    def memory_mb(self) -> int | None: ...  # noqa: D102
    @property
    def memory_mb_used(self) -> int | None: ...  # noqa: D102
    @property
    def local_gb(self) -> int | None: ...  # noqa: D102
    @property
    def local_gb_used(self) -> int | None: ...  # noqa: D102


class AcceleratorRequest(Protocol):
    """A request of Cyborg; `server` is the id of the server that it is bound for, `host` the name of a compute node.

    `provider` is the uuid of the resource provider of the accelerator.
    """

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def server(self) -> str | None: ...  # noqa: D102
    @property
    def host(self) -> str | None: ...  # noqa: D102
    @property
    def provider(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What was read. Only what is in it is judged, so a part of a cloud can be audited by itself.

    Read for every provider listed: its inventories (provider uuid -> class -> inventory), traits, usages and
    allocations (by consumer and provider uuid). A provider of which one of these was not read is left out there.
    Allocations on providers that are not listed are not an error, but show that a part of a server may be there:
    where hosts share storage, list it, or give what the consumers hold on it.
    `servers` and `migrations` must hold every one Nova knows among the consumers, and may hold more; a listed server
    whose host is listed too must hold something. `migrations` covers every migration of the listed servers.
    `hypervisors` are those of the listed providers, `services` all compute services of hosts concerned. None of these
    three means not read, and what depends on it is not judged.

    `volumes` and `accelerator_requests` are judged by the servers that they are for, which must be listed, or be among
    `former`, `hidden` or `others`, if Nova has them.
    `device_profiles` are what each of Cyborg's asks for, None means not read; amounts of flavors that name another one
    are not judged.

    What a consumer may hold comes from its server's own flavor; a resize's migration (old flavor) and a server whose
    flavor is not known may hold any of `known_amounts` of their uuid and what any of `flavors` gives.
    `ports` is what the ports of each server ask for, in sum, for every listed server that has such ports; None means
    not read, and what servers hold of such classes is not judged.
    `projects` and `users` map consumers to whom their allocations are charged; others are not judged by that.
    `images` maps an image id to its properties. `others` are consumers known to belong to other services, `former`
    those that were servers and are deleted, `hidden` those that Nova cannot look for; `cell_down` says that some cell
    of Nova does not answer; `shows_types`, that Placement tells consumers of other services by their type (1.38).
    `services_beside` are the types of the cloud's services, as its catalog has them: some may hold what nobody else
    knows of. `changed` are the hosts of compute services on which something has changed lately.
    `names` maps uuids to the names to use in sentences; without, servers and providers go by their own.
    """

    providers: Sequence[Provider] = ()
    inventories: Mapping[str, Mapping[str, Inventory]] = field(default_factory=dict)
    traits: Mapping[str, Collection[str]] = field(default_factory=dict)
    usages: Usages = field(default_factory=Usages)
    allocations: Ledger = field(default_factory=Ledger)
    servers: Sequence[Server] = ()
    migrations: Sequence[Migration] | None = ()
    services: Sequence[ComputeService] | None = None
    hypervisors: Sequence[Hypervisor] | None = None
    flavors: Sequence[Flavor] = ()
    volumes: Sequence[Volume] = ()
    ports: Mapping[str, Resources] | None = None
    device_profiles: Mapping[str, Resources] | None = None
    accelerator_requests: Sequence[AcceleratorRequest] = ()
    images: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    known_amounts: Mapping[str, Sequence[Resources]] = field(default_factory=dict)
    projects: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    others: Collection[str] = frozenset()
    former: Collection[str] = frozenset()
    hidden: Collection[str] = frozenset()
    cell_down: bool = False
    shows_types: bool = True
    services_beside: Collection[str] = frozenset()
    changed: Collection[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def provider_of(self) -> Mapping[str, Provider]:
        """Provider uuid -> provider."""
        return {provider.uuid: provider for provider in self.providers}

    @cached_property
    def root_of(self) -> Mapping[str, str]:
        """Provider uuid -> uuid of its tree's root."""
        return {provider.uuid: provider.root or provider.uuid for provider in self.providers}

    @cached_property
    def roots(self) -> frozenset[str]:
        """The uuids of the trees' roots."""
        return frozenset(self.root_of.values())

    @cached_property
    def compute_roots(self) -> frozenset[str]:
        """The roots that represent compute nodes; other roots share something (disk, addresses) with them.

        A root of which neither traits nor inventories were read is taken for one.
        """
        nodes = {self.root_named(node.hostname, node.id) for node in self.hypervisors or ()}
        unread = self.roots.difference(self.traits, self.inventories)
        return frozenset(
            root for root in self.roots if root in nodes or root in unread or self.looks_like_compute_node(root)
        )

    @cached_property
    def held_by(self) -> Mapping[str, Mapping[str, Resources]]:
        """Consumer uuid -> provider uuid -> resources."""
        held: dict[str, dict[str, Resources]] = defaultdict(dict)
        for (consumer, provider), resources in self.allocations.items():
            held[consumer][provider] = resources
        return dict(held)

    @cached_property
    def held_on(self) -> Usages:
        """Provider uuid -> sum of the allocations on it."""
        return self.allocations.usages()

    @cached_property
    def server_of(self) -> Mapping[str, Server]:
        """Server id -> server; one that Nova still shows although it is deleted is not among them."""
        return {server.id: server for server in self.servers if server.status != "DELETED"}

    @cached_property
    def servers_with(self) -> Mapping[str, Sequence[Server]]:
        """Volume id -> the servers that have it, as Nova says."""
        servers: dict[str, list[Server]] = defaultdict(list)
        for server in self.server_of.values():
            for volume in server.volumes or ():
                servers[volume].append(server)
        return dict(servers)

    @cached_property
    def migration_of(self) -> Mapping[str, Migration]:
        """Migration uuid -> migration."""
        return {migration.uuid: migration for migration in self.migrations or () if migration.uuid}

    @cached_property
    def moves_of(self) -> Mapping[str, Sequence[Migration]]:
        """Server id -> its migrations, of any status."""
        moves: dict[str, list[Migration]] = defaultdict(list)
        for migration in self.migrations or ():
            if migration.server:
                moves[migration.server].append(migration)
        return dict(moves)

    @cached_property
    def answering_roots(self) -> frozenset[str]:
        """The roots of which Nova shows every server: all of them, unless a cell does not answer.

        Then those of compute nodes that Nova shows, that a server is on, or that are named like a living host.
        """
        if not self.cell_down:
            return self.roots
        shown = {self.root_named(node.hostname, node.id) for node in self.hypervisors or ()}
        shown |= {self.root_at(server.host, server.hypervisor_hostname) for server in self.servers}
        living = {service.host for service in self.services or () if service.state in ("up", "down")}
        named = {root for name, root in self._roots_by_name.items() if living & {name, name.partition(".")[0]}}
        return frozenset(root for root in shown | named if root)

    def belongs_to_other_service(self, provider: str) -> bool:
        """Tell whether a provider is neither part of a compute node nor shared by compute nodes.

        Services mark what is theirs by a trait (os-traits, "owner"); what servers hold something on is not another's.
        """
        if any(trait.startswith("OWNER_") and trait != "OWNER_NOVA" for trait in self.traits.get(provider, ())):
            return True
        root = self.root_of.get(provider)
        shared = "MISC_SHARES_VIA_AGGREGATE" in self.traits.get(root or "", ()) or root in self._used_by_servers
        return root not in self.compute_roots and not shared

    @cached_property
    def _used_by_servers(self) -> frozenset[str]:
        rows = (key for key in self.allocations if key[0] in self.server_of and key[1] in self.root_of)
        return frozenset(self.root_of[provider] for _, provider in rows)

    def looks_like_compute_node(self, root: str) -> bool:
        """Tell by its own marks whether a root provider was made by Nova for a compute node."""
        return "COMPUTE_NODE" in self.traits.get(root, ()) or "MEMORY_MB" in self.inventories.get(root, {})

    def root_at(self, host: str | None, node: str | None) -> str | None:
        """Find the root provider of a hypervisor (by name) or of a service host; None when it is not listed."""
        if node and (root := self.root_named(node, self._node_ids.get(node))):
            return root
        nodes = self._nodes_at.get(host or "", ())
        return self.root_named(*nodes[0]) if len(nodes) == 1 else None

    def root_named(self, hostname: str, uuid: str | None = None) -> str | None:
        """Find the root provider of a compute node: it has the node's uuid, else its name."""
        return uuid if uuid in self.roots else self._roots_by_name.get(hostname)

    def is_down(self, host: str | None) -> bool:
        """Tell whether a host's compute service is down; where services were not read, it may be."""
        return self._down is None or host in self._down

    @cached_property
    def _roots_by_name(self) -> Mapping[str, str]:
        return {provider.name: provider.uuid for provider in self.providers if provider.uuid in self.roots}

    @cached_property
    def _node_ids(self) -> Mapping[str, str]:
        return {node.hostname: node.id for node in self.hypervisors or ()}

    @cached_property
    def _nodes_at(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        nodes: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for node in self.hypervisors or ():
            nodes[node.host or ""].append((node.hostname, node.id))
        return dict(nodes)

    @cached_property
    def _down(self) -> frozenset[str] | None:
        if self.services is None:
            return None
        return frozenset(
            service.host for service in self.services if service.binary == "nova-compute" and service.state != "up"
        )

    def nodes_like(self, provider: Provider) -> Sequence[Hypervisor]:
        """Return the compute nodes that have a provider's uuid or name."""
        found = (self._nodes_by.get(provider.uuid), self._nodes_by.get(provider.name))
        return [node for node in found if node is not None]

    def node_of(self, server: Server) -> Hypervisor | None:
        """Return the compute node that a server is on; None if it is on none, or on one that was not read."""
        return self._nodes_by.get(server.hypervisor_hostname or "")

    @cached_property
    def _nodes_by(self) -> Mapping[str, Hypervisor]:
        nodes = self.hypervisors or ()
        return {node.hostname: node for node in nodes} | {node.id: node for node in nodes}

    def place(self, root: str) -> str:
        """Say in a sentence where something is held: on a host, or on a provider that represents none."""
        return f'{"host" if root in self.compute_roots else "provider"} "{self.name(root)}"'

    def name(self, uuid: str) -> str:
        """Return what to call a server or provider in a sentence."""
        if uuid in self.names:
            return self.names[uuid]
        known = self.server_of.get(uuid) or self.provider_of.get(uuid)
        return known.name if known else uuid
