"""Somebody without the admin role: another user of the same cloud, seen from the side of that user."""

from dataclasses import dataclass, field

from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.session import Session


@dataclass(frozen=True)
class NonAdminUser:
    """A user without the admin role, with clients of its own. `project_id` is where its servers belong.

    `named` is one whom the operator named, so that user and project are not the scenario's own; `held` is what the
    project held already when the scenario met it.
    """

    clients: Clients
    project_id: str
    named: bool = False
    held: Resources = field(default_factory=Resources)

    @classmethod
    def of(cls, session: Session) -> "NonAdminUser":
        """Make the clients of a user made for the scenario. Raises CloudError when authentication fails."""
        return cls(Clients(session), session.project_id)

    @classmethod
    def known(cls, session: Session, placement: Placement) -> "NonAdminUser":
        """Make the clients of a user whom the operator named; `placement` is an administrator's. Raises like `of`."""
        held = placement.project_usages(session.project_id)
        return cls(Clients(session), session.project_id, named=True, held=held)
