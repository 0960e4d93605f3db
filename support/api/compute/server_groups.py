"""Server groups: which servers Nova keeps together on a host, or apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient


@dataclass(frozen=True)
class ServerGroup:
    """A server group, by its id; names need not be unique."""

    id: str
    name: str

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read a `server_group`."""
        return cls(id=body["id"], name=body["name"])


class ServerGroups(ComputeClient):
    """The server groups of a project; those of all projects are for administrators."""

    def all(self) -> list[ServerGroup]:
        """List the server groups of all projects."""
        listed = self._get("/os-server-groups", params={"all_projects": "True"})["server_groups"]
        return [ServerGroup.from_json(group) for group in listed]

    def create(self, name: str, policy: str) -> ServerGroup:
        """Create a server group ("Create Server Group", 2.15 for soft policies, 2.64 for a single policy).

        Its name must be unused, so that it can be found if the response is lost.
        """
        version = self.session.best("compute", *microversions.SERVER_GROUP_POLICY, what="a server group")
        single = version == microversions.SERVER_GROUP_POLICY[-1]
        body = {"server_group": {"name": name, **({"policy": policy} if single else {"policies": [policy]})}}

        def send() -> ServerGroup:
            return ServerGroup.from_json(self._post("/os-server-groups", body, version).body["server_group"])

        return self.session.exactly_once(
            send,
            lambda: next((group for group in self.all() if group.name == name), None),
            what=f'server group "{name}" to show after a lost answer',
        )

    def delete(self, group_id: str) -> None:
        """Delete a server group; its servers stay."""
        self._delete(f"/os-server-groups/{group_id}")
