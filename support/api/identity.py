"""Keystone over HTTP: the current user, and users without the admin role for scenarios."""

import secrets
from http import HTTPStatus
from typing import Any

from stocktake.support.api.credentials import Credentials
from stocktake.support.api.session import Session
from stocktake.support.errors import Unverified

MEMBER = "member"

NOT_LET = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
)
"""How Keystone, or a gateway before it, does not let a user list or create users and projects."""


class Identity:
    """The identity API (v3) of one cloud."""

    def __init__(self, session: Session):
        self.session = session

    @property
    def project_id(self) -> str:
        """The project of the session."""
        return self.session.project_id

    @property
    def user_id(self) -> str:
        """The user of the session."""
        return self.session.user_id

    def may_make_users(self) -> bool:
        """Return whether Keystone may let this user create users: not if the user may not even list them.

        Whether the identity back end is read-only only shows when a user is created.
        """
        return self._may_list("users")

    def may_make_projects(self) -> bool:
        """Return whether Keystone may let this user create projects: not if the user may not even list them."""
        return self._may_list("projects")

    def _may_list(self, kind: str) -> bool:
        expected = (HTTPStatus.OK, *NOT_LET)
        asked = self.session.request("GET", "identity", f"/{kind}", params={"name": "nobody"}, ok=expected)
        return asked.status == HTTPStatus.OK

    def create_project(self, name: str) -> str:
        """Create a project in the domain of the session's project, and return its id.

        Names are unique in a domain, so a lost answer is found by them. Raises ApiError when Keystone refuses.
        """
        return self._create("project", {"name": name, "domain_id": self.session.access.project_domain_id})

    def join(self, project_id: str) -> None:
        """Give the user of the session the roles that it has in its own project in another project, too."""
        for role in self.session.access.role_ids or ():
            path = f"/projects/{project_id}/users/{self.user_id}/roles/{role}"
            self.session.request("PUT", "identity", path)

    def create_user(self, name: str, *, role: str = MEMBER) -> Credentials:
        """Create a project and a user of that name, with a random password and that role in it.

        Both in the domain of the session's project. Names are unique in a domain, so a lost answer is found by them.
        Raises Unverified when there is no such role, ApiError when Keystone refuses.
        """
        domain = self._domain_of(self.project_id)
        password = secrets.token_urlsafe(24)
        self.session.learn_secret(password)
        project_id = self._create("project", {"name": name, "domain_id": domain})
        user = {"name": name, "domain_id": domain, "password": password, "default_project_id": project_id}
        user_id = self._create("user", user)
        path = f"/projects/{project_id}/users/{user_id}/roles/{self._role(role)}"
        self.session.request("PUT", "identity", path)
        return Credentials(
            username=name,
            password=password,
            project_name=name,
            domain_id=domain,
            user_id=user_id,
            project_id=project_id,
        )

    def _create(self, kind: str, body: dict[str, Any]) -> str:
        def find() -> str | None:
            wanted = {"name": body["name"], "domain_id": body["domain_id"]}
            found = self.session.get("identity", f"/{kind}s", params=wanted)[f"{kind}s"]
            return str(found[0]["id"]) if found else None

        def send() -> str:
            return str(self.session.request("POST", "identity", f"/{kind}s", json={kind: body}).body[kind]["id"])

        return self.session.exactly_once(send, find, what=f'{kind} "{body["name"]}" to show after a lost answer')

    def _domain_of(self, project_id: str) -> str:
        return str(self.session.get("identity", f"/projects/{project_id}")["project"]["domain_id"])

    def _role(self, name: str) -> str:
        found = self.session.get("identity", "/roles", params={"name": name})["roles"]
        if not found:
            target = self.session.target
            raise Unverified(
                f'cloud "{target.name}" has no role "{name}" for users without the admin role',
                f'create it, or add an entry for such a user to {target.file} and name it as "user_cloud"',
            )
        return str(found[0]["id"])
