"""Every client of one cloud, for the words of the command that are about a whole cloud."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from stocktake.support.api.compute import Compute
from stocktake.support.api.images import Images
from stocktake.support.api.placement import Placement
from stocktake.support.api.session import Session
from stocktake.support.api.volumes import Volumes
from stocktake.support.config.target import Target
from stocktake.support.hosts.control import CommandControl, HttpControl, control_for


@dataclass
class Clients:
    """All clients of one cloud for those who look at it from outside any scenario, as its administrator."""

    session: Session
    compute: Compute
    placement: Placement
    images: Images
    volumes: Volumes

    @classmethod
    def of(cls, target: Target) -> Self:
        """Make the clients of a cloud, without talking to it."""
        session = Session(target)
        return cls(session, Compute(session), Placement(session), Images(session), Volumes(session))

    @cached_property
    def control(self) -> HttpControl | CommandControl:
        """What the APIs do not offer."""
        target = self.session.target
        return control_for(
            target.settings.control,
            cloud=target.name,
            hosts=target.settings.hosts,
            periodic_interval=target.settings.periodic_interval,
            secrets=target.secrets,
        )

    def patience(self, operation: str) -> float:
        """Seconds an operation may take on this cloud."""
        return self.session.target.settings.patience_for(operation)
