"""Servers for which Cinder or Cyborg keeps something, and which no list of Nova's shows."""

from stocktake.support.accounting.findings import WHEN_CELLS_ANSWER, NotJudged, Reason, Rule
from stocktake.support.accounting.snapshot import Snapshot

HIDDEN = NotJudged(
    Reason.CELL_DOWN,
    "volumes and accelerator requests that may be for servers of a cell that does not answer",
    WHEN_CELLS_ANSWER,
    (Rule.ATTACHMENT, Rule.ACCELERATOR),
)
OTHER_SERVICE = NotJudged(
    Reason.OTHER_SERVICE,
    "volumes and accelerator requests for what is not a server of Nova's, but another service's, as Placement says",
    rules=(Rule.ATTACHMENT, Rule.ACCELERATOR),
)


def why_not_accused(snapshot: Snapshot, server: str) -> NotJudged | None:
    """Return what may explain a server that was looked for and not found; None if nothing does."""
    if server in snapshot.hidden:
        return HIDDEN
    return OTHER_SERVICE if server in snapshot.others else None


def why_unsure(snapshot: Snapshot, server: str, service: str) -> str | None:
    """Return the doubt about what a service keeps for a server that is not known; None if Nova has deleted it.

    Nova forgets deleted servers that an operator has purged from its database.
    """
    if server in snapshot.former:
        return None
    return f"Nova does not remember this server, and {service} lets other services use any id"
