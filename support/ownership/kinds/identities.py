"""Users and projects of a run."""

from collections.abc import Iterable, Mapping

from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover, is_named, unless_gone
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
        """Delete a user, or a project with its quota in Nova."""
        if kind == "project":
            cloud.quotas.reset(identity)
        unless_gone(lambda: cloud.session.request("DELETE", "identity", f"/{kind}s/{identity}"))

    return Leftover(f"delete {kind}", name, remove, identity)


USER = _kind("user")
"""A user; `name`."""

PROJECT = _kind("project")
"""A project; `name`."""
