"""Server actions: operations on existing servers.

Every action returns the request id under which Nova recorded it, which is how its instance action is found.
"""

from typing import Any

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.compute.instance_actions import InstanceActions
from stocktake.support.api.compute.requests import ColdMigration, Evacuation, LiveMigration, Unshelving
from stocktake.support.api.session import Session


class ServerActions(ComputeClient):
    """Actions on servers; `instance_actions` shows whether one with a lost response has arrived."""

    def __init__(self, session: Session, instance_actions: InstanceActions):
        super().__init__(session)
        self._instance_actions = instance_actions

    def resize(self, server_id: str, flavor_id: str) -> str:
        """Resize a server to another flavor; it ends in VERIFY_RESIZE."""
        return self._act(server_id, "resize", {"flavorRef": flavor_id})

    def confirm_resize(self, server_id: str) -> str:
        """Keep the new flavor or host."""
        return self._act(server_id, "confirmResize", None)

    def revert_resize(self, server_id: str) -> str:
        """Go back to the old flavor or host."""
        return self._act(server_id, "revertResize", None)

    def migrate(self, server_id: str, migration: ColdMigration) -> str:
        """Move a server, stopped meanwhile (cold migration)."""
        if migration.host is None:
            return self._act(server_id, "migrate", None)
        version = self._require(microversions.HOST_IN_MIGRATE, "cold migration to a specified host")
        return self._act(server_id, "migrate", {"host": migration.host}, version)

    def live_migrate(self, server_id: str, migration: LiveMigration) -> str:
        """Move a running server. 2.34, so that checks run in the background and their failure shows as the action's."""
        version = self._require(microversions.LIVE_MIGRATION, "live migration")
        body: dict[str, Any] = {"host": migration.host, "block_migration": "auto", **_forced(migration.force)}
        return self._act(server_id, "os-migrateLive", body, version, recorded="live-migration")

    def evacuate(self, server_id: str, evacuation: Evacuation) -> str:
        """Rebuild a server of a dead host elsewhere; at 2.29 the scheduler checks a named host unless forced."""
        version = self._require(evacuation.microversion or microversions.EVACUATION, "evacuation")
        body = {"host": evacuation.host} if evacuation.host else {}
        return self._act(server_id, "evacuate", body | _forced(evacuation.force), version)

    def shelve(self, server_id: str) -> str:
        """Shelve a server; Nova offloads it from its host at once or after a configured time."""
        return self._act(server_id, "shelve", None)

    def shelve_offload(self, server_id: str) -> str:
        """Offload a shelved server from its host."""
        return self._act(server_id, "shelveOffload", None, recorded="shelveOffload")

    def unshelve(self, server_id: str, unshelving: Unshelving) -> str:
        """Unshelve a server; a specified host needs 2.91."""
        if unshelving.host is None:
            return self._act(server_id, "unshelve", None)
        version = self._require(microversions.HOST_IN_UNSHELVE, "unshelving to a specified host")
        return self._act(server_id, "unshelve", {"host": unshelving.host}, version)

    def start(self, server_id: str) -> str:
        """Start a stopped server."""
        return self._act(server_id, "os-start", None, recorded="start")

    def stop(self, server_id: str) -> str:
        """Stop a running server."""
        return self._act(server_id, "os-stop", None, recorded="stop")

    def reboot(self, server_id: str) -> str:
        """Reboot a server as if its power had been cut (a hard reboot)."""
        return self._act(server_id, "reboot", {"type": "HARD"})

    def pause(self, server_id: str) -> str:
        """Pause a server, which keeps its memory."""
        return self._act(server_id, "pause", None)

    def suspend(self, server_id: str) -> str:
        """Suspend a server, with its memory saved to disk."""
        return self._act(server_id, "suspend", None)

    def rescue(self, server_id: str) -> str:
        """Boot a server from a rescue image, beside its own disk."""
        return self._act(server_id, "rescue", None)

    def rebuild(self, server_id: str, image_id: str) -> str:
        """Rebuild a server from an image, on the same host."""
        return self._act(server_id, "rebuild", {"imageRef": image_id})

    def force_delete(self, server_id: str) -> str:
        """Delete a server at once, whatever its state and without soft deletion ("Force-Delete Server")."""
        return self._act(server_id, "forceDelete", None, recorded="delete")

    def restore(self, server_id: str) -> str:
        """Restore a soft-deleted server ("Restore Soft-Deleted Instance")."""
        return self._act(server_id, "restore", None)

    def reset_state(self, server_id: str, state: str) -> None:
        """Set a server's status to "active" or "error" without doing anything to it (for administrators)."""
        body = {"os-resetState": {"state": state}}
        self.session.request("POST", "compute", f"/servers/{server_id}/action", json=body, repeatable=True)

    def _act(
        self, server_id: str, action: str, body: Any, version: str | None = None, *, recorded: str | None = None
    ) -> str:
        """Perform an operation on a server once, and return the request id of its action.

        `recorded` is the action's name in the server's record, if that is another.
        """

        def send() -> str:
            return self._post(f"/servers/{server_id}/action", {action: body}, version).request_id or ""

        return self._instance_actions.once(server_id, recorded or action, send) or ""


def _forced(force: bool) -> dict[str, bool]:
    return {"force": True} if force else {}
