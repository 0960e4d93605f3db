"""Device profiles of a run, which its flavors name."""

from collections.abc import Iterable
from functools import partial

from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover, by_id, is_named, unless_gone
from stocktake.support.ownership.mark import NAME_PREFIX


def _find(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    profiles = cloud.accelerators.profiles() if cloud.accelerators.offered else []
    return (_profile(cloud, profile.name, profile.id) for profile in profiles if is_named(entry, profile.name))


def _list(cloud: ControlledCloud) -> Iterable[Leftover]:
    profiles = cloud.accelerators.profiles() if cloud.accelerators.offered else []
    return (_profile(cloud, one.name, one.id) for one in profiles if one.name.startswith(NAME_PREFIX))


def _profile(cloud: ControlledCloud, name: str, profile_id: str) -> Leftover:
    remove = partial(unless_gone, partial(cloud.accelerators.delete_profile, profile_id))
    return Leftover("delete device profile", name, remove, profile_id)


DEVICE_PROFILE = Kind("device-profile", _find, known=by_id(_profile, _find), list_marked=_list)
"""A device profile; `name`, `id`."""
