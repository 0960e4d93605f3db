"""The audit of one scenario: reads everything that its accounts must agree with, and applies the rules of
accounting."""

from collections.abc import Collection, Mapping, Sequence

from stocktake.support.accounting.audit import Finding, audit
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.snapshot import Snapshot
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.networks import asked_of
from stocktake.support.api.placement.values import Provider
from stocktake.support.scenario.context import Context


def findings(context: Context, *, known_wrong: bool = False) -> list[Finding]:
    """Judge the provider trees that a scenario holds; return only settled findings, with the feature's names.

    Consumers whose accounts the scenario has made wrong on purpose are judged only if `known_wrong`.
    """
    return [finding for finding in audit(snapshot(context, known_wrong=known_wrong)) if finding.settled]


def snapshot(context: Context, *, known_wrong: bool = False) -> Snapshot:
    """Read the provider trees of the scenario's hosts, and every server and migration that holds something there.

    Consumers that held something before the scenario began, or that belong to another scenario of this process, are
    left out: their errors are not the scenario's. Unless `known_wrong`, so are consumers that the scenario has made
    wrong on purpose.
    """
    moves = [move for found in context.servers.last_migrations().values() for move in found]
    account = context.accounts.last()
    trees = context.trees.all()
    others = context.cloud.consumer_owners.others_than(context.number)
    before = others.union(context.accounts.baseline.ledger.consumers)
    servers = _servers(context, set(account.ledger.consumers) - {move.uuid for move in moves} - before)
    known = {server.id for server in servers} | {move.uuid for move in moves}
    unknown = set(account.ledger.consumers) - known - set(context.servers.ids.values()) - before
    others = before if known_wrong else before | context.owned.known_wrong
    if unknown:
        moves += _moves_on_hosts(context, unknown)
        unknown -= {move.uuid for move in moves}
        others |= context.cloud.placement.of_other_services(unknown)
    services = [service for host in context.roles.hosts for service in context.services.of(host)]
    return Snapshot(
        providers=[provider for tree in trees.values() for provider in tree],
        inventories=context.trees.inventories(),
        traits=_traits(context, trees, [key for key in account.ledger if key[0] in unknown - others]),
        usages=account.usages,
        allocations=account.ledger,
        servers=servers,
        migrations=moves,
        services=services,
        hypervisors=_hypervisors(context) if len(services) < len(context.roles.hosts) else None,
        volumes=context.volumes.all(),
        device_profiles={profile.name: profile.resources for profile in context.owned.device_profiles.values()},
        accelerator_requests=context.accelerators.all(),
        known_amounts=context.accounts.entitlements(),
        ports=_ports(context, servers),
        projects=_projects(context, servers, moves, account.ledger.consumers),
        others=others,
        names=context.names.of_providers() | context.names.of_servers(),
    )


def _servers(context: Context, consumers: set[str]) -> list[Server]:
    """Read every server of the scenario, and every other consumer that is a server."""
    own = [context.servers.last(name) for name in context.servers.ids]
    others = sorted(consumers.difference(context.servers.ids.values()))
    found = [*own, *(context.cloud.servers.find(server_id) for server_id in others)]
    return [server for server in found if server is not None]


def _ports(context: Context, servers: Sequence[Server]) -> dict[str, Resources] | None:
    """Read what the ports of the servers ask Placement for; None unless the scenario has made ports."""
    if not context.owned.ports:
        return None
    ids = sorted(server.id for server in servers)
    ports = context.readings.last("ports", lambda: context.cloud.networks.ports(ids)) if ids else []
    return asked_of(ports)


def _traits(
    context: Context, trees: Mapping[str, Sequence[Provider]], rows: Collection[tuple[str, str]]
) -> dict[str, frozenset[str]]:
    """Read the traits of child providers on which an unknown consumer holds something: they say whose these are."""
    children = {one.uuid for tree in trees.values() for one in tree if one.uuid != one.root}
    doubtful = sorted({provider for _, provider in rows} & children)
    return {provider: context.cloud.traits.of_provider(provider) for provider in doubtful}


def _projects(
    context: Context, servers: Sequence[Server], moves: Sequence[Migration], consumers: Collection[str]
) -> dict[str, str]:
    """Read which project is charged for each server of the scenario that does not belong to the run's own project.

    Servers of the run's own project cannot be charged to another by mistake, so they need no further requests.
    """
    own = context.cloud.session.project_id
    foreign = {one.id for one in servers if one.project_id != own and one.id in context.servers.ids.values()}
    concerned = foreign | {move.uuid for move in moves if move.uuid and move.server in foreign}
    return context.cloud.placement.projects_charged(concerned.intersection(consumers))


def _moves_on_hosts(context: Context, consumers: set[str]) -> list[Migration]:
    """Read the migrations on the scenario's hosts that explain consumers which are not servers: a neighbour's moves."""
    cloud = context.cloud
    found = [
        move for host in context.roles.hosts for move in cloud.migrations.all(host=host.service, as_consumers=True)
    ]
    return [move for move in found if move.uuid in consumers]


def _hypervisors(context: Context) -> list[Hypervisor]:
    """Read the compute nodes of the scenario's hosts; read only when one of the hosts was retired.

    Nova finds them by a part of their name: host1 also matches host10, which is not this scenario's.
    """
    nodes = {host.node for host in context.roles.hosts}
    found = (node for name in sorted(nodes) for node in context.cloud.hypervisors.all(hostname=name))
    return [node for node in found if node.hostname in nodes]
