"""The context of one scenario: what its steps share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from stocktake.support.api.session import Session
from stocktake.support.errors import FeatureError
from stocktake.support.hosts.groups import ANY, HostGroup
from stocktake.support.hosts.leases import Lease
from stocktake.support.hosts.roles import ComputeHost, Roles
from stocktake.support.ownership.undo import Undoing
from stocktake.support.scenario.cloud import Cloud
from stocktake.support.scenario.state.accelerators import AcceleratorReader
from stocktake.support.scenario.state.accounts import AccountReader
from stocktake.support.scenario.state.answers import LastAnswers
from stocktake.support.scenario.state.names import Names
from stocktake.support.scenario.state.owned import Owned
from stocktake.support.scenario.state.readings import Readings
from stocktake.support.scenario.state.reservations import Reservations
from stocktake.support.scenario.state.servers import ScenarioServers
from stocktake.support.scenario.state.services import ServiceReader
from stocktake.support.scenario.state.trees import ProviderTrees
from stocktake.support.scenario.state.volumes import VolumeReader
from stocktake.support.waiting import SYSTEM_CLOCK

T = TypeVar("T")


@dataclass
class Context:
    """One scenario in a cloud: its hosts, what it owns, and the reader of its accounts.

    `number` counts the scenarios of this process. `trait` keeps the scheduler to the scenario's hosts, once it has
    begun; `alone` says that all hosts of the cloud are leased to it, `group` what its hosts have in common. `borrowed`
    are leases of shared things that the operator configured, held until this scenario ends. `readings` are what was
    read since the last action.
    """

    cloud: Cloud
    number: int
    roles: Roles
    undoing: Undoing
    trait: str | None = None
    alone: bool = False
    group: HostGroup = ANY
    borrowed: dict[str, Lease] = field(default_factory=dict)
    owned: Owned = field(default_factory=Owned)
    answers: LastAnswers = field(default_factory=LastAnswers)
    reservations: Reservations = field(init=False)
    readings: Readings = field(init=False)
    services: ServiceReader = field(init=False)
    servers: ScenarioServers = field(init=False)
    trees: ProviderTrees = field(init=False)
    names: Names = field(init=False)
    accounts: AccountReader = field(init=False)
    volumes: VolumeReader = field(init=False)
    accelerators: AcceleratorReader = field(init=False)

    def __post_init__(self) -> None:
        cloud, roles, owned = self.cloud, self.roles, self.owned
        self.reservations = Reservations(cloud.traits, roles, self.undoing, lambda: self.trait)
        self.readings = readings = Readings(lambda: (self.changes, cloud.control.acts))
        self.services = ServiceReader(cloud)
        self.servers = servers = ScenarioServers(cloud, SYSTEM_CLOCK.now(), readings, self.has_acted_on)
        self.trees = trees = ProviderTrees(cloud.placement, roles)
        self.names = names = Names(cloud.mark, self.number, roles=roles, owned=owned, servers=servers, trees=trees)
        self.volumes = VolumeReader(cloud.volumes, owned, readings)
        self.accelerators = AcceleratorReader(cloud.accelerators, owned, readings)
        self.accounts = AccountReader(
            cloud,
            cloud.mark,
            roles=roles,
            owned=owned,
            servers=servers,
            trees=trees,
            names=names,
            readings=readings,
            is_of_another=lambda consumer: cloud.consumer_owners.is_of_another(consumer, self.number),
            proven=cloud.proven,
        )

    @property
    def sessions(self) -> list[Session]:
        """Every session that the scenario sends requests by: the run's own, then its users'."""
        return [self.cloud.session, *(user.clients.session for user in self.owned.users.values())]

    @property
    def changes(self) -> int:
        """How many requests that were meant to change something have been sent by these sessions."""
        return sum(session.changes.total() for session in self.sessions)

    def has_acted_on(self, server_id: str) -> bool:
        """Return whether one of these sessions has requested an action of a server, such as a move."""
        return any(server_id in session.acted_on for session in self.sessions)

    @property
    def acts(self) -> int:
        """How many of these requests may concern the accounts: all but those about flavors.

        Nova copies a flavor into a server when it boots or resizes it; no server changes together with its flavor.
        """
        return self.changes - sum(session.changes["flavors"] for session in self.sessions)

    def forget_readings(self) -> None:
        """Read everything again next time, because it may have changed by itself."""
        self.readings.forget()
        self.services.forget()

    def anew(self, read: Callable[[], T], *, at_once: bool = False) -> Callable[[], T]:
        """Return `read` for a wait: what was read earlier is forgotten before every call, before the first only if
        `at_once`. Then nothing is taken for unchanged: neither usages, nor where servers are."""
        again = at_once

        def reading() -> T:
            nonlocal again
            if again:
                self.forget_readings()
                self.accounts.doubt()
                self.servers.others_move = True
            again = True
            return read()

        return reading

    def check_alone(self, what: str) -> None:
        """Raise FeatureError unless the scenario may do `what`, which affects scenarios on every host."""
        if not self.alone:
            raise FeatureError(
                f"{what} affects every host: tag the scenario @whole-cloud, so that no other scenario runs meanwhile"
            )

    def borrow(self, what: str) -> None:
        """Reserve a shared thing that the operator configured for this scenario alone, until it ends.

        Raises CloudError when it does not become free in time, Crowded when a parked scenario has it.
        """
        if what not in self.borrowed:
            self.cloud.company.check_not_borrowed(what)
            self.borrowed[what] = self.cloud.leases.borrow(what, within=self.cloud.settings.patience_for("lease"))

    def add_host(self, name: str, host: ComputeHost) -> None:
        """Let a host that was added for this scenario play a role: reserve it, and add its current state to the
        baseline."""
        self.roles.add(name, host)
        self.reserve(host.provider)
        self.accounts.add(host.provider)

    def reserve(self, provider: str) -> None:
        """Put the scenario's trait on a provider until the scenario ends, so that its flavors may go there."""
        tree = self.trees.all().get(provider, ())
        generation = next((one.generation for one in tree if one.uuid == provider), None)
        present = self.reservations.add(provider, generation=generation)
        self.cloud.interrupted.warn_of_others(present, provider)
