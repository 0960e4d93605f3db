"""Quotas of projects."""

from typing import Any

from stocktake.support.api.compute.client import ComputeClient

UNLIMITED = -1
SERVER_QUOTAS = ("cores", "ram", "instances")
"""The quotas that limit servers."""


class Quotas(ComputeClient):
    """The quotas of projects, for administrators."""

    def of(self, project_id: str) -> dict[str, int]:
        """Return the limits that apply to the servers of a project: cores, ram (MB), instances; -1 is none."""
        return _of_servers(self._get(f"/os-quota-sets/{project_id}"))

    def remove(self, project_id: str) -> dict[str, int]:
        """Remove the limits of a project's servers; return those that apply all the same.

        With Nova's unified limits (`[quota] driver`), limits are kept in Keystone, and Nova changes none.
        """
        body = {"quota_set": {"force": True, **dict.fromkeys(SERVER_QUOTAS, UNLIMITED)}}
        limits = _of_servers(self.session.request("PUT", "compute", f"/os-quota-sets/{project_id}", json=body).body)
        return {name: limit for name, limit in limits.items() if limit != UNLIMITED}

    def set(self, project_id: str, **limits: int) -> None:
        """Change limits of a project, for instance cores=-1, ram=-1 (MB), instances=-1."""
        body = {"quota_set": {"force": True, **limits}}
        self.session.request("PUT", "compute", f"/os-quota-sets/{project_id}", json=body)

    def reset(self, project_id: str) -> None:
        """Restore the default limits of a project."""
        self.session.request("DELETE", "compute", f"/os-quota-sets/{project_id}")


def _of_servers(body: Any) -> dict[str, int]:
    return {name: int(limit) for name, limit in body["quota_set"].items() if name in SERVER_QUOTAS}
