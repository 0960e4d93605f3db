"""What every client of Nova shares: the session, requests at a microversion, lists page by page."""

from collections.abc import Iterator, Mapping
from typing import Any

from stocktake.support.api.replies import Reply
from stocktake.support.api.session import Session

PAGE = 1000
"""Elements per request; Nova's own limit is 1000 unless an operator lowered it."""


class ComputeClient:
    """A part of the compute API of one cloud, as the user of the session."""

    def __init__(self, session: Session):
        self.session = session

    def _require(self, version: str, what: str) -> str:
        return self.session.require("compute", version, what=what)

    def _get(self, path: str, version: str | None = None, params: Mapping[str, Any] | None = None) -> Any:
        return self.session.get("compute", path, microversion=version, params=params)

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
        """Yield the elements of a list page by page, as long as the API links to a next one."""
        params: dict[str, Any] = {**filters, "limit": PAGE} if paged else dict(filters)
        while True:
            page = self._get(path, version, params)
            yield from page[key]
            if not page.get(f"{key}_links") or not page[key]:
                return
            params["marker"] = page[key][-1][marker]
