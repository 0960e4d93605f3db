"""The project in which a run creates its servers, images and volumes: one of its own, if the cloud lets it have one.

A project of its own has no quotas, and nothing of others. It is created before the first scenario of a process and
deleted when the process ends. Where that is not possible, the run works in the project of clouds.yaml.
"""

from collections.abc import Callable
from contextlib import suppress

from stocktake.support.api.images import Image
from stocktake.support.api.replies import REFUSALS, ApiError, none_if_missing
from stocktake.support.config.own_project import why_not_own
from stocktake.support.errors import CloudError
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.hosts.isolation import why_isolated
from stocktake.support.ownership.journal import Journal
from stocktake.support.ownership.kinds.identities import PROJECT
from stocktake.support.ownership.kinds.images_and_flavors import IMAGE
from stocktake.support.ownership.kinds.networks import NETWORK, PORT, QOS_POLICY
from stocktake.support.ownership.kinds.servers import SERVER
from stocktake.support.ownership.kinds.volumes import VOLUME
from stocktake.support.ownership.undo import Undoing

IN_PROJECTS = frozenset({SERVER.name, VOLUME.name, IMAGE.name, NETWORK.name, PORT.name, QOS_POLICY.name})
"""Kinds of things that belong to a project, and must not outlive it."""


class OwnProject:
    """The project of one process."""

    def __init__(self, cloud: ControlledCloud, journal: Journal, image: Callable[[], Image]):
        """`image` returns the image that servers are booted from, which must be visible in the project."""
        self._cloud = cloud
        self._journal = journal
        self._image = image
        self._undoing = Undoing(journal, cloud)
        self._entered = False

    @property
    def why_given(self) -> str | None:
        """Why it is the project of clouds.yaml, once it has been entered; None if it is the run's own."""
        return self._cloud.session.why_given

    def enter(self) -> None:
        """Work in a project of the run's own from now on, if that is possible; only the first call does anything.

        Raises CloudError when the cloud does not respond.
        """
        if self._entered:
            return
        self._entered = True
        cloud = self._cloud
        try:
            cloud.session.why_given = why_not_own(cloud.target) or why_isolated(cloud) or self._create()
        except ApiError as refusal:
            if refusal.status is None:
                raise
            cloud.session.why_given = f"the {refusal.service} API answers {refusal.status}: {refusal.message}"
        finally:
            if self.why_given is not None:
                self._delete()

    def leave(self) -> None:
        """Delete the project and work in that of clouds.yaml again, unless something is left in it for a sweep.

        Raises CloudError if it cannot be deleted.
        """
        if self._entered and not any(entry.kind in IN_PROJECTS for entry in self._journal.entries):
            problems = self._delete()
            if problems:
                raise CloudError("the run's own project could not be deleted:\n" + "\n".join(problems))

    def _create(self) -> str | None:
        """Create the project, remove its quotas and change to it; return why it cannot be used, None if it can."""
        cloud, image = self._cloud, self._image()
        project_id = self._create_empty(self._journal.mark.name("project"))
        cloud.identity.join(project_id)
        limited = cloud.quotas.remove(project_id)
        if limited:
            kept = ", ".join(f"{name} {limit}" for name, limit in limited.items())
            return f"Nova does not remove the quotas of a new project ({kept})"
        if cloud.volumes.offered:
            with suppress(ApiError):  # the default quota is enough for most scenarios
                cloud.volumes.remove_quotas(project_id)
        cloud.session.work_in(project_id)
        cloud.session.log_in()
        if image.visibility != "public" and none_if_missing(lambda: cloud.images.get(image.id)) is None:
            return f'image "{image.name}" is visible only in the project of clouds.yaml'
        return None

    def _create_empty(self, name: str) -> str:
        """Create a project and return its id; what is refused need not be undone."""
        with self._undoing.after(PROJECT, name) as entry:
            try:
                project_id = self._cloud.identity.create_project(name)
            except ApiError as refusal:
                if refusal.status in REFUSALS:
                    self._undoing.undone(entry)
                raise
        self._undoing.identify(entry, project_id)
        return project_id

    def _delete(self) -> list[str]:
        self._cloud.session.work_in(None)
        return self._undoing.undo_all()
