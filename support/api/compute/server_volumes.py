"""Volumes of servers: attached and detached by Nova, which tells Cinder."""

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.compute.instance_actions import InstanceActions
from stocktake.support.api.session import Session


class ServerVolumes(ComputeClient):
    """The volumes of servers; `instance_actions` shows whether a request with a lost response has arrived.

    Both operations return the request id under which Nova recorded them.
    """

    def __init__(self, session: Session, instance_actions: InstanceActions):
        super().__init__(session)
        self._instance_actions = instance_actions

    def attach(self, server_id: str, volume_id: str) -> str:
        """Attach a volume to a server ("Attach a volume to an instance"); its host does so later."""
        body = {"volumeAttachment": {"volumeId": volume_id}}

        def send() -> str:
            path = f"/servers/{server_id}/os-volume_attachments"
            return self._post(path, body, microversions.VOLUMES_OF_SHELVED).request_id or ""

        return self._instance_actions.once(server_id, "attach_volume", send) or ""

    def detach(self, server_id: str, volume_id: str) -> str:
        """Detach a volume from a server ("Detach a volume from an instance"); its host does so later."""

        def send() -> str:
            path = f"/servers/{server_id}/os-volume_attachments/{volume_id}"
            version = microversions.VOLUMES_OF_SHELVED
            reply = self.session.request("DELETE", "compute", path, microversion=version, repeatable=False)
            return reply.request_id or ""

        return self._instance_actions.once(server_id, "detach_volume", send) or ""
