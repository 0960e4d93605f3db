"""Keystone over HTTP: the current user, and users without the admin role for scenarios."""

import secrets
from http import HTTPStatus
from typing import Any

from stocktake.support.api.credentials import Credentials
from stocktake.support.api.session import Session
from stocktake.support.errors import CloudError

MEMBER = "member"


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
        expected = (HTTPStatus.OK, HTTPStatus.FORBIDDEN)
        asked = self.session.request("GET", "identity", "/users", params={"name": "nobody"}, ok=expected)
        return asked.status != HTTPStatus.FORBIDDEN

    def create_user(self, name: str, *, role: str = MEMBER) -> Credentials:
        """Create a project and a user of that name, with a random password and that role in it.

        Both in the domain of the session's project. Names are unique in a domain, so a lost answer is found by them.
        Raises CloudError when there is no such role, ApiError when Keystone refuses.
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
            raise CloudError(f'cloud "{self.session.target.name}" has no role "{name}"')
        return str(found[0]["id"])
