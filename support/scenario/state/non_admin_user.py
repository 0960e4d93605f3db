"""A user without the admin role, with clients of the same cloud."""

from dataclasses import dataclass, field

from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.session import Session


@dataclass(frozen=True)
class NonAdminUser:
    """A user without the admin role, with clients of its own. `project_id` is where its servers belong.

    `named` says that the operator configured the user, so that user and project are not the scenario's own; `held` is
    what the project already held before the scenario.
    """

    clients: Clients
    project_id: str
    named: bool = False
    held: Resources = field(default_factory=Resources)

    @classmethod
    def of(cls, session: Session) -> "NonAdminUser":
        """Create the clients of a user that was created for the scenario. Raises CloudError when authentication
        fails."""
        return cls(Clients(session), session.project_id)

    @classmethod
    def known(cls, session: Session, placement: Placement) -> "NonAdminUser":
        """Create the clients of a user that the operator configured; `placement` is an administrator's. Raises like
        `of`."""
        held = placement.project_usages(session.project_id)
        return cls(Clients(session), session.project_id, named=True, held=held)
