"""Types of volumes of a run, which its volumes have."""

from collections.abc import Iterable
from functools import partial
from http import HTTPStatus

from hamcrest import none
from stocktake.support.api.replies import ApiError
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover, by_id, is_named, unless_gone
from stocktake.support.ownership.mark import NAME_PREFIX
from stocktake.support.waiting import TookTooLong, eventually


def _find(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    return (_type(cloud, name, type_id) for name, type_id in _all(cloud).items() if is_named(entry, name))


def _list(cloud: ControlledCloud) -> Iterable[Leftover]:
    return (_type(cloud, name, type_id) for name, type_id in _all(cloud).items() if name.startswith(NAME_PREFIX))


def _all(cloud: ControlledCloud) -> dict[str, str]:
    return cloud.volume_types.all() if cloud.volume_types.offered else {}


def _type(cloud: ControlledCloud, name: str, type_id: str) -> Leftover:
    return Leftover("delete volume type", name, partial(_delete, cloud, name, type_id), type_id)


def _delete(cloud: ControlledCloud, name: str, type_id: str) -> None:
    """Delete a type once no volume has it any more: Cinder answers to the deletion of a volume before that has ended.

    Raises the last refusal of Cinder (400) if it is still in use when patience is over.
    """
    try:
        eventually(
            lambda: _refusal(cloud, type_id),
            none(),
            within=cloud.patience("accounts"),
            what=f'volume type "{name}" to be in use no more',
        )
    except TookTooLong as failure:
        raise failure.last from failure


def _refusal(cloud: ControlledCloud, type_id: str) -> ApiError | None:
    """Ask Cinder to delete a type; return why it does not as long as volumes have it, None once it is gone."""
    try:
        unless_gone(partial(cloud.volume_types.delete, type_id))
    except ApiError as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        return error
    return None


VOLUME_TYPE = Kind("volume-type", _find, known=by_id(_type, _find), list_marked=_list)
"""A type of volumes; `name`, `id`."""
