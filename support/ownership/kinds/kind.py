"""Kinds of owned things, and leftovers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.mark import Mark

T = TypeVar("T")


class Leaked(CloudError):  # noqa: N818 - an outcome, not a failure
    """Something that was undone had leaked resources, which have been freed: to be reported, but not left for a
    sweep."""


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Leftover:
    """Something to be undone: `remove` does it, `finish` waits until that is complete.

    `action` and `name` describe the removal. Both functions may raise CloudError, or Leaked, after which nothing is
    left.
    """

    action: str
    name: str
    remove: Callable[[], object]
    id: str | None = None
    finish: Callable[[], object] = _nothing

    def __str__(self) -> str:
        """The removal as an instruction: `delete server stocktake-…-web (7f…)`."""
        known = f" ({self.id})" if self.id and self.id != self.name else ""
        return f"{self.action} {self.name}{known}"


Find = Callable[[ControlledCloud, Entry], Iterable[Leftover]]


@dataclass(frozen=True)
class Kind:
    """A kind of things that a run may own or change. Its `name` is written to journals and never changes. `find` looks
    for what a journal's entry names, and does not find what is gone or not the run's. `known` does the same without
    looking, for the process that has written the entry: what it undoes may already be gone. `list_marked` lists all of
    the kind that carry any run's mark; None where names do not show that. `on_hosts` says that undoing it changes
    what others see of the scenario's hosts, so that a sweep must lease them.
    """

    name: str
    find: Find
    known: Find | None = None
    list_marked: Callable[[ControlledCloud], Iterable[Leftover]] | None = None
    on_hosts: bool = False

    def owned(self, cloud: ControlledCloud, entry: Entry) -> list[Leftover]:
        """Return what an entry of this process names."""
        return list((self.known or self.find)(cloud, entry))


def by_id(leftover: Callable[[ControlledCloud, str, str], Leftover], find: Find) -> Find:
    """Return a `known` that trusts the id of an entry, and falls back to `find` if there is none."""

    def known(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
        return [leftover(cloud, entry.name, entry.id)] if entry.id else find(cloud, entry)

    return known


def is_named(entry: Entry, name: str) -> bool:
    """Return whether a thing has the name of an entry, and its mark."""
    return name == entry.name and Mark(entry.mark).owns(name)


def unless_gone(read: Callable[[], T]) -> T | None:
    """Return what `read` returns, None when the API answers 404."""
    try:
        return read()
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None


def succeeds(change: Callable[[], object], *, refused: HTTPStatus = HTTPStatus.CONFLICT) -> bool:
    """Make a change and return whether it was made or its object is gone; False when the API refuses with `refused`."""
    try:
        unless_gone(change)
    except ApiError as error:
        if error.status != refused:
            raise
        return False
    return True
