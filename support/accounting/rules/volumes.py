"""What must be true of every volume: its attachments are to servers that Nova has, on the hosts where these are."""

from collections import Counter
from collections.abc import Iterator

from stocktake.support.accounting.entitlements import ENDED
from stocktake.support.accounting.findings import Finding, NotJudged, Reason, Rule
from stocktake.support.accounting.rules.strangers import why_not_accused, why_unsure
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

OF_ATTACHMENTS = frozenset({"available", "reserved", "attaching", "in-use", "detaching"})
"""The statuses of a volume that say whether it is attached; others, as "extending", say what Cinder does to it."""

BROKEN = "error"
"""How the statuses of volumes begin with which something went wrong, so that nothing follows from them."""

TYPES = frozenset({"fake", "kvm", "qemu"})
"""The types of hypervisors whose hosts connect volumes under the name of their compute service.

Others name their own address or the server (`get_volume_connector` of Nova's drivers for VMware and Ironic).
"""

RECENT = NotJudged(
    Reason.RECENT_CHANGE,
    "volumes that differ from their servers and have changed lately: Nova may still be attaching or detaching them",
    "audit the cloud again a while later",
    (Rule.ATTACHMENT, Rule.VOLUME_STATUS),
)
FOR_NO_SERVER = NotJudged(
    Reason.OTHER_SERVICE,
    "attachments of volumes for no server, as other services than Nova make them",
    rules=(Rule.ATTACHMENT,),
)
NOBODY_KNOWN = "Cinder does not say who uses it, which may be another service than Nova"

_UNDECIDED = frozenset({"BUILD", "UNKNOWN", "SOFT_DELETED"})
"""The statuses of servers that say nothing about where their volumes are connected."""


def wrong_volumes(snapshot: Snapshot) -> Iterator[Finding | NotJudged]:
    """Find volumes attached to what Nova does not have, on other hosts than their servers', or left half attached."""
    for volume in snapshot.volumes:
        found = list(_wrong(snapshot, volume))
        if volume.recent and any(isinstance(one, Finding) for one in found):
            yield RECENT.about(volume=volume.id)
        else:
            yield from found


def _wrong(snapshot: Snapshot, volume: Volume) -> Iterator[Finding | NotJudged]:
    """Look at one volume; while Cinder does something to it, its attachments to existing servers may change."""
    yield from _of_unknown_servers(snapshot, volume)
    if not volume.moving and (volume.status in OF_ATTACHMENTS or volume.status.startswith(BROKEN)):
        yield from _of_servers_at_rest(snapshot, volume)
        yield from _left_in_transition(snapshot, volume)
        yield from _not_attached(snapshot, volume)


def unfinished_volumes(snapshot: Snapshot) -> Iterator[Finding]:
    """Find volumes on which an operation of Cinder's never ends, and attachments for nobody.

    Of volumes that others may use and work on, neither is wrong; for the scenario's own, a move must have ended.
    """
    for volume in snapshot.volumes:
        for attachment in volume.attachments:
            if attachment.server is None:
                sentence = f"{_called(volume)} is {attachment.status} for no server"
                yield _finding(Rule.ATTACHMENT, volume, sentence, None)
        if volume.status not in OF_ATTACHMENTS:
            yield from _left_in_transition(snapshot, volume)


def _of_unknown_servers(snapshot: Snapshot, volume: Volume) -> Iterator[Finding | NotJudged]:
    for attachment in volume.attachments:
        if attachment.server is None:
            yield FOR_NO_SERVER.about(volume=volume.id)
        elif attachment.server not in snapshot.server_of:
            excuse = why_not_accused(snapshot, attachment.server)
            if excuse:
                yield excuse.about(volume=volume.id)
                continue
            known = "has deleted" if attachment.server in snapshot.former else "does not have"
            name = snapshot.name(attachment.server)
            sentence = f'{_called(volume)} is {attachment.status} for server "{name}", which Nova {known}'
            doubt = why_unsure(snapshot, attachment.server, "Cinder")
            yield _finding(Rule.ATTACHMENT, volume, sentence, attachment.server, doubt=doubt)


def _of_servers_at_rest(snapshot: Snapshot, volume: Volume) -> Iterator[Finding]:
    times = Counter(one.server for one in volume.attachments)
    for attachment in {one.server: one for one in volume.attachments}.values():
        server = snapshot.server_of.get(attachment.server or "")
        if server is None or _is_busy(snapshot, server):
            continue
        name, count = snapshot.name(server.id), times[server.id]
        if count > 1:
            places = ", ".join(_place(one) for one in volume.attachments if one.server == server.id)
            sentence = f'{_called(volume)} has {count} attachments to server "{name}": {places}'
            yield _finding(Rule.ATTACHMENT, volume, sentence, server.id, server)
        elif server.volumes is not None and volume.id not in server.volumes:
            sentence = f'{_called(volume)} is {attachment.status} for server "{name}" in Cinder, but not in Nova'
            yield _finding(Rule.ATTACHMENT, volume, sentence, server.id, server)
        elif server.status not in _UNDECIDED and (wrong := _difference(snapshot, attachment, server)):
            yield _finding(Rule.ATTACHMENT, volume, f'{_called(volume)} is {wrong} server "{name}"', server.id, server)


def _place(attachment: Attachment) -> str:
    """Say the status of an attachment, and where it is."""
    return f'{attachment.status} on host "{attachment.host}"' if attachment.host else f"{attachment.status} on no host"


def _difference(snapshot: Snapshot, attachment: Attachment, server: Server) -> str | None:
    """Say how an attachment differs from where its server is at rest; None if it does not, or that cannot be told.

    Cinder counts a volume as attached, on no host, that was attached to a server that is offloaded.
    """
    if server.host is None or server.status == "SHELVED_OFFLOADED":
        return f'attached on host "{attachment.host}", although it has no host, for' if attachment.host else None
    if attachment.status != ATTACHED:
        return f'{attachment.status}, not attached, on host "{server.host}" for'
    comparable = attachment.host and _connects_as_its_host(snapshot, server)
    if comparable and attachment.host != server.host:
        return f'attached on host "{attachment.host}", not on host "{server.host}", for'
    return None


def _connects_as_its_host(snapshot: Snapshot, server: Server) -> bool:
    """Tell whether the host of a server connects volumes under its own name.

    Of a whole cloud, a compute node that Nova does not show may be of any type.
    """
    node = snapshot.node_of(server)
    return not snapshot.services_beside if node is None else (node.type or "").lower() in TYPES


def _is_busy(snapshot: Snapshot, server: Server) -> bool:
    """Tell whether something is being done to a server, or it is being moved, so that its volumes may follow later."""
    moves = snapshot.moves_of.get(server.id, ())
    return (
        bool(server.task_state)
        or server.status in ("BUILD", "UNKNOWN")
        or any(move.status not in {*ENDED, "finished"} for move in moves)
    )


def _left_in_transition(snapshot: Snapshot, volume: Volume) -> Iterator[Finding]:
    """Find a volume whose status is not that of its attachments; those for unknown servers are found by themselves."""
    allowed = AT_REST.get(frozenset(one.status for one in volume.attachments), ())
    if volume.status.startswith(BROKEN) or volume.status in allowed:
        return
    servers = [*filter(None, (snapshot.server_of.get(one.server or "") for one in volume.attachments))]
    if len(servers) < len(volume.attachments) or any(_is_busy(snapshot, one) for one in servers):
        return
    server = next(iter(servers), None)
    held = ", ".join(one.status for one in volume.attachments) or "none"
    sentence = f"{_called(volume)} is left {volume.status}; its attachments: {held}"
    doubt = None if server or volume.status in ("available", "in-use") else NOBODY_KNOWN
    yield _finding(Rule.VOLUME_STATUS, volume, sentence, server.id if server else None, server, doubt=doubt)


def _not_attached(snapshot: Snapshot, volume: Volume) -> Iterator[Finding]:
    """Find servers that have a volume in Nova, to which Cinder knows no attachment of it."""
    attached = {one.server for one in volume.attachments}
    for server in snapshot.servers_with.get(volume.id, ()):
        if server.id in attached or server.status in {*_UNDECIDED, "ERROR"} or _is_busy(snapshot, server):
            continue
        sentence = f'server "{snapshot.name(server.id)}" has {_called(volume)}, which to Cinder is {volume.status}'
        yield _finding(Rule.ATTACHMENT, volume, sentence, server.id, server)


def _called(volume: Volume) -> str:
    return f'volume "{volume.name or volume.id}"'


def _finding(
    rule: Rule,
    volume: Volume,
    sentence: str,
    consumer: str | None,
    server: Server | None = None,
    *,
    doubt: str | None = None,
) -> Finding:
    return Finding(
        rule,
        sentence,
        f"openstack volume show {volume.id}",
        server=server.name if server else None,
        consumer=consumer,
        host=server.host if server else None,
        volume=volume.id,
        doubt=doubt,
    )
