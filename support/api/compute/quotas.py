"""Quotas of projects."""

from stocktake.support.api.compute.client import ComputeClient


class Quotas(ComputeClient):
    """The quotas of projects, for administrators."""

    def set(self, project_id: str, **limits: int) -> None:
        """Change limits of a project, for instance cores=-1, ram=-1 (MB), instances=-1."""
        body = {"quota_set": {"force": True, **limits}}
        self.session.request("PUT", "compute", f"/os-quota-sets/{project_id}", json=body)

    def reset(self, project_id: str) -> None:
        """Restore the default limits of a project."""
        self.session.request("DELETE", "compute", f"/os-quota-sets/{project_id}")
