"""What operators and other services have made on a cloud before Stocktake comes, over the APIs."""

from collections.abc import Mapping
from uuid import uuid4

from sites import Site
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.placement.values import Inventory
from stocktake.support.lab.services.configuration import PHYSICAL_NETWORK

READER = "stocktake-reader"
GOLD, CROWD = "CUSTOM_GOLD", "CUSTOM_CROWD"
SHARES = "MISC_SHARES_VIA_AGGREGATE"
ADDRESSES = "198.18.0.0/15"  # for measurements (RFC 2544), and enough for every server of a long run
TYPED = "1.38"  # of Placement: consumers have types
LIMITED_ADMINISTRATOR = {
    "nova": {
        "os_compute_api:os-aggregates:create": "!",
        "os_compute_api:os-aggregates:add_host": "!",
        "os_compute_api:os-services:update": "!",
        "os_compute_api:os-services:delete": "!",
        "os_compute_api:os-evacuate": "!",
        "os_compute_api:servers:create:forced_host": "!",
        "os_compute_api:os-migrate-server:migrate_live": "!",
    },
    "placement": {
        "placement:resource_providers:create": "role:service",
        "placement:resource_providers:inventories:update": "role:service",
        "placement:allocations:update": "role:service",
    },
}
"""The rules of an administrator who may not do everything: nobody passes `!`, and only Nova itself has role service."""


def hosts_of(site: Site) -> list[str]:
    """The compute hosts of a cloud, in order."""
    return sorted(service.host for service in site.clients.services.all())


def two_zones(site: Site) -> None:
    """Two availability zones, each with half of the hosts."""
    hosts = hosts_of(site)
    for zone, members in (("east", hosts[::2]), ("west", hosts[1::2])):
        made = site.clients.aggregates.create(f"zone {zone}", zone=zone)
        for host in members:
            site.clients.aggregates.add_host(made.id, host)


def isolated_pair(site: Site) -> None:
    """Two of the hosts only for flavors that require a trait (Nova, "Filtering hosts by isolated aggregates")."""
    clients = site.clients
    clients.traits.create(GOLD)
    made = clients.aggregates.create("gold")
    for host in hosts_of(site)[2:4]:
        clients.aggregates.add_host(made.id, host)
        clients.traits.add(_root(clients, host), GOLD)
    body = {"set_metadata": {"metadata": {f"trait:{GOLD}": "required"}}}
    site.session.request("POST", "compute", f"/os-aggregates/{made.id}/action", json=body)


def crowd(site: Site) -> None:
    """The neighbours are only on the first hosts, which Stocktake uses: their flavors require a trait of these."""
    site.clients.traits.create(CROWD)
    for host in hosts_of(site)[:4]:
        site.clients.traits.add(_root(site.clients, host), CROWD)


def sharing_provider(site: Site) -> None:
    """A provider whose DISK_GB all hosts use (Placement, "Modeling with provider trees": sharing providers)."""
    placement = site.clients.placement
    storage = placement.create_provider("shared-storage")
    placement.set_inventory(storage.uuid, "DISK_GB", Inventory(total=100_000))
    site.clients.traits.add(storage.uuid, SHARES)
    group = str(uuid4())
    for provider in (storage.uuid, *(_root(site.clients, host) for host in hosts_of(site))):
        placement.set_provider_aggregates(provider, {*placement.provider_aggregates(provider), group})


def shared_network(site: Site) -> dict[str, str]:
    """A network that everybody's servers are in, so that each has a port; return the settings that name it."""
    made = str(site.clients.networks.create_network("public", PHYSICAL_NETWORK))
    site.session.request("PUT", "network", f"/networks/{made}", json={"network": {"shared": True}})
    site.clients.networks.create_subnet("public", made, ADDRESSES)
    return {"network": made, "physical_network": PHYSICAL_NETWORK}


def other_services(site: Site) -> None:
    """Providers and consumers as Neutron, Cyborg and Blazar make them, on the hosts and beside them."""
    clients = site.clients
    for name in ("CUSTOM_PHYSNET_PUBLIC", "CUSTOM_VNIC_TYPE_NORMAL", "CUSTOM_FPGA_BITSTREAM"):
        clients.traits.create(name)
    for name in ("CUSTOM_RESERVATION_POOL",):
        clients.resource_classes.create(name)
    for host in hosts_of(site):
        root = _root(clients, host)
        agent = clients.placement.create_provider(f"{host}:Open vSwitch agent", parent=root)
        port = clients.placement.create_provider(f"{host}:Open vSwitch agent:br-ex", parent=agent.uuid)
        _furnish(clients, port.uuid, {"NET_BW_EGR_KILOBIT_PER_SEC": 10_000_000}, "CUSTOM_PHYSNET_PUBLIC")
        card = clients.placement.create_provider(f"{host}_FPGA_0000:3b:00.0", parent=root)
        _furnish(clients, card.uuid, {"FPGA": 2}, "OWNER_CYBORG", "CUSTOM_FPGA_BITSTREAM")
        pool = clients.placement.create_provider(f"blazar_{host}", parent=root)
        _furnish(clients, pool.uuid, {"CUSTOM_RESERVATION_POOL": 5})
        _hold(site, "PORT", {port.uuid: {"NET_BW_EGR_KILOBIT_PER_SEC": 1000}})
        _hold(site, "ACCELERATOR", {card.uuid: {"FPGA": 1}})
        _hold(site, "LEASE", {pool.uuid: {"CUSTOM_RESERVATION_POOL": 1}, root: {"VCPU": 1, "MEMORY_MB": 256}})


def give_reader(site: Site, password: str) -> None:
    """A user who only has the role of a reader, in the administrator's project."""
    project = site.session.project_id
    body = {"user": {"name": READER, "password": password, "default_project_id": project, "domain_id": "default"}}
    user = site.session.request("POST", "identity", "/users", json=body).body["user"]["id"]
    roles = {role["name"]: role["id"] for role in site.get("identity", "/roles")["roles"]}
    site.session.request("PUT", "identity", f"/projects/{project}/users/{user}/roles/{roles['reader']}")


def _root(clients: Clients, host: str) -> str:
    return clients.hypervisors.of_host(host)[0].id


def _furnish(clients: Clients, provider: str, totals: Mapping[str, int], *traits: str) -> None:
    for resource_class, total in totals.items():
        clients.placement.set_inventory(provider, resource_class, Inventory(total=total))
    for trait in traits:
        clients.traits.add(provider, trait)


def _hold(site: Site, kind: str, amounts: Mapping[str, Mapping[str, int]]) -> None:
    """Let a new consumer of a type hold something, as a service does for a user's thing."""
    body = {
        "allocations": {provider: {"resources": Resources(held).as_json()} for provider, held in amounts.items()},
        "project_id": site.session.project_id,
        "user_id": site.session.user_id,
        "consumer_generation": None,
        "consumer_type": kind,
    }
    site.session.request("PUT", "placement", f"/allocations/{uuid4()}", json=body, microversion=TYPED)
