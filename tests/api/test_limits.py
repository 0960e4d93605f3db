"""Refusals that are limits of an environment, in the words of the services, and those that are not."""

import pytest
from hamcrest import assert_that, contains_string, has_properties
from stocktake.support.api.replies import ApiError, Limited
from stocktake.support.errors import Unverified

SERVERS = "/compute/v2.1/servers"
QUOTA = "Quota exceeded for ram: Requested 1000000000, but already used 0 of 51200 ram"


def refusal(session, apis, status, message, **more):
    """Send a request that is refused, and return the error."""
    apis.answer("POST", SERVERS, apis.say(status, {"fault": {"message": message}}, **more))
    with pytest.raises(ApiError) as error:
        session.request("POST", "compute", "/servers", json={})
    return error.value


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, QUOTA),
        (403, "Quota exceeded, too many servers in group"),
        (
            403,
            "Project 1f is over a limit for [Resource servers is over limit of 0 due to current usage 0 and delta 1]",
        ),
        (413, "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'."),
        (413, "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota."),
    ],
)
def test_quota_is_unverified(session, apis, status, message):
    limited = refusal(session, apis, status, message, headers={"Retry-After": "0"})
    assert isinstance(limited, Unverified)
    assert limited.reason == f"the compute API answered {status} to POST /servers: {message.rstrip('.')}"
    assert limited.remedy.startswith("raise the quota of the project (openstack quota set")
    assert_that(limited, has_properties(status=status, message=message, attempts=1))


def test_quota_that_the_scenario_has_set_is_a_verdict(session, apis):
    session.own_quota = True
    assert not isinstance(refusal(session, apis, 403, QUOTA), Unverified)


def test_given_project_may_be_replaced_by_one_without_quota(open_session, apis):
    limited = refusal(open_session(stocktake={"project": "given"}), apis, 403, QUOTA)
    assert_that(limited.remedy, contains_string('or set "project: own"'))


@pytest.mark.parametrize(
    "message",
    [
        "Policy doesn't allow os_compute_api:os-services:list to be performed.",
        "You are not authorized to perform the requested action: identity:create_user.",
        "no",
    ],
)
def test_policy_is_unverified(session, apis, message):
    limited = refusal(session, apis, 403, message)
    assert isinstance(limited, Limited)
    assert_that(limited.reason, contains_string(message.rstrip(".")))
    assert limited.remedy.startswith("allow it in the policy of the compute service")


@pytest.mark.parametrize("status", [405, 410, 501])
def test_operation_that_is_not_offered_is_unverified(session, apis, status):
    assert_that(refusal(session, apis, status, "not here").remedy, contains_string("enable this operation"))


@pytest.mark.parametrize(
    ("status", "message", "setting"),
    [
        (400, "Flavor's disk is too small for requested image. Flavor disk is 1 bytes", "image"),
        (400, "Unable to automatically allocate a network for project 1f", "network"),
        (409, "Multiple possible networks found, use a Network ID to be more specific.", "network"),
        (400, "Network 1f could not be found.", "network"),
    ],
)
def test_settings_that_do_not_suit_the_cloud_are_named(session, apis, status, message, setting):
    limited = refusal(session, apis, status, message)
    assert_that(limited.remedy, contains_string(f'set "{setting}:"'))


def test_reason_for_a_given_project_is_part_of_the_remedy(session, apis):
    session.why_given = "Keystone is read-only"
    assert refusal(session, apis, 403, QUOTA).remedy.endswith("no project of its own: Keystone is read-only")


def test_rate_that_stays_limited_is_unverified(session, apis):
    limited = refusal(session, apis, 429, "slow down")
    assert isinstance(limited, Limited)
    assert_that(limited.reason, contains_string("limits the rate of requests: POST /servers for 60 s"))


def test_services_that_are_limited_and_then_fail_are_to_blame(session, apis):
    apis.answer("GET", SERVERS, apis.say(429, {}), apis.say(503, {}))
    with pytest.raises(ApiError, match="did not answer") as error:
        session.get("compute", "/servers")
    assert not isinstance(error.value, Unverified)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "No valid host was found."),
        (409, "Cannot 'confirmResize' instance while it is in vm_state active"),
        (409, "Inventory for 'VCPU' in use; quota"),
        (404, "Instance could not be found."),
        (500, "Unexpected API Error: QuotaError"),
    ],
)
def test_other_refusals_are_verdicts(session, apis, status, message):
    assert not isinstance(refusal(session, apis, status, message), Unverified)


def test_ids_are_left_out_of_the_reason(session, apis):
    path = "/compute/v2.1/servers/7c1f2a52-0b9e-4c2b-9c43-0d3f5d2f7a10"
    apis.answer("GET", path, apis.say(403, {"fault": {"message": "no"}}))
    with pytest.raises(Limited) as error:
        session.get("compute", path.removeprefix("/compute/v2.1"))
    assert error.value.reason == "the compute API answered 403 to GET /servers/…: no"
