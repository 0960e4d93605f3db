"""Interfaces of servers: ports that Nova plugs into them."""

from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.compute.instance_actions import InstanceActions
from stocktake.support.api.session import Session


class Interfaces(ComputeClient):
    """The port interfaces of servers; `instance_actions` shows whether a request with a lost response has arrived."""

    def __init__(self, session: Session, instance_actions: InstanceActions):
        super().__init__(session)
        self._instance_actions = instance_actions

    def attach(self, server_id: str, port: str) -> str:
        """Attach a port to a server ("Create Interface"); return the request id of its action."""
        body = {"interfaceAttachment": {"port_id": port}}

        def send() -> str:
            return self._post(f"/servers/{server_id}/os-interface", body).request_id or ""

        return self._instance_actions.once(server_id, "attach_interface", send) or ""

    def detach(self, server_id: str, port: str) -> str:
        """Detach a port from a server, which keeps the port unbound; return the request id of the action."""

        def send() -> str:
            path = f"/servers/{server_id}/os-interface/{port}"
            return self.session.request("DELETE", "compute", path, repeatable=False).request_id or ""

        return self._instance_actions.once(server_id, "detach_interface", send) or ""
