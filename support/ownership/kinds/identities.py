"""Users and projects of a run."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover, is_named, succeeds, unless_gone
from stocktake.support.ownership.mark import NAME_PREFIX


def _kind(name: str) -> Kind:
    """Return the kind of users or of projects, found by name and listed by its prefix."""

    def leftovers(cloud: ControlledCloud, params: Mapping[str, str]) -> Iterable[Leftover]:
        for found in cloud.session.get("identity", f"/{name}s", params=params)[f"{name}s"]:
            yield _leftover(cloud, name, found["name"], found["id"])

    def find(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
        return (found for found in leftovers(cloud, {"name": entry.name}) if is_named(entry, found.name))

    def list_marked(cloud: ControlledCloud) -> Iterable[Leftover]:
        found = leftovers(cloud, {"name__startswith": NAME_PREFIX})
        return (leftover for leftover in found if leftover.name.startswith(NAME_PREFIX))

    return Kind(name, find, list_marked=list_marked)


def _leftover(cloud: ControlledCloud, kind: str, name: str, identity: str) -> Leftover:
    def remove() -> None:
        """Delete a user, or a project with its quotas and what Neutron has made for it."""
        if kind == "project":
            _reset_quotas(cloud, identity)
            if cloud.networks.offered:
                succeeds(lambda: cloud.networks.delete_security_groups(identity), refused=HTTPStatus.FORBIDDEN)
        unless_gone(lambda: cloud.session.request("DELETE", "identity", f"/{kind}s/{identity}"))

    return Leftover(f"delete {kind}", name, remove, identity)


def _reset_quotas(cloud: ControlledCloud, project_id: str) -> None:
    """Delete the quotas of a project, unless this user may not set quotas, so that there are none."""
    succeeds(lambda: cloud.quotas.reset(project_id), refused=HTTPStatus.FORBIDDEN)
    if cloud.volumes.offered:
        succeeds(lambda: cloud.volumes.reset_quotas(project_id), refused=HTTPStatus.FORBIDDEN)


USER = _kind("user")
"""A user; `name`."""

PROJECT = _kind("project")
"""A project; `name`."""
