"""What servers of a run are created from and in: flavors, images and server groups."""

from collections.abc import Iterable
from functools import partial

from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover, by_id, is_named, unless_gone
from stocktake.support.ownership.mark import NAME_PREFIX, Mark


def _find_flavor(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    if entry.id is None:
        flavor = cloud.flavors.named(entry.name)
    else:
        flavor = unless_gone(lambda: cloud.flavors.get(str(entry.id)))
    if flavor is not None and Mark(entry.mark).owns(flavor.name):
        yield _flavor(cloud, flavor.name, str(flavor.id))


def _list_flavors(cloud: ControlledCloud) -> Iterable[Leftover]:
    for flavor in cloud.flavors.all():
        if flavor.name.startswith(NAME_PREFIX):
            yield _flavor(cloud, flavor.name, str(flavor.id))


def _flavor(cloud: ControlledCloud, name: str, flavor_id: str) -> Leftover:
    return Leftover("delete flavor", name, partial(unless_gone, partial(cloud.flavors.delete, flavor_id)), flavor_id)


def _find_images(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    for image in cloud.images.all(name=entry.name):
        if is_named(entry, image.name):
            yield _image(cloud, image.name, image.id)


def _list_images(cloud: ControlledCloud) -> Iterable[Leftover]:
    for image in cloud.images.all():
        if image.name.startswith(NAME_PREFIX):
            yield _image(cloud, image.name, image.id)


def _image(cloud: ControlledCloud, name: str, image_id: str) -> Leftover:
    return Leftover("delete image", name, partial(unless_gone, partial(cloud.images.delete, image_id)), image_id)


def _find_groups(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    return (_group(cloud, group.name, group.id) for group in cloud.server_groups.all() if is_named(entry, group.name))


def _list_groups(cloud: ControlledCloud) -> Iterable[Leftover]:
    for group in cloud.server_groups.all():
        if group.name.startswith(NAME_PREFIX):
            yield _group(cloud, group.name, group.id)


def _group(cloud: ControlledCloud, name: str, group_id: str) -> Leftover:
    remove = partial(unless_gone, partial(cloud.server_groups.delete, group_id))
    return Leftover("delete server group", name, remove, group_id)


FLAVOR = Kind("flavor", _find_flavor, known=by_id(_flavor, _find_flavor), list_marked=_list_flavors)
"""A flavor; `name`, `id`."""

IMAGE = Kind("image", _find_images, known=by_id(_image, _find_images), list_marked=_list_images)
"""An image; `name`, `id`."""

SERVER_GROUP = Kind("server-group", _find_groups, known=by_id(_group, _find_groups), list_marked=_list_groups)
"""A server group; `name`, `id`."""
