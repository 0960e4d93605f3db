"""A provider below somebody's host, on a real Nova that keeps what it has read of Placement for minutes."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from neighbours import Bystanders, zone_of
from sites import Site
from stocktake.support import lab
from stocktake.support.api.placement.values import Provider
from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.nested_providers import NESTED_PROVIDER
from stocktake.support.ownership.mark import Mark
from stocktake.support.waiting import Hopeless

pytestmark = pytest.mark.lab

HOST, MARK = "host1", Mark.new()


class SharedHost:
    """A host of a lab on which another user works."""

    def __init__(self, site: Site):
        self.cloud = ControlledCloud(site.session)
        self._others = Bystanders(site)
        self._zone = zone_of(site, HOST)

    def keeps(self, seconds: int) -> None:
        """Let nova-compute keep for so long what it reads."""
        self.cloud.control.configure("resource_provider_association_refresh", seconds, "compute")

    def has_read(self) -> Provider:
        """Return a new provider below the host's, which nova-compute has read and keeps."""
        root = self.cloud.hypervisors.of_host(HOST)[0].id
        child = self.cloud.placement.create_provider(MARK.name("red"), parent=root)
        self.keeps(1)
        self.cloud.control.run_periodic(HOST)
        self.keeps(300)
        return child

    def serves_others(self) -> None:
        """Boot and delete a server of another user there. Raises Hopeless when it cannot be built."""
        self._others.delete(self._others.boot("neighbour", self._zone))


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedHost]:
    """A host that is ours and others'."""
    started = lab.start(hosts=1, owner=os.getpid())
    try:
        yield SharedHost(Site(started.clouds_yaml))
    finally:
        started.stop()


def test_one_that_leaves_the_tree_is_missed_by_nobody(shared):
    child = shared.has_read()
    now, details = datetime.now(UTC), {"host": HOST}
    entry = Entry(1, NESTED_PROVIDER.name, child.name, MARK.run, now, child.uuid, details)
    (leftover,) = NESTED_PROVIDER.find(shared.cloud, entry)
    leftover.remove()
    shared.serves_others()
    shared.keeps(1)
    leftover.finish()
    assert shared.cloud.placement.providers(uuid=child.uuid) == []
    shared.keeps(300)
    shared.serves_others()


def test_one_that_is_deleted_at_once_keeps_everybody_from_building(shared):
    """Why it has to leave the tree first. Should Nova no longer mind, that is needed no more."""
    child = shared.has_read()
    shared.cloud.placement.delete_provider(child.uuid)
    with pytest.raises(Hopeless, match="it is in ERROR"):
        shared.serves_others()
    shared.keeps(1)
    shared.cloud.control.run_periodic(HOST)
    shared.serves_others()
