"""Volumes of a run, which servers may still have."""

from collections.abc import Callable, Iterable
from functools import partial

from hamcrest import any_of, has_properties, none, not_
from stocktake.support.api.volumes import Volume
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leaked, Leftover, by_id, is_named, unless_gone
from stocktake.support.ownership.mark import NAME_PREFIX
from stocktake.support.waiting import TookTooLong, eventually

DELETABLE = ("available", "error", "error_extending", "error_managing", "error_restoring")
"""The statuses in which a volume can be deleted (Cinder, "Delete a volume")."""

UNFINISHED = ("creating", "downloading", "extending", "retyping")
"""The statuses of a volume that Cinder is still at work on."""


def _find_volumes(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    if cloud.volumes.offered:
        for volume in cloud.volumes.all(name=entry.name, all_projects=True):
            if is_named(entry, volume.name):
                yield _volume(cloud, volume.name, volume.id)


def _list_volumes(cloud: ControlledCloud) -> Iterable[Leftover]:
    if cloud.volumes.offered:
        for volume in cloud.volumes.all(all_projects=True):
            if volume.name.startswith(NAME_PREFIX):
                yield _volume(cloud, volume.name, volume.id)


def _volume(cloud: ControlledCloud, name: str, volume_id: str) -> Leftover:
    return Leftover("delete volume", name, partial(_delete_volume, cloud, name, volume_id), volume_id)


def _delete_volume(cloud: ControlledCloud, name: str, volume_id: str) -> None:
    """Detach a volume from the servers that have it, and delete it. Raises Leaked for one that is never let go, after
    deleting it all the same."""
    read = partial(unless_gone, partial(cloud.volumes.get, volume_id))
    volume = _finished(cloud, name, read)
    if volume is None:
        return
    patience = "accounts"
    for attachment in cloud.volumes.attachments(volume) if volume.status not in DELETABLE else ():
        if attachment.server and attachment.status == "attached" and cloud.servers.find(attachment.server):
            unless_gone(partial(cloud.server_volumes.detach, attachment.server, volume_id))
            patience = "attach"
    try:
        eventually(
            read,
            any_of(none(), *(has_properties(status=status) for status in DELETABLE)),
            within=cloud.patience(patience),
            what=f'volume "{name}" to be detached',
            describe=lambda reading: reading.status if reading else "gone",
        )
    except TookTooLong as failure:
        cloud.volumes.reset(volume_id)  # for one that is in use by nobody, which Cinder does not even delete by force
        cloud.volumes.force_delete(volume_id)
        raise Leaked(f"it was left {failure.last.status}; it has now been deleted") from failure
    unless_gone(partial(cloud.volumes.delete, volume_id))


def _finished(cloud: ControlledCloud, name: str, read: Callable[[], Volume | None]) -> Volume | None:
    """Wait until Cinder has ended what it is doing with a volume, which it does not let go before; return how it is
    then, or when patience is over; None if it is gone."""
    try:
        return eventually(
            read,
            not_(any_of(*(has_properties(status=status) for status in UNFINISHED))),
            within=cloud.patience("boot"),
            what=f'volume "{name}" to be ready',
            describe=lambda reading: reading.status if reading else "gone",
        )
    except TookTooLong as failure:
        return failure.last


VOLUME = Kind("volume", _find_volumes, known=by_id(_volume, _find_volumes), list_marked=_list_volumes)
"""A volume; `name`, `id`."""
