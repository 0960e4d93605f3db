"""Instance actions: Nova's record of the operations on a server, and how to request these exactly once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.replies import none_if_missing

CLOCK_TOLERANCE = 2.0
"""Seconds by which the time of a service may be inaccurate: its responses contain whole seconds, and take a while."""


@dataclass(frozen=True)
class Event:
    """One step of an action, run on one service. `result` is None while it runs, then "Success" or "Error".

    `host` is known from 2.62, `details` (one sentence about an error) from 2.84; `traceback` to administrators.
    """

    name: str
    start: str | None
    finish: str | None
    result: str | None
    details: str | None = None
    host: str | None = None
    traceback: str | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read one element of an action's `events`."""
        return cls(
            name=body["event"],
            start=body.get("start_time"),
            finish=body.get("finish_time"),
            result=body.get("result"),
            details=body.get("details"),
            host=body.get("host"),
            traceback=body.get("traceback"),
        )

    def __str__(self) -> str:
        where = f" on {self.host}" if self.host else ""
        why = f": {self.details}" if self.details else ""
        return f"{self.name}{where} {self.result or 'running'}{why}"


@dataclass(frozen=True)
class Action:
    """An operation on a server. `message` is "Error" when it failed; `request_id` is that of the request."""

    request_id: str
    action: str
    message: str | None
    start: str | None
    events: tuple[Event, ...] = ()
    project_id: str | None = None
    user_id: str | None = None
    updated: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read an `instanceAction`, or one element of `instanceActions` (which has no events)."""
        return cls(
            request_id=body["request_id"],
            action=body["action"],
            message=body.get("message"),
            start=body.get("start_time"),
            events=tuple(Event.from_json(event) for event in body.get("events") or ()),
            project_id=body.get("project_id"),
            user_id=body.get("user_id"),
            updated=body.get("updated_at"),
        )

    def event(self, name: str) -> Event | None:
        """Return the latest event of that name, None when it has not begun."""
        return max((event for event in self.events if event.name == name), key=lambda e: e.start or "", default=None)

    def began_before(self, moment: float) -> bool:
        """Whether it certainly began before a time in seconds since the epoch; False when its start is unknown."""
        if self.start is None:
            return False
        start = datetime.fromisoformat(self.start.removesuffix("Z")).replace(tzinfo=UTC).timestamp()
        return start < moment - CLOCK_TOLERANCE

    @property
    def failed(self) -> bool:
        """Whether Nova marked the action as failed, or any of its events ended in an error."""
        return self.message == "Error" or any(event.result == "Error" for event in self.events)

    def __str__(self) -> str:
        told = [str(event) for event in sorted(self.events, key=lambda e: e.start or "")]
        return f"{self.action}{' (Error)' if self.message == 'Error' else ''}: {'; '.join(told) or 'no events'}"


class InstanceActions(ComputeClient):
    """The instance actions of servers, those of deleted servers included."""

    def all(self, server_id: str) -> list[Action]:
        """List a server's actions without events, latest first; also of a deleted server (2.21)."""
        listed = self._get(f"/servers/{server_id}/os-instance-actions", microversions.ACTIONS_OF_DELETED)
        return [Action.from_json(action) for action in listed["instanceActions"]]

    def get(self, server_id: str, request_id: str) -> Action:
        """Return an action with its events.

        At 2.84 where offered, which says why an event failed; at 2.62 the events name their host, at 2.51 not.
        """
        version = self.session.best("compute", *microversions.EVENTS, what="events of an instance action")
        found = self._get(f"/servers/{server_id}/os-instance-actions/{request_id}", version)
        return Action.from_json(found["instanceAction"])

    def find(self, server_id: str, request_id: str) -> Action | None:
        """Return an action with its events, None while Nova has not recorded it."""
        return none_if_missing(lambda: self.get(server_id, request_id))

    def latest(self, server_id: str) -> Action | None:
        """Return a server's latest action with its events, None while Nova has recorded none."""
        listed = none_if_missing(lambda: self.all(server_id))
        return self.find(server_id, listed[0].request_id) if listed else None

    def remembers(self, server_id: str) -> bool:
        """Return whether Nova has, or has deleted, a server of that id; not of one that was purged since."""
        return bool(none_if_missing(lambda: self.all(server_id)))

    def creation_of(self, server_id: str) -> str | None:
        """Return the request id of a server's creation, None while Nova has not recorded it."""
        return next((action.request_id for action in self.all(server_id) if action.action == "create"), None)

    def once(self, server_id: str, action: str, send: Callable[[], str | None]) -> str | None:
        """Perform an operation on a server once; `send` returns the request id, or None if the server was gone.

        If the response is lost, the server's record shows whether the request arrived: as an action of that name that
        began later, by Nova's clock, and for whose request no session of this process has received a response.
        """
        began = self.session.time_at("compute")

        def find() -> str | None:
            # Nova forgets even the actions of some servers that are gone.
            recorded = none_if_missing(lambda: self.all(server_id)) or ()
            ours = (done for done in recorded if done.action == action and not done.began_before(began))
            return next((done.request_id for done in ours if done.request_id not in self.session.request_ids), None)

        what = f"{action} of server {server_id} to show after a lost answer"
        request_id = self.session.exactly_once(send, find, what=what)
        if request_id is not None:
            self.session.request_ids.add(request_id)
        return request_id
