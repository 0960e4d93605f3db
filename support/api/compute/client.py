"""What every client of Nova shares: the session, requests at a microversion, lists page by page."""

from collections.abc import Iterator, Mapping
from typing import Any

from stocktake.support.api.replies import Reply
from stocktake.support.api.session import Session

FIRST_PAGE = 200
LARGEST_PAGE = 1000
"""Elements per request; Nova's own limit is 1000 unless an operator lowered it."""

QUICK, SLOW = 4.0, 12.0
"""Seconds: a page that came in less lets the next one be twice as large, one that took more halves it.

Nova spends some time on each page, however small. What stands before an API, such as a load balancer, gives up after a
minute or less.
"""


class ComputeClient:
    """A part of the compute API of one cloud, as the user of the session."""

    def __init__(self, session: Session):
        self.session = session

    def _require(self, version: str, what: str) -> str:
        return self.session.require("compute", version, what=what)

    def _get(
        self, path: str, version: str | None = None, params: Mapping[str, Any] | None = None, *, long: bool = False
    ) -> Any:
        return self.session.get("compute", path, microversion=version, params=params, long=long)

    def _post(self, path: str, body: Any, version: str | None = None) -> Reply:
        return self.session.request("POST", "compute", path, json=body, microversion=version)

    def _delete(self, path: str, version: str | None = None) -> None:
        self.session.request("DELETE", "compute", path, microversion=version)

    def _pages(
        self,
        path: str,
        key: str,
        filters: Mapping[str, Any],
        version: str | None,
        *,
        marker: str = "id",
        paged: bool = True,
    ) -> Iterator[dict[str, Any]]:
        """Yield the elements of a list page by page, as long as the API links to a next one.

        Pages become as large as the API can give without being slow.
        """
        params: dict[str, Any] = {**filters, "limit": FIRST_PAGE} if paged else dict(filters)
        while True:
            began = self.session.clock.now()
            page = self._get(path, version, params, long=params.get("limit", 0) > FIRST_PAGE)
            seconds = self.session.clock.now() - began
            yield from page[key]
            if not page.get(f"{key}_links") or not page[key]:
                return
            params["marker"] = page[key][-1][marker]
            params["limit"] = _next_page(params.get("limit", LARGEST_PAGE), seconds)


def _next_page(limit: int, seconds: float) -> int:
    """Return how many elements to ask for after a page of so many took so long."""
    if seconds > SLOW:
        return max(1, limit // 2)
    return min(LARGEST_PAGE, 2 * limit) if seconds < QUICK else limit
