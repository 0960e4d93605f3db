"""The VolumeTypes client."""

import pytest
from hamcrest import assert_that, has_length
from stocktake.support.api.replies import ApiError
from stocktake.support.api.volume_types import VolumeTypes

TYPES = "/volume/v3/a-project/types"


@pytest.fixture
def types(session):
    return VolumeTypes(session)


def test_knows_whether_there_are_any(types, apis, open_session):
    assert types.offered
    del apis.catalog["volumev3"]
    assert not VolumeTypes(open_session()).offered


def test_reads_all_pages_private_ones_included(types, apis):
    links = [{"rel": "next", "href": "…"}]
    first = {"volume_types": [{"id": "t-1", "name": "fast"}], "volume_type_links": links}
    apis.answer("GET", f"{TYPES}?is_public=None", apis.say(200, first))
    last = {"volume_types": [{"id": "t-2", "name": "slow"}]}
    apis.answer("GET", f"{TYPES}?is_public=None&marker=t-1", apis.say(200, last))
    assert types.all() == {"fast": "t-1", "slow": "t-2"}


def test_creates_one_that_nobody_else_sees(types, apis):
    apis.answer("POST", TYPES, apis.say(200, {"volume_type": {"id": "t-1", "name": "fast"}}))
    assert types.create("fast", {"volume_backend_name": "ceph-2"}) == "t-1"
    wanted = {
        "name": "fast",
        "extra_specs": {"volume_backend_name": "ceph-2"},
        "os-volume-type-access:is_public": False,
    }
    assert apis.asked("POST .*")[0].body == {"volume_type": wanted}


def test_creates_it_once(types, apis):
    apis.answer("POST", TYPES, apis.say(504))
    named = {"volume_types": [{"id": "t-1", "name": "fast"}]}
    apis.answer("GET", f"{TYPES}?is_public=None", apis.say(200, {"volume_types": []}), apis.say(200, named))
    assert types.create("fast", {}) == "t-1"
    assert_that(apis.asked("POST .*"), has_length(1))


@pytest.mark.parametrize("status", [202, 409])
def test_grants_it_to_a_project(types, apis, status):
    apis.answer("POST", f"{TYPES}/t-1/action", apis.say(status))
    types.grant("t-1", "p-1")
    assert apis.asked("POST .*")[0].body == {"addProjectAccess": {"project": "p-1"}}


def test_deletes_one(types, apis):
    apis.answer("DELETE", f"{TYPES}/t-1", apis.say(202))
    types.delete("t-1")
    apis.answer("DELETE", f"{TYPES}/t-1", apis.say(400, {"badRequest": {"message": "Target volume type is in use"}}))
    with pytest.raises(ApiError, match="in use"):
        types.delete("t-1")


def test_another_back_end_must_be_named(types):
    assert types.why_no_other_backend()[0].startswith("it is not known whether Cinder has another back end")
    object.__setattr__(types.session.target.settings, "volume_backend", "ceph-2")
    assert types.why_no_other_backend() is None
