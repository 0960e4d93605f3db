"""One cloud with all its clients: what a run opens once and every scenario of a process shares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from stocktake.support.api.images import Image
from stocktake.support.api.placement.values import ProviderAllocations
from stocktake.support.api.session import Session
from stocktake.support.config.target import Target
from stocktake.support.errors import CloudError
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.interrupted import InterruptedRuns
from stocktake.support.ownership.journal import Journal, journals_folder
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.undo import Undoing
from stocktake.support.scenario.own_project import OwnProject
from stocktake.support.scenario.parking import Company
from stocktake.support.scenario.state.consumer_owners import ConsumerOwners

HASTE = 0.25
"""The part of the patience for accounts that a scenario has which is expected to fail."""


class Cloud(ControlledCloud):
    """The clients of one cloud, what its operator allows, and what this process has cached about it.

    No request is sent before its response is needed.
    """

    def __init__(self, target: Target, journal: Journal):
        super().__init__(Session(target))
        self.journal = journal
        self.project = OwnProject(self, journal, lambda: self.image)
        self.deferred = Undoing(journal, self)
        """What is undone only when the run ends, because it must outlive its scenario by minutes."""
        self.company = Company()
        self.consumer_owners = ConsumerOwners()
        self.proven: dict[str, ProviderAllocations] = {}
        """The last reading of each provider whose usages were the sum of its allocations."""
        self.failure_expected = False
        """Whether the scenario that runs now is sure to fail here, as a known defect says or an earlier run of it."""

    def __repr__(self) -> str:
        return f"Cloud({self.target.name!r})"

    def patience(self, operation: str) -> float:
        """Seconds an operation may take on this cloud.

        Accounts that are expected to stay wrong are not awaited for as long as others: if they became right, but late,
        the scenario would still be reported as known, or be run again with all patience.
        """
        haste = HASTE if self.failure_expected and operation == "accounts" else 1.0
        return haste * super().patience(operation)

    @cached_property
    def interrupted(self) -> InterruptedRuns:
        """The runs on this cloud that were interrupted on this machine."""
        return InterruptedRuns(self, self.mark, self.journal.path.parent)

    @property
    def mark(self) -> Mark:
        """The mark of everything this run creates."""
        return self.journal.mark

    @cached_property
    def image(self) -> Image:
        """The image that servers are booted from. Raises Unverified when there is no usable one."""
        return self.images.choose()

    def candidates(self) -> Sequence[str]:
        """Return the compute hosts a scenario may use: those of `hosts:`, or all that are enabled and up."""
        if self.settings.hosts is not None:
            return self.settings.hosts
        return self._usable_hosts

    @cached_property
    def _usable_hosts(self) -> Sequence[str]:
        """The hosts that are enabled and up, except those that another run has added for one scenario."""
        services = (service for service in self.services.all() if Mark.of(service.host) is None)
        return sorted(service.host for service in services if service.enabled and service.up)

    def foreign_servers(self, service: str) -> list[str]:
        """Return the ids of the servers on a compute host that no run of Stocktake has made."""
        found = self.servers.all(host=service, all_projects=True)
        return [server.id for server in found if Mark.of(server.name) is None]

    def undo_deferred(self) -> None:
        """Undo, when the run ends, what its scenarios could not, which may take minutes; see `deferred`.

        Raises CloudError with what could not be undone, which is left for the sweep.
        """
        problems = self.deferred.undo_all()
        if problems:
            raise CloudError("\n".join([*problems, f'run "stocktake sweep --cloud={self.target.name}"']))


@contextmanager
def connected(name: str) -> Iterator[Cloud]:
    """Open the cloud of that name for this process; its project and the journal are closed when the block ends.

    Raises ConfigurationError for a cloud that clouds.yaml does not describe properly.
    """
    target = Target.load(name)
    folder = journals_folder(target.settings.state)
    with Journal(Mark.new(), cloud=target.name, auth_url=target.auth_url, folder=folder) as journal:
        cloud = Cloud(target, journal)
        try:
            yield cloud
        finally:
            cloud.project.leave()
