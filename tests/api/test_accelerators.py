"""The Accelerators client."""

import pytest
from hamcrest import assert_that, has_length
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.accelerators import AcceleratorRequest, Accelerators

PROFILES = "/accelerator/v2/device_profiles"
GROUPS = [{"resources:FPGA": "1"}, {"resources:FPGA": "2", "trait:CUSTOM_FAST": "required"}]
CARD = {"uuid": "p-1", "name": "card", "groups": GROUPS}


@pytest.fixture
def accelerators(session, apis):
    apis.catalog["accelerator"] = "/accelerator"
    return Accelerators(session)


def test_knows_whether_there_are_any(session, apis):
    assert not Accelerators(session).offered
    apis.catalog["accelerator"] = "/accelerator"
    assert Accelerators(session.another()).offered


def test_creates_a_device_profile_once(accelerators, apis):
    apis.answer("POST", PROFILES, apis.say(504))
    apis.answer("GET", PROFILES, apis.say(200, {"device_profiles": [CARD]}))
    made = accelerators.create_profile("card", [{"resources:FPGA": "1"}])
    assert (made.id, made.resources) == ("p-1", Resources(FPGA=3))
    assert_that(apis.asked("POST .*"), has_length(1))


def test_reads_requests_bound_and_unbound(accelerators, apis):
    bound = {"device_profile_name": "card", "instance_uuid": "s-1", "hostname": "host1"}
    unbound = {"device_profile_name": "card", "instance_uuid": None, "hostname": None}
    listed = [{"uuid": "r-1", "state": "Bound", **bound}, {"uuid": "r-2", "state": "Initial", **unbound}]
    apis.answer("GET", "/accelerator/v2/accelerator_requests", apis.say(200, {"arqs": listed}))
    assert accelerators.requests() == [
        AcceleratorRequest("r-1", "Bound", "card", "s-1", "host1"),
        AcceleratorRequest("r-2", "Initial", "card"),
    ]
