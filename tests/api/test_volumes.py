"""The Volumes client."""

import pytest
from hamcrest import assert_that, has_length, has_properties
from stocktake.support.api.replies import ApiError
from stocktake.support.api.volumes import Volumes

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
