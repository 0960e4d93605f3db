"""What Nova's own figures of a hypervisor must be (os-hypervisors, 2.53 to 2.87) once its periodic task has run.

The resource tracker counts every server and every unconfirmed move (`accounting.rules.figures`).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.matchers import figures_equal
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rules.figures import CLASSES, counted, used
from stocktake.support.api.compute.server_values import Server
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.context import Context

RECENTLY = timedelta(minutes=10)
"""No scenario with figures takes longer."""


def read(context: Context, host: ComputeHost) -> Resources:
    """Return what Nova counts as used on a host, in the units of the classes, reserved amounts included."""
    return used(context.cloud.hypervisors.get(host.provider))


def counted_for(consumer: str, held: Resources, context: Context, servers: Mapping[str, Server]) -> Resources | None:
    """Return what the tracker counts for a consumer that holds this much; None if it is not one of the scenario, or of
    an unknown flavor. `servers` are those of the scenario by their ids."""
    if consumer in context.owned.bare_consumers.values():
        return Resources()
    server = servers.get(consumer)
    if server is not None and server.flavor is not None:
        return counted(server.flavor, volume_backed=server.volume_backed)
    if consumer not in context.servers.consumers():
        return None
    fitting = {
        counted(flavor, volume_backed=volume_backed)
        for flavor in context.owned.flavors.values()
        for volume_backed in (False, True)
        if held in flavor.alternatives(volume_backed=volume_backed)
    }
    return fitting.pop() if len(fitting) == 1 else None


def changed_by_others(context: Context) -> dict[str, str]:
    """Return the ids of servers of others that have changed lately on the scenario's hosts, one for each host, by the
    names of the compute services. Nova's figures of a host count everybody's servers."""
    hosts = {host.service for host in context.roles.hosts}
    changed = context.cloud.servers.all(all_projects=True, changed_since=datetime.now(UTC) - RECENTLY)
    return {server.host: server.id for server in changed if server.host in hosts and Mark.of(server.name) is None}


class FiguresAgree(BaseMatcher[Usages]):
    """Match figures of hosts that are exactly the expected ones, both by the feature's names of the hosts.

    `reserved` are the reserved amounts among those: Nova rounds `reserved_host_disk_mb` up to whole GB for Placement,
    and down for its own figures.
    """

    def __init__(self, expected: Usages, reserved: Mapping[str, Resources]):
        self._expected, self._reserved = expected, reserved
        self._equal = figures_equal(expected)

    def _matches(self, item: Usages) -> bool:
        rounded = {host for host in item.providers if self._reserved[host]["DISK_GB"]}
        lacking = self._expected - item
        return all(lacking[host] in (Resources(), Resources(DISK_GB=1 if host in rounded else 0)) for host in lacking)

    def describe_to(self, description: Description) -> None:
        """Draw what the figures must be."""
        self._equal.describe_to(description)

    def describe_mismatch(self, item: Usages, mismatch_description: Description) -> None:
        """Draw what they are instead."""
        self._equal.describe_mismatch(item, mismatch_description)


class Expected:
    """What the figures of a scenario's hosts must be, worked out from its allocations and servers.

    Parked scenarios of this process count as well. `judged` are the hosts for which that is known: hosts with no
    consumers of others, and none that the scenario has made wrong on purpose.
    """

    def __init__(
        self, context: Context, hosts: Iterable[ComputeHost], allocations: Ledger, servers: Mapping[str, Server]
    ):
        """`allocations` are by uuids of consumers and providers, `servers` by their ids."""
        self._context, self._servers = context, servers
        self._parked = list(context.cloud.company.of(context))
        held = {host: self._held_on(host, allocations) for host in hosts}
        known = {host: self._counted_on(host, held[host]) for host in held}
        self.judged = [host for host in held if known[host] is not None]
        self._names = context.roles.provider_names()
        self._reserved = {host: self._reserved_on(host) for host in self.judged}
        self._expected = {
            host: (known[host] or Resources()).only(self._reserved[host]) + Resources(self._reserved[host])
            for host in self.judged
        }

    @property
    def matcher(self) -> FiguresAgree:
        """Match what `read` returns when the figures are right."""
        reserved = {self._names[host.provider]: Resources(found) for host, found in self._reserved.items()}
        return FiguresAgree(self._named(self._expected), reserved)

    def read(self) -> Usages:
        """Read the figures of the judged hosts, for the classes that their root provider has."""
        return self._named({host: read(self._context, host).only(self._reserved[host]) for host in self.judged})

    def difference(self, reading: Usages) -> dict[str, Resources]:
        """Return by how much a reading differs from what is expected, by provider uuid."""
        wrong = reading - self._named(self._expected)
        return {host.provider: wrong[self._names[host.provider]] for host in self.judged}

    def _named(self, by_host: Mapping[ComputeHost, Resources]) -> Usages:
        return Usages({self._names[host.provider]: held for host, held in by_host.items()})

    def _held_on(self, host: ComputeHost, allocations: Ledger) -> dict[str, Resources]:
        """Return what each consumer holds on a host and its nested providers together."""
        tree = {provider.uuid for provider in self._context.trees.all().get(host.provider, ())}
        held: dict[str, Resources] = {}
        for (consumer, provider), found in allocations.items():
            if provider in tree:
                held[consumer] = held.get(consumer, Resources()) + found
        return held

    def _counted_on(self, host: ComputeHost, held: Mapping[str, Resources]) -> Resources | None:
        """Return what the tracker must count for these consumers; None if that is not known."""
        here = {server.id for server in self._servers.values() if server.host == host.service}
        if self._context.owned.known_wrong & {*here, *held}:
            return None
        counts = [self._counted_for(consumer, found) for consumer, found in held.items()]
        return Resources.total(found for found in counts if found is not None) if None not in counts else None

    def _counted_for(self, consumer: str, held: Resources) -> Resources | None:
        """Return what the tracker counts for one consumer; None for a consumer of others, or an unknown flavor."""
        parked = [(each.context, each.servers) for each in self._parked]
        counts = (counted_for(consumer, held, *each) for each in ((self._context, self._servers), *parked))
        return next((count for count in counts if count is not None), None)

    def _reserved_on(self, host: ComputeHost) -> dict[str, int]:
        """Return what a host's root provider reserves of each class that it has and Nova counts."""
        generation = self._context.accounts.generation(host.provider)
        found = self._context.trees.inventories_at(host.provider, generation)
        return {name: found[name].reserved for name in CLASSES if name in found}
