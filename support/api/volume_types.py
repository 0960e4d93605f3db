"""Types of volumes, which say on what back end Cinder keeps a volume."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from stocktake.support.api.session import Session


class VolumeTypes:
    """The types of volumes in the block storage API (v3) of one cloud."""

    def __init__(self, session: Session):
        self.session = session

    @property
    def offered(self) -> bool:
        """Whether the catalog has a block storage service."""
        return self.session.offers_service("volume")

    def why_no_other_backend(self) -> tuple[str, str] | None:
        """Say why volumes cannot move to another back end, and what to do about it; None where they can."""
        if self.session.target.settings.volume_backend is not None:
            return None
        return (
            "it is not known whether Cinder has another back end that volumes may move to",
            'name one by its volume_backend_name as "volume_backend" under "stocktake:" of the cloud in '
            f"{self.session.target.settings.file}",
        )

    def all(self) -> dict[str, str]:
        """Return the ids of all types, by their names; other users than administrators see only theirs."""
        found: dict[str, str] = {}
        wanted: dict[str, Any] = {"is_public": "None"}
        while True:
            page = self.session.get("volume", self._at(""), params=wanted)
            found |= {one["name"]: one["id"] for one in page["volume_types"]}
            if not page.get("volume_type_links") or not page["volume_types"]:
                return found
            wanted["marker"] = page["volume_types"][-1]["id"]

    def create(self, name: str, extra_specs: Mapping[str, str]) -> str:
        """Create a type that only projects which are granted it see (for administrators); return its id.

        The name must be unused, so that the type can be found if the response is lost.
        """
        body = {"name": name, "extra_specs": dict(extra_specs), "os-volume-type-access:is_public": False}
        return self.session.exactly_once(
            lambda: str(self._created(body)["id"]),
            lambda: self.all().get(name),
            what=f'volume type "{name}" to show after a lost answer',
        )

    def _created(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self.session.request("POST", "volume", self._at(""), json={"volume_type": body})
        made: Mapping[str, Any] = answer.body["volume_type"]
        return made

    def grant(self, type_id: str, project_id: str) -> None:
        """Let the users of a project use a type (Block Storage API, "Add private volume type access"); 409 says that
        they may."""
        body = {"addProjectAccess": {"project": project_id}}
        granted = (HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT)
        self.session.request("POST", "volume", self._at(f"/{type_id}/action"), json=body, repeatable=True, ok=granted)

    def delete(self, type_id: str) -> None:
        """Delete a type that no volume has any more (for administrators)."""
        self.session.request("DELETE", "volume", self._at(f"/{type_id}"))

    def _at(self, path: str) -> str:
        """Return the path of types; block storage still wants the project in it before 3.67."""
        return f"/{self.session.project_id}/types{path}"
