"""What must be true of every volume: its attachments are to servers that Nova has, on the hosts where these are."""

from collections import Counter
from collections.abc import Iterator

from stocktake.support.accounting.findings import IN_PROGRESS, Finding, Rule
from stocktake.support.accounting.snapshot import Server, Snapshot
from stocktake.support.accounting.volumes import Attachment, Volume

RESERVED, ATTACHED = "reserved", "attached"
"""The statuses of an attachment whose server is offloaded, and of one that a host has connected."""

AT_REST = {
    frozenset(): ("available",),
    frozenset({RESERVED}): ("reserved",),
    frozenset({ATTACHED}): ("in-use",),
    frozenset({RESERVED, ATTACHED}): ("in-use",),
}
"""By the statuses of its attachments: those that a volume may have for ever."""

BROKEN = "error"
"""How the statuses of volumes begin with which something went wrong, so that nothing follows from them."""

_UNDECIDED = frozenset({"BUILD", "UNKNOWN", "SOFT_DELETED"})
"""The statuses of servers that say nothing about where their volumes are connected."""


def wrong_volumes(snapshot: Snapshot) -> Iterator[Finding]:
    """Find volumes attached to what Nova does not have, on other hosts than their servers', or left in transition."""
    for volume in snapshot.volumes:
        yield from _wrong_attachments(snapshot, volume)
        yield from _left_in_transition(snapshot, volume)
        yield from _not_attached(snapshot, volume)


def _wrong_attachments(snapshot: Snapshot, volume: Volume) -> Iterator[Finding]:
    times = Counter(one.server for one in volume.attachments)
    for attachment in volume.attachments:
        server = snapshot.server_of.get(attachment.server or "")
        if server is None:
            known = f'server "{snapshot.name(attachment.server)}"' if attachment.server else "no server"
            sentence = f"{_called(volume)} is {attachment.status} for {known}, which Nova does not have"
            yield _finding(Rule.ATTACHMENT, volume, sentence, attachment.server)
        elif server.task_state is None and server.status not in _UNDECIDED:
            wrong = _difference(volume, attachment, server)
            if wrong:
                sentence = f'{_called(volume)} is {wrong} server "{snapshot.name(server.id)}"'
                yield _finding(Rule.ATTACHMENT, volume, sentence, server.id, server)
    for attached, count in times.items():
        server = snapshot.server_of.get(attached or "")
        if count > 1 and server is not None:
            sentence = f'{_called(volume)} has {count} attachments to server "{snapshot.name(server.id)}"'
            yield _finding(Rule.ATTACHMENT, volume, sentence, server.id, server)


def _difference(volume: Volume, attachment: Attachment, server: Server) -> str | None:
    """Say how an attachment differs from where its server is at rest; None if it does not.

    Cinder counts a volume as attached, on no host, that was attached to a server that is offloaded.
    """
    if server.host is None or server.status == "SHELVED_OFFLOADED":
        return f'attached on host "{attachment.host}", although it has no host, for' if attachment.host else None
    if attachment.status != ATTACHED:
        return f'{attachment.status}, not attached, on host "{server.host}" for'
    if volume.hosts_shown and attachment.host != server.host:
        return f'attached on host "{attachment.host}", not on host "{server.host}", for'
    return None


def _left_in_transition(snapshot: Snapshot, volume: Volume) -> Iterator[Finding]:
    allowed = AT_REST.get(frozenset(one.status for one in volume.attachments), ())
    if volume.status.startswith(BROKEN) or volume.status in allowed:
        return
    servers = (snapshot.server_of.get(one.server or "") for one in volume.attachments)
    server = next(filter(None, servers), None)
    held = ", ".join(one.status for one in volume.attachments) or "none"
    sentence = f"{_called(volume)} is left {volume.status}; its attachments: {held}"
    yield _finding(Rule.VOLUME_STATUS, volume, sentence, server.id if server else None, server)


def _not_attached(snapshot: Snapshot, volume: Volume) -> Iterator[Finding]:
    """Find servers that have a volume in Nova, to which Cinder knows no attachment of it."""
    attached = {one.server for one in volume.attachments}
    for server in snapshot.server_of.values():
        if volume.id in server.volumes and server.id not in attached and server.status not in {*_UNDECIDED, "ERROR"}:
            sentence = f'server "{snapshot.name(server.id)}" has {_called(volume)}, which to Cinder is {volume.status}'
            yield _finding(Rule.ATTACHMENT, volume, sentence, server.id, server)


def _called(volume: Volume) -> str:
    return f'volume "{volume.name or volume.id}"'


def _finding(rule: Rule, volume: Volume, sentence: str, consumer: str | None, server: Server | None = None) -> Finding:
    busy = server is not None and bool(server.task_state)
    return Finding(
        rule,
        sentence,
        f"openstack volume show {volume.id}",
        server=server.name if server else None,
        consumer=consumer,
        host=server.host if server else None,
        doubt=IN_PROGRESS if busy else None,
    )
