"""Servers, what they hold, their migrations, flavors, images and volumes: how each is found and undone."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.accelerators import AcceleratorRequest, DeviceProfile
from stocktake.support.api.compute.instance_actions import Action, Event
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_groups import ServerGroup
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.images import Image
from stocktake.support.api.replies import ApiError
from stocktake.support.api.volumes import Attachment, Volume
from stocktake.support.errors import CloudError
from stocktake.support.ownership.kinds.device_profiles import DEVICE_PROFILE
from stocktake.support.ownership.kinds.images_and_flavors import FLAVOR, IMAGE, SERVER_GROUP
from stocktake.support.ownership.kinds.kind import Leaked
from stocktake.support.ownership.kinds.servers import ALLOCATION, SERVER
from stocktake.support.ownership.kinds.volume_types import VOLUME_TYPE
from stocktake.support.ownership.kinds.volumes import VOLUME

from tests.ownership.fakes import (
    FOREIGN,
    MARK,
    NOTHING_HELD,
    SOMETHING_HELD,
    Cloud,
    Fakes,
    conflict,
    entry,
    failing,
    not_found,
    ours,
    swept,
    undone,
)

MOVE = Migration(1, "uuid-2", "resize", "finished", "a", "b", "uuid-1")


class Nova:
    """Servers that are gone once they are deleted, and what was asked of them."""

    def __init__(self, *servers, refuses=()):
        self.left = {server.id: server for server in servers}
        self.refuses = refuses
        self.patterns = []

    def find(self, server_id):
        return self.left.get(server_id)

    def all(self, name, all_projects):
        self.patterns.append((name, all_projects))
        return list(self.left.values())

    def delete_whatever_it_takes(self, server_id):
        if server_id in self.refuses:
            raise CloudError("a timeout")
        del self.left[server_id]
        return "req-1"


def test_server_is_deleted_and_all_it_held_awaited():
    nova, asked = Nova(ours()), []

    def allocations(consumer):
        asked.append(consumer)
        return NOTHING_HELD

    cloud = Cloud(servers=nova, placement=Fakes(allocations=allocations), migrations=Fakes(all=[MOVE]))
    assert swept(cloud, SERVER, MARK.name("web"), "uuid-1") == [f"delete server {MARK.name('web')} (uuid-1)"]
    assert nova.left == {}
    assert asked == ["uuid-1", "uuid-2"]


def test_server_is_gone_when_its_last_event_has_finished():
    events = [Event("compute_terminate_instance", "Success", None, "a", "2026-01-01", None)]
    running = Action("delete", "req-1", "2026-01-01", None, events)
    cloud = Cloud(servers=Nova(ours()), migrations=Fakes(all=[]), instance_actions=Fakes(find=running))
    with pytest.raises(Exception, match="compute_terminate_instance still runs"):
        swept(cloud, SERVER, MARK.name("web"), "uuid-1")


def test_a_deletion_that_nova_ignores_is_requested_again():
    nova, asked = Nova(ours()), []

    def ignore_once(server_id):
        asked.append(server_id)
        if len(asked) == 1:
            return "req-0"
        del nova.left[server_id]
        return "req-1"

    nova.delete_whatever_it_takes = ignore_once
    cloud = Cloud(
        servers=nova,
        placement=Fakes(allocations=lambda consumer: NOTHING_HELD),
        migrations=Fakes(all=[]),
        instance_actions=Fakes(find=None),
    )
    cloud.patience = lambda operation: 5.0
    swept(cloud, SERVER, MARK.name("web"), "uuid-1")
    assert asked == ["uuid-1"] * 2


def test_what_nova_does_not_free_is_freed_and_told():
    placement = Fakes(allocations=lambda consumer: SOMETHING_HELD if consumer == "uuid-2" else NOTHING_HELD)
    cloud = Cloud(servers=Nova(ours()), placement=placement, migrations=Fakes(all=[MOVE]))
    with pytest.raises(Leaked, match=rf"did not free the allocations of a migration of server {MARK.name('web')}"):
        swept(cloud, SERVER, MARK.name("web"), "uuid-1")
    assert placement.changes == [("delete_allocations", "uuid-2")]


def test_what_the_scenario_has_seen_of_a_deleted_server_is_freed_and_told():
    placement = Fakes(allocations=lambda consumer: SOMETHING_HELD if consumer == "uuid-2" else NOTHING_HELD)
    cloud = Cloud(servers=Nova(), placement=placement)
    with pytest.raises(Leaked, match=r"of migration of web \(uuid-2\); they have now been freed"):
        undone(cloud, SERVER, MARK.name("web"), "uuid-1", consumers={"uuid-2": "migration of web"})
    assert placement.changes == [("delete_allocations", "uuid-2")]


def test_what_is_left_of_a_deleted_server_is_found():
    placement = Fakes(allocations=SOMETHING_HELD)
    (leftover,) = SERVER.find(Cloud(servers=Nova(), placement=placement), entry(SERVER, MARK.name("web"), "uuid-1"))
    assert str(leftover) == f"free allocation of deleted server {MARK.name('web')} (uuid-1)"
    with pytest.raises(Leaked):
        leftover.finish()
    assert placement.changes == [("delete_allocations", "uuid-1")]


@pytest.mark.parametrize("server", FOREIGN)
@pytest.mark.parametrize("known", ["uuid-1", None])
def test_server_without_the_mark_in_name_and_metadata_is_somebody_elses(server, known):
    nova, placement = Nova(server), Fakes(allocations=SOMETHING_HELD)
    assert swept(Cloud(servers=nova, placement=placement), SERVER, MARK.name("web"), known) == []
    assert nova.left
    assert placement.changes == []


def test_what_a_server_holds_that_nova_still_knows_is_left():
    """Its name is not listed while its cell is down; asked for by id, Nova knows it."""
    nova = Nova(ours())
    nova.all = lambda **_filters: []
    placement = Fakes(allocations=SOMETHING_HELD)
    cloud = Cloud(servers=nova, placement=placement)
    assert undone(cloud, SERVER, MARK.name("web"), consumers={"uuid-1": "server web"}) == []
    assert placement.changes == []


def test_servers_made_in_one_request_are_found_by_the_beginning_of_their_names():
    nova = Nova(*(ours(f"web{end}", id=f"uuid{end}") for end in ("-1", "-2", "-10", "site", "-1x")))
    cloud = Cloud(servers=nova, migrations=Fakes(all=[]), placement=Fakes(allocations=NOTHING_HELD))
    assert len(undone(cloud, SERVER, MARK.name("web"))) == 3
    assert nova.patterns == [(f"^{MARK.name('web')}".replace("-", r"\-"), True)]
    assert list(nova.left) == ["uuidsite", "uuid-1x"]


def test_soft_deleted_server_of_one_request_is_deleted_though_nova_does_not_list_it():
    kept, hidden = ours("web-1", id="uuid-1"), ours("web-2", id="uuid-2", status="SOFT_DELETED")
    nova = Nova(kept, hidden)
    nova.all = lambda name, all_projects: [server for server in nova.left.values() if server is kept]
    cloud = Cloud(servers=nova, placement=Fakes(allocations=NOTHING_HELD), migrations=Fakes(all=[]))
    consumers = {"uuid-1": "server web-1", "uuid-2": "server web-2", "uuid-3": "a migration of server web-1"}
    assert len(undone(cloud, SERVER, MARK.name("web"), consumers=consumers)) == 2
    assert nova.left == {}


def test_server_whose_answer_was_lost_is_looked_for_in_all_projects():
    """It may be a user's: the administrator's own project does not show it."""
    nova = Nova(ours())
    cloud = Cloud(servers=nova, migrations=Fakes(all=[]), placement=Fakes(allocations=NOTHING_HELD))
    undone(cloud, SERVER, MARK.name("web"))
    assert nova.patterns[0][1]
    assert nova.left == {}


@pytest.mark.parametrize("abort", [None, failing(404), failing(400), conflict])
def test_migration_that_ends_meanwhile_does_not_leave_the_server(abort):
    class Migrating(Nova):
        """A live migration that has ended when it is looked for again, whatever became of aborting it."""

        def __init__(self):
            super().__init__(ours(status="MIGRATING"))
            self.found = 0

        def find(self, server_id):
            self.found += 1
            return ours() if self.found > 1 and server_id in self.left else super().find(server_id)

    nova, migrations = Migrating(), Fakes(all=[], live=[MOVE], abort=abort)
    cloud = Cloud(servers=nova, migrations=migrations, placement=Fakes(allocations=NOTHING_HELD))
    undone(cloud, SERVER, MARK.name("web"), "uuid-1")
    assert nova.left == {}
    assert migrations.changes == ([] if abort else [("abort", "uuid-1", 1)])


def test_server_that_stays_migrating_is_not_awaited():
    ended = replace(MOVE, type="live-migration", status="completed")
    nova = Nova(ours(status="MIGRATING"))
    cloud = Cloud(servers=nova, migrations=Fakes(all=[ended], live=[]), placement=Fakes(allocations=NOTHING_HELD))
    undone(cloud, SERVER, MARK.name("web"), "uuid-1")
    assert nova.left == {}


def test_migration_that_cannot_be_aborted_for_an_outage_is_told():
    cloud = Cloud(servers=Nova(ours(status="MIGRATING")), migrations=Fakes(all=[], live=[MOVE], abort=failing(503)))
    with pytest.raises(ApiError):
        undone(cloud, SERVER, MARK.name("web"), "uuid-1")


def test_allocation_of_a_consumer_that_is_somebodys_server_is_left():
    placement = Fakes(allocations=SOMETHING_HELD)
    theirs = Cloud(servers=Nova(Server("uuid-9", "web", "ACTIVE")), placement=placement)
    assert swept(theirs, ALLOCATION, "uuid-9") == []
    assert swept(Cloud(servers=Nova(), placement=placement), ALLOCATION, "uuid-9")
    assert placement.changes == [("delete_allocations", "uuid-9")]


def test_scenario_frees_its_own_consumers_without_a_look():
    cloud = Cloud()
    undone(cloud, ALLOCATION, "neighbour", "uuid-9")
    assert cloud.placement.changes == [("delete_allocations", "uuid-9")]
    assert cloud.servers.changes == []


# --- flavors, images, volumes


def test_flavor_is_known_by_its_name():
    def flavor(name):
        return Flavor(name, 1, 64, 1, 0, 0, {}, "id-1")

    cloud = Cloud(flavors=Fakes(get=flavor(MARK.name("small"))))
    assert swept(cloud, FLAVOR, MARK.name("small"), "id-1")
    assert cloud.flavors.changes == [("delete", "id-1")]
    theirs = Cloud(flavors=Fakes(get=flavor("m1.small"), named=flavor("m1.small")))
    assert swept(theirs, FLAVOR, MARK.name("small"), "id-1") == []
    assert swept(theirs, FLAVOR, MARK.name("small")) == []
    assert swept(Cloud(flavors=Fakes(get=not_found)), FLAVOR, MARK.name("small"), "id-1") == []


def test_scenario_deletes_its_own_flavor_without_a_look():
    cloud = Cloud(flavors=Fakes(get=not_found))
    undone(cloud, FLAVOR, MARK.name("small"), "id-1")
    assert cloud.flavors.changes == [("delete", "id-1")]


def test_images_of_another_name_are_left():
    images = Fakes(all=[Image("i-1", MARK.name("im"), "active"), Image("i-2", "ubuntu", "active")])
    assert swept(Cloud(images=images), IMAGE, MARK.name("im")) == [f"delete image {MARK.name('im')} (i-1)"]
    assert images.changes == [("delete", "i-1")]


def test_image_that_is_gone_already_is_undone():
    assert undone(Cloud(images=Fakes(delete=not_found)), IMAGE, MARK.name("im"), "i-1")


def test_clouds_without_block_storage_have_no_volumes():
    assert swept(Cloud(volumes=SimpleNamespace(offered=False)), VOLUME, MARK.name("root")) == []


def volumes_of(*statuses, attachments=()):
    readings = iter([Volume("v-1", MARK.name("data"), status, 1, False) for status in statuses])
    return Fakes(offered=True, get=lambda _id: next(readings), attachments=list(attachments))


def test_a_volume_is_detached_from_the_server_that_has_it():
    volumes = volumes_of("in-use", "available", attachments=[Attachment("a-1", "attached", "s-1")])
    cloud = Cloud(volumes=volumes, server_volumes=Fakes(), servers=Fakes(find=object()))
    undone(cloud, VOLUME, MARK.name("data"), "v-1")
    assert cloud.server_volumes.changes == [("detach", "s-1", "v-1")]
    assert volumes.changes == [("delete", "v-1")]


def test_a_volume_that_is_being_moved_is_let_go_afterwards():
    """Cinder refuses to detach a volume while it is retyped."""
    seen, readings = [], iter(["retyping", "in-use", "available"])

    def get(_id):
        seen.append(next(readings))
        return Volume("v-1", MARK.name("data"), seen[-1], 1, False)

    volumes = Fakes(offered=True, get=get, attachments=[Attachment("a-1", "attached", "s-1")])
    detach = Fakes(detach=lambda *_ids: seen.append("detach"))
    cloud = Cloud(volumes=volumes, server_volumes=detach, servers=Fakes(find=object()))
    cloud.patience = lambda operation: 5.0 if operation == "boot" else 0.0
    undone(cloud, VOLUME, MARK.name("data"), "v-1")
    assert seen == ["retyping", "in-use", "detach", "available"]
    assert volumes.changes == [("delete", "v-1")]


def test_a_volume_type_is_deleted_once_no_volume_has_it():
    """Cinder answers to the deletion of a volume before that has ended."""
    refusals, deleted = [400, 400], []

    def delete(type_id):
        if refusals:
            failing(refusals.pop())()
        deleted.append(type_id)

    cloud = Cloud(volume_types=Fakes(delete=delete))
    cloud.patience = lambda _operation: 5.0
    undone(cloud, VOLUME_TYPE, MARK.name("fast"), "t-1")
    assert deleted == ["t-1"]


def test_a_volume_type_that_stays_in_use_is_left_with_the_refusal_of_cinder():
    with pytest.raises(ApiError, match="no"):
        undone(Cloud(volume_types=Fakes(delete=failing(400))), VOLUME_TYPE, MARK.name("fast"), "t-1")


def test_volume_types_of_another_name_are_left():
    types = Fakes(all={"fast": "t-1", MARK.name("fast"): "t-2"}, offered=True)
    assert swept(Cloud(volume_types=types), VOLUME_TYPE, MARK.name("fast")) == [
        f"delete volume type {MARK.name('fast')} (t-2)"
    ]
    assert types.changes == [("delete", "t-2")]
    assert swept(Cloud(volume_types=SimpleNamespace(offered=False)), VOLUME_TYPE, MARK.name("fast")) == []


def test_a_volume_that_is_never_let_go_is_deleted_and_reported():
    cloud = Cloud(volumes=volumes_of(*["detaching"] * 100))
    with pytest.raises(Leaked, match="it was left detaching; it has now been deleted"):
        undone(cloud, VOLUME, MARK.name("data"), "v-1")
    assert cloud.volumes.changes == [("reset", "v-1"), ("force_delete", "v-1")]


def test_device_profiles_of_another_name_are_left():
    profiles = [DeviceProfile("p-1", MARK.name("card"), Resources()), DeviceProfile("p-2", "gold", Resources())]
    accelerators = Fakes(offered=True, profiles=profiles, requests=[AcceleratorRequest("r-1", "Bound", "gold")])
    assert swept(Cloud(accelerators=accelerators), DEVICE_PROFILE, MARK.name("card"))
    assert accelerators.changes == [("delete_profile", "p-1")]
    assert swept(Cloud(accelerators=SimpleNamespace(offered=False)), DEVICE_PROFILE, MARK.name("card")) == []


def test_a_device_profile_stays_while_requests_of_it_are_left():
    accelerators = Fakes(requests=[AcceleratorRequest("r-1", "Bound", MARK.name("card"))])
    with pytest.raises(CloudError, match="Nova has left accelerator requests of it: r-1"):
        undone(Cloud(accelerators=accelerators), DEVICE_PROFILE, MARK.name("card"), "p-1")
    assert accelerators.changes == []


def test_server_groups_of_another_name_are_left():
    groups = Fakes(all=[ServerGroup("g-1", MARK.name("apart")), ServerGroup("g-2", MARK.name("together"))])
    assert swept(Cloud(server_groups=groups), SERVER_GROUP, MARK.name("apart"))
    assert groups.changes == [("delete", "g-1")]


def test_marked_server_groups_are_listed():
    groups = Fakes(all=[ServerGroup("g-1", MARK.name("apart")), ServerGroup("g-2", "somebody-elses")])
    assert [one.id for one in SERVER_GROUP.list_marked(Cloud(server_groups=groups))] == ["g-1"]
