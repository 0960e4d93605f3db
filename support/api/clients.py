"""Every client of one cloud, once."""

from collections.abc import Callable
from typing import Self

from stocktake.support.api.accelerators import Accelerators
from stocktake.support.api.compute.aggregates import Aggregates
from stocktake.support.api.compute.flavors import Flavors
from stocktake.support.api.compute.hypervisors import Hypervisors
from stocktake.support.api.compute.instance_actions import InstanceActions
from stocktake.support.api.compute.interfaces import Interfaces
from stocktake.support.api.compute.migrations import Migrations
from stocktake.support.api.compute.quotas import Quotas
from stocktake.support.api.compute.server_actions import ServerActions
from stocktake.support.api.compute.server_groups import ServerGroups
from stocktake.support.api.compute.server_volumes import ServerVolumes
from stocktake.support.api.compute.servers import Servers
from stocktake.support.api.compute.services import Services
from stocktake.support.api.identity import Identity
from stocktake.support.api.images import Images
from stocktake.support.api.networks import Networks
from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.placement.resource_classes import ResourceClasses
from stocktake.support.api.placement.traits import Traits
from stocktake.support.api.replies import Exchange
from stocktake.support.api.session import Session
from stocktake.support.api.volume_types import VolumeTypes
from stocktake.support.api.volumes import Volumes
from stocktake.support.config.target import Target


class Clients:
    """All clients of one cloud as the user of the session. Creating them sends no requests."""

    def __init__(self, session: Session):
        self.session = session
        self.instance_actions = InstanceActions(session)
        self.server_actions = ServerActions(session, self.instance_actions)
        self.interfaces = Interfaces(session, self.instance_actions)
        self.services = Services(session)
        self.servers = Servers(session, self.server_actions, self.instance_actions, self.services)
        self.server_volumes = ServerVolumes(session, self.instance_actions)
        self.migrations = Migrations(session)
        self.flavors = Flavors(session)
        self.hypervisors = Hypervisors(session)
        self.aggregates = Aggregates(session)
        self.server_groups = ServerGroups(session)
        self.quotas = Quotas(session)
        self.placement = Placement(session)
        self.traits = Traits(session)
        self.resource_classes = ResourceClasses(session)
        self.images = Images(session)
        self.volumes = Volumes(session)
        self.volume_types = VolumeTypes(session)
        self.networks = Networks(session)
        self.accelerators = Accelerators(session)
        self.identity = Identity(session)

    @classmethod
    def of(cls, target: Target) -> Self:
        """Create the clients of a cloud, as the user of its entry in clouds.yaml."""
        return cls(Session(target))

    def another(self) -> Self:
        """Create the same clients once more, with a session of their own, for another thread."""
        return type(self)(self.session.another())

    def watch(self, watch: Callable[[Exchange], object]) -> None:
        """Let `watch` be called with each request of the session and its answer, as soon as that has come."""
        self.session.watch = watch

    @property
    def target(self) -> Target:
        """The cloud as clouds.yaml describes it."""
        return self.session.target

    def patience(self, operation: str) -> float:
        """Seconds an operation may take on this cloud."""
        return self.target.settings.patience_for(operation)
