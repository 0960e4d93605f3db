"""What every client of Placement shares: the session, and requests at a microversion."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from stocktake.support.api.replies import ApiError
from stocktake.support.api.session import Session

CHANGES_TRIED = 5
"""A provider whose generation moves more often than this between a read and a write has no resting point."""

UPDATED_BY_ANOTHER = "Another thread concurrently updated the resource provider data"
"""What Placement says where another writer came between its own check of a generation and its write."""


class PlacementClient:
    """A part of the placement API of one cloud, for administrators."""

    def __init__(self, session: Session):
        self.session = session

    def _get(
        self, path: str, version: str = "1.0", params: Mapping[str, Any] | None = None, *, long: bool = False
    ) -> Any:
        return self.session.get("placement", path, microversion=self._at(version, path), params=params, long=long)

    def _send(self, method: str, path: str, version: str, body: Any = None) -> Any:
        at = self._at(version, path)
        return self.session.request(method, "placement", path, json=body, microversion=at).body

    def _at(self, version: str, path: str) -> str:
        return self.session.require("placement", version, what=f"{path.split('/')[1]} in Placement")

    def _best(self, *versions: str) -> str:
        return self.session.best("placement", *versions, what="allocations in Placement")


def another_was_faster(error: ApiError) -> bool:
    """Tell whether a change was not made because another writer's came first.

    That is 409, but for the traits of a provider: where the other came in while Placement was at it, the PUT is
    answered with 500 (`placement.handlers.trait` turns that conflict into 409 for DELETE only).
    """
    return error.status == HTTPStatus.CONFLICT or (
        error.status == HTTPStatus.INTERNAL_SERVER_ERROR and UPDATED_BY_ANOTHER in error.message
    )
