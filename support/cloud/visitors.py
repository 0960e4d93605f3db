"""Somebody without the admin role: another user of the same cloud, seen from the side of that user."""

from dataclasses import dataclass

from support.cloud.compute import Compute
from support.cloud.session import Session


@dataclass(frozen=True)
class Visitor:
    """A user without the admin role, with a session of its own. `project_id` is where its servers belong.

    `named` is one whom the operator named, so that user and project are not the scenario's own.
    """

    session: Session
    compute: Compute
    project_id: str
    named: bool = False

    @classmethod
    def of(cls, session: Session, *, named: bool = False) -> "Visitor":
        """Make the clients of a session's user. Raises CloudError when authentication fails."""
        return cls(session, Compute(session), session.project_id, named)
