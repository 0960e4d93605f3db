"""Somebody without the admin role: another user of the same cloud, seen from the side of that user."""

from dataclasses import dataclass

from support.cloud.compute import Compute
from support.cloud.session import Session


@dataclass(frozen=True)
class Visitor:
    """A user without the admin role, with a session of its own. `project_id` is where its servers belong."""

    session: Session
    compute: Compute
    project_id: str

    @classmethod
    def of(cls, session: Session) -> "Visitor":
        """Make the clients of a session's user. Raises CloudError when authentication fails."""
        return cls(session, Compute(session), session.project_id)
