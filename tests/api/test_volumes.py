"""The Volumes client."""

import pytest
from hamcrest import assert_that, has_length, has_properties
from stocktake.support.api.replies import ApiError
from stocktake.support.api.volumes import Attachment, Volume, Volumes

VOLUMES = "/volume/v3/a-project/volumes"
BODY = {"id": "v-1", "name": "root", "status": "creating", "size": 1, "bootable": "false"}


@pytest.fixture
def volumes(session):
    return Volumes(session)


def test_knows_whether_there_are_any(volumes, apis, open_session):
    assert volumes.offered
    del apis.catalog["volumev3"]
    assert not Volumes(open_session()).offered


def test_creates_a_bootable_one(volumes, apis):
    apis.answer("POST", VOLUMES, apis.say(202, {"volume": BODY}))
    made = volumes.create("root", 1, image_id="i", volume_type="fast", metadata={"a": "b"})
    assert_that(made, has_properties(id="v-1", status="creating", bootable=False))
    wanted = {"name": "root", "size": 1, "imageRef": "i", "volume_type": "fast", "metadata": {"a": "b"}}
    assert apis.asked("POST .*")[0].body == {"volume": wanted}


def test_creates_it_once(volumes, apis):
    apis.answer("POST", VOLUMES, apis.say(504))
    named = f"{VOLUMES}/detail?name=root&limit=1000"
    apis.answer("GET", named, apis.say(200, {"volumes": []}), apis.say(200, {"volumes": [BODY]}))
    assert volumes.create("root", 1).id == "v-1"
    assert_that(apis.asked("POST .*"), has_length(1))


def test_reads_all_pages(volumes, apis):
    first = {"volumes": [{**BODY, "id": "v-1"}], "volumes_links": [{"rel": "next", "href": "…"}]}
    apis.answer("GET", f"{VOLUMES}/detail?limit=1000", apis.say(200, first))
    apis.answer("GET", f"{VOLUMES}/detail?limit=1000&marker=v-1", apis.say(200, {"volumes": [{**BODY, "id": "v-2"}]}))
    assert [volume.id for volume in volumes.all()] == ["v-1", "v-2"]


def test_finds_and_deletes(volumes, apis):
    apis.answer("GET", f"{VOLUMES}/v-1", apis.say(200, {"volume": {**BODY, "status": "available", "bootable": "true"}}))
    assert volumes.get("v-1").bootable
    with pytest.raises(ApiError):
        volumes.get("v-2")
    apis.answer("GET", f"{VOLUMES}/v-3", apis.say(403, {"forbidden": {"message": "no"}}))
    with pytest.raises(ApiError, match="403"):
        volumes.get("v-3")
    apis.answer("DELETE", f"{VOLUMES}/v-1", apis.say(202))
    volumes.delete("v-1")


def test_reads_attachments_with_the_hosts_of_the_volume(volumes, apis):
    volume = Volume.from_json({**BODY, "attachments": [{"attachment_id": "a-1", "host_name": "host1"}]})
    apis.answer("GET", "/volume/v3/", apis.say(200, {"version": {"min_version": "3.0", "version": "3.71"}}))
    listed = [
        {"id": "a-1", "status": "attached", "instance": "s-1", "volume_id": "v-1"},
        {"id": "a-2", "status": "reserved", "instance": "s-2", "volume_id": "v-1"},
    ]
    apis.answer(
        "GET", f"/volume/v3/a-project/attachments?volume_id={volume.id}", apis.say(200, {"attachments": listed})
    )
    assert volumes.attachments(volume) == [
        Attachment("a-1", "attached", "s-1", "host1"),
        Attachment("a-2", "reserved", "s-2", None),
    ]


def test_reads_what_all_projects_have_page_by_page(volumes, apis):
    apis.answer("GET", "/volume/v3/", apis.say(200, {"version": {"min_version": "3.0", "version": "3.71"}}))
    every = "limit=1000&all_tenants=true"
    dated = {**BODY, "created_at": "2026-11-30T01:00:00.000000"}
    later = {**dated, "id": "v-2", "updated_at": "2026-11-30T02:00:00.000000"}
    first = {"volumes": [dated], "volumes_links": [{"rel": "next", "href": "…"}]}
    apis.answer("GET", f"{VOLUMES}/detail?{every}", apis.say(200, first))
    apis.answer("GET", f"{VOLUMES}/detail?{every}&marker=v-1", apis.say(200, {"volumes": [later]}))
    read = [(volume.id, volume.changed and volume.changed.hour) for volume in volumes.of_every_project()]
    assert read == [("v-1", 1), ("v-2", 2)]
    path = "/volume/v3/a-project/attachments"
    attachments = [{"id": name, "status": "attached", "instance": None, "volume_id": "v-1"} for name in ("a-1", "a-2")]
    apis.answer("GET", f"{path}?{every}", apis.say(200, {"attachments": attachments[:1]}))
    apis.answer("GET", f"{path}?{every}&marker=a-1", apis.say(200, {"attachments": attachments[1:]}))
    apis.answer("GET", f"{path}?{every}&marker=a-2", apis.say(200, {"attachments": []}))
    assert [(one.id, one.volume) for one in volumes.every_attachment()] == [("a-1", "v-1"), ("a-2", "v-1")]
    apis.answer("GET", f"{path}?{every}&volume_id=v-1", apis.say(200, {"attachments": attachments}))
    assert len(list(volumes.every_attachment("v-1"))) == 2


def test_a_lost_answer_to_an_extension_is_looked_for(volumes, apis):
    apis.answer("GET", "/volume/v3/", apis.say(200, {"version": {"min_version": "3.0", "version": "3.71"}}))
    apis.answer("POST", f"{VOLUMES}/v-1/action", apis.say(504))
    apis.answer("GET", f"{VOLUMES}/v-1", apis.say(200, {"volume": {**BODY, "size": 3}}))
    volumes.extend("v-1", 3)
    assert_that(apis.asked("POST .*"), has_length(1))


def test_retypes_a_volume_wherever_that_takes_it(volumes, apis):
    apis.answer("GET", f"{VOLUMES}/v-1", apis.say(200, {"volume": {**BODY, "volume_type": "slow"}}))
    apis.answer("POST", f"{VOLUMES}/v-1/action", apis.say(202))
    volumes.retype("v-1", "t-1")
    wanted = {"os-retype": {"new_type": "t-1", "migration_policy": "on-demand"}}
    assert apis.asked("POST .*")[0].body == wanted


@pytest.mark.parametrize("after", [{"status": "retyping"}, {"volume_type": "fast"}], ids=str)
def test_a_lost_answer_to_a_retype_is_looked_for(volumes, apis, after):
    body = {**BODY, "volume_type": "slow"}
    apis.answer("POST", f"{VOLUMES}/v-1/action", apis.say(504))
    apis.answer("GET", f"{VOLUMES}/v-1", apis.say(200, {"volume": body}), apis.say(200, {"volume": body | after}))
    volumes.retype("v-1", "t-1")
    assert_that(apis.asked("POST .*"), has_length(1))


@pytest.mark.parametrize(
    ("shown", "moving"),
    [("migrating", True), ("target:v-0", True), ("success", False), ("error", False), (None, False)],
)
def test_tells_which_volumes_are_moved(shown, moving):
    assert Volume.from_json({**BODY, "os-vol-mig-status-attr:migstat": shown}).moving == moving
