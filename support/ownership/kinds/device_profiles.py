"""Device profiles of a run, which its flavors name."""

from collections.abc import Iterable
from functools import partial

from hamcrest import empty
from stocktake.support.errors import CloudError
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover, by_id, is_named, unless_gone
from stocktake.support.ownership.mark import NAME_PREFIX
from stocktake.support.waiting import TookTooLong, eventually


def _find(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    profiles = cloud.accelerators.profiles() if cloud.accelerators.offered else []
    return (_profile(cloud, profile.name, profile.id) for profile in profiles if is_named(entry, profile.name))


def _list(cloud: ControlledCloud) -> Iterable[Leftover]:
    profiles = cloud.accelerators.profiles() if cloud.accelerators.offered else []
    return (_profile(cloud, one.name, one.id) for one in profiles if one.name.startswith(NAME_PREFIX))


def _profile(cloud: ControlledCloud, name: str, profile_id: str) -> Leftover:
    return Leftover("delete device profile", name, partial(_delete, cloud, name, profile_id), profile_id)


def _delete(cloud: ControlledCloud, name: str, profile_id: str) -> None:
    """Delete a device profile once no request is made of it any more; without the profile of one, Cyborg 17 answers 404
    to whoever lists requests. Raises CloudError if requests are left, which only Nova can delete."""
    try:
        eventually(
            lambda: [request.id for request in cloud.accelerators.requests() if request.profile == name],
            empty(),
            within=cloud.patience("accounts"),
            what=f'the accelerator requests of device profile "{name}" to be gone',
        )
    except TookTooLong as failure:
        raise CloudError(f"Nova has left accelerator requests of it: {', '.join(failure.last)}") from failure
    unless_gone(partial(cloud.accelerators.delete_profile, profile_id))


DEVICE_PROFILE = Kind("device-profile", _find, known=by_id(_profile, _find), list_marked=_list)
"""A device profile; `name`, `id`."""
