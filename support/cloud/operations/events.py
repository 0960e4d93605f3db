"""Events of an instance action: which compute hosts took part in what was asked of a server, and with what result."""

from collections.abc import Sequence
from typing import NamedTuple

from hamcrest import contains_inanyorder, equal_to
from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description

from support.cloud import versions
from support.cloud.books import Books
from support.cloud.operations.progress import has_ended
from support.cloud.values import Action
from support.waiting import eventually

ON_COMPUTE = "compute_"
"""How the names of events begin that run on a compute host."""


class Part(NamedTuple):
    """One event on a compute host; the host is a role."""

    event: str
    host: str
    result: str

    def __str__(self) -> str:
        return f'{self.event} on host "{self.host}" {self.result}'


def latest(books: Books, action: str, name: str) -> Action | None:
    """Return the latest action of that kind of a server, deleted or not, with its events; None when there is none."""
    server_id, compute = books.server_id(name), books.cloud.compute
    found = next((one for one in compute.actions(server_id) if one.action == action), None)
    return compute.action(server_id, found.request_id) if found else None


def compute_parts_are(books: Books, action: str, name: str, expected: Sequence[Part]) -> None:
    """Claim every event of a server's latest such action that ran on a compute host, in any order.

    Events tell their host from 2.62; the second in which they began is all there is to order them by.
    """
    books.cloud.session.require("compute", versions.HOST_OF_EVENT, what="the hosts of an instance action's events")
    roles = {host.service: role for role, host in books.roles.played.items()}

    def read() -> list[str] | None:
        found = latest(books, action, name)
        if found is None:
            return None
        return [
            str(Part(event.name, roles.get(event.host or "", event.host or "nowhere"), event.result or "unfinished"))
            for event in found.events
            if event.name.startswith(ON_COMPUTE)
        ]

    eventually(
        read,
        contains_inanyorder(*map(str, expected)) if expected else equal_to([]),
        within=books.cloud.settings.patience_for("accounts"),
        what=f'action {action} of server "{name}" to have these events on compute hosts',
        describe=lambda parts: "no such action" if parts is None else "; ".join(parts) or "none",
    )


def has_succeeded(books: Books, action: str, name: str) -> None:
    """Claim that the latest such action of a server has ended, and none of its events in an error."""
    eventually(
        lambda: latest(books, action, name),
        _Succeeded(),
        within=books.cloud.settings.patience_for("accounts"),
        what=f'action {action} of server "{name}" to have succeeded',
    )


class _Succeeded(BaseMatcher[Action | None]):
    """Match an action that has come to its last event, with no error."""

    def _matches(self, item: Action | None) -> bool:
        return item is not None and has_ended(item) and not item.failed

    def describe_to(self, description: Description) -> None:
        description.append_text("an action whose events have all ended well")
