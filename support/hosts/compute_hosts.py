"""What Nova and Placement say about compute hosts that decides who can use them; read once per process."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from functools import cached_property

from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.aggregates import HostAggregate
from stocktake.support.api.compute.hypervisors import HYPERVISOR_TYPES, Hypervisor
from stocktake.support.errors import CloudError
from stocktake.support.hosts.groups import Exchange, Grouping, HostFacts, grouped
from stocktake.support.hosts.isolation import ISOLATING
from stocktake.support.hosts.needs import OWN_ZONES, USERS
from stocktake.support.ownership.mark import Mark

SHARED = "MISC_SHARES_VIA_AGGREGATE"
"""The trait of a provider whose inventory serves all providers of its aggregates (Placement, "Modeling with provider
trees")."""

DISK = "DISK_GB"
NEEDED = ("MEMORY_MB", DISK)
"""What every host must have an inventory of. VCPU is not among them, because a host may have PCPU alone."""

UNKNOWN = "not known to Nova"
BARE_METAL = "ironic"
REQUIRED_TRAIT = "trait:"
FLAVORS = "instance_type"
ZONE = "availability_zone"


class ComputeHosts:
    """The compute hosts of one cloud, by the names of their compute services."""

    def __init__(self, clients: Clients):
        self._clients = clients
        self._settings = clients.target.settings
        self._nodes: dict[str, list[Hypervisor]] = {}
        self._lacks: dict[str, str | None] = {}
        self._facts: dict[str, HostFacts] = {}
        self._listed = self._settings.hosts is not None

    def nodes(self, service: str) -> list[Hypervisor]:
        """Return the compute nodes of a host: usually one, none if Nova does not know the host.

        Where the operator lists no hosts, any may be a candidate, and one listing serves all.
        """
        if not self._listed:
            self._listed = True
            for node in self._clients.hypervisors.all():
                self._nodes.setdefault(node.host or "", []).append(node)
        if service not in self._nodes:
            self._nodes[service] = self._clients.hypervisors.of_host(service)
        return self._nodes[service]

    def forget(self, service: str) -> None:
        """Forget a host that was replaced by one with the same name, so that it is read again."""
        self._nodes.pop(service, None)
        self._lacks.pop(service, None)
        self._facts.pop(service, None)

    def grouped(self, services: Iterable[str], exchange: Exchange) -> Grouping:
        """Group hosts that can exchange servers in this way; those that no scenario can use are named with a reason."""
        services = list(services)
        for service in services:
            if service not in self._facts:
                self._facts[service] = self._read(service)
        return grouped([self._facts[service] for service in services], exchange, self._settings.host_groups)

    def of_drivers(self, services: Iterable[str], needs: Collection[str]) -> list[str]:
        """Return the hosts whose hypervisor is of every virt driver that is among the needs of a scenario."""
        kinds = [{kind.lower() for kind in HYPERVISOR_TYPES[need]} for need in needs if need in HYPERVISOR_TYPES]
        return [
            service
            for service in services
            if all((node.type or "").lower() in kind for kind in kinds for node in self.nodes(service))
        ]

    def lacks(self, service: str) -> str | None:
        """Return which inventory a host lacks that servers need, as the end of a sentence; None if it has all.

        One request per host, so only for hosts that are about to be used.
        """
        if service not in self._lacks:
            (node,) = self.nodes(service)
            found = self._clients.placement.inventories(node.id).inventories
            missing = [name for name in NEEDED if name not in found]
            self._lacks[service] = f"no inventory of {missing[0]}" if missing else None
        return self._lacks[service]

    def lacking(self, services: Iterable[str]) -> dict[str, str]:
        """Return what `lacks` says of each host that lacks something; one request tells of all that have room."""
        room = Resources(dict.fromkeys(NEEDED, 1))
        fine = {provider.uuid for provider in self._clients.placement.providers(resources=room)}
        doubtful = (service for service in services if not all(node.id in fine for node in self.nodes(service)))
        return {service: reason for service in doubtful if (reason := self.lacks(service))}

    def _read(self, service: str) -> HostFacts:
        nodes = self.nodes(service)
        if len(nodes) != 1:
            return HostFacts(service, unusable=f"{len(nodes)} compute nodes" if nodes else UNKNOWN)
        node, aggregates = nodes[0], [one for one in self._aggregates if service in one.hosts]
        required = frozenset(trait for one in aggregates for trait in required_traits(one.metadata))
        arch, cpu = _cpu(node.cpu)
        zone = next((one.availability_zone for one in aggregates if one.availability_zone), None)
        restricted = next((one.name for one in aggregates if _projects(one)), None)
        unfit = {
            OWN_ZONES: f'in zone "{zone}"' if zone else "",
            USERS: f'aggregate "{restricted}" admits only certain projects' if restricted else "",
        }
        return HostFacts(
            service,
            zone=zone,
            traits=required,
            type=node.type,
            arch=arch,
            version=node.version,
            cpu=cpu,
            unfit={need: reason for need, reason in unfit.items() if reason},
            unusable=self._closed(node) or self._turned_away(aggregates) or self._lacking_traits(node, required),
        )

    def _closed(self, node: Hypervisor) -> str | None:
        """Return why no server of a flavor's size can be verified on a node."""
        if (node.type or "").lower() == BARE_METAL:
            return "bare metal"
        shared = self._sharing.get(node.id)
        return f'shared storage of resource provider "{shared}"' if shared else None

    def _turned_away(self, aggregates: Collection[HostAggregate]) -> str | None:
        """Return why aggregates do not admit the run's servers, where the scheduler is configured to heed that."""
        for one in aggregates:
            admitted = _projects(one)
            if admitted and self._clients.session.project_id not in admitted:
                return f'aggregate "{one.name}" admits only other projects'
            if FLAVORS in one.metadata:
                return f'aggregate "{one.name}" admits only certain flavors'
            for key in set(one.metadata) - {ZONE}:
                if self._image.get(key, one.metadata[key]) not in _words(one.metadata[key]):
                    return f'aggregate "{one.name}" admits only images with {key}={one.metadata[key]}'
        return None

    def _lacking_traits(self, node: Hypervisor, required: Collection[str]) -> str | None:
        """Return which trait an aggregate requires of requests that its host's provider does not have."""
        missing = sorted(set(required) - self._clients.traits.of_provider(node.id)) if required else []
        return f"an aggregate requires {missing[0]}, which its resource provider lacks" if missing else None

    @cached_property
    def _aggregates(self) -> Sequence[HostAggregate]:
        """The host aggregates of the cloud, without those of scenarios."""
        return [one for one in self._clients.aggregates.all() if Mark.of(one.name) is None]

    @cached_property
    def _image(self) -> Mapping[str, str]:
        """The properties of the image that servers are booted from; none if there is no image."""
        try:
            return self._clients.images.choose().properties
        except CloudError:
            return {}

    @cached_property
    def _sharing(self) -> Mapping[str, str]:
        """The names of the providers that share disk space, by the uuid of each provider that they serve."""
        placement = self._clients.placement
        serving: dict[str, str] = {}
        for provider in placement.providers(required=[SHARED]):
            if DISK in placement.inventories(provider.uuid).inventories:
                for aggregate in placement.provider_aggregates(provider.uuid):
                    members = placement.providers(member_of=aggregate)
                    serving.update({member.uuid: provider.name for member in members})
        return serving


def required_traits(metadata: Mapping[str, str]) -> frozenset[str]:
    """Return the traits that an aggregate requires of every request (Nova, "Filtering hosts by isolating aggregates").

    >>> sorted(required_traits({"trait:CUSTOM_GOLD": "required", "trait:CUSTOM_LEAD": "forbidden", "rack": "7"}))
    ['CUSTOM_GOLD']
    """
    return frozenset(
        key.removeprefix(REQUIRED_TRAIT)
        for key, value in metadata.items()
        if key.startswith(REQUIRED_TRAIT) and value == "required"
    )


def _cpu(described: Mapping[str, object]) -> tuple[str | None, Hashable]:
    """Return the architecture of a CPU, and everything that a live migration compares, but not how many there are."""
    arch = described.get("arch")
    features = described.get("features")
    compared = (
        str(described.get("vendor")),
        str(described.get("model")),
        frozenset(map(str, features)) if isinstance(features, list) else frozenset(),
    )
    return (str(arch) if arch else None), compared


def _projects(aggregate: HostAggregate) -> set[str]:
    """Return the projects that an aggregate admits; none if it admits all."""
    return {
        project
        for key, projects in aggregate.metadata.items()
        if key.startswith(ISOLATING)
        for project in _words(projects)
    }


def _words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",")}
