"""A cloud is known again at whatever address it is reached, and is not taken for another one."""

from types import SimpleNamespace

import pytest
from stocktake.support.ownership.cloud_id import cloud_id, same_address


def test_cloud_is_known_by_its_placement_endpoint(session, apis):
    assert cloud_id(session) == "endpoint placement"


def test_asks_the_cloud_for_nothing_but_a_token(session, apis):
    cloud_id(session)
    assert apis.asked() == []
    assert len(apis.tokens) == 1


def test_without_a_catalog_it_is_the_address():
    region = SimpleNamespace(get_region_name=lambda _service: "here")
    session = SimpleNamespace(
        endpoint=lambda _service: "",
        target=SimpleNamespace(region=region, auth_url="https://keystone.example.org/v3"),
        keystone=SimpleNamespace(auth=object()),
    )
    assert cloud_id(session) == "https://keystone.example.org:443 here"


@pytest.mark.parametrize(
    "address",
    [
        "http://k:5000",
        "http://K:5000/",
        "http://k:5000/v3",
        "http://k:5000/v3/",
        "HTTP://k:5000/v2.0",
        " http://k:5000",
    ],
)
def test_one_address_is_written_in_several_ways(address):
    assert same_address(address) == "http://k:5000"


@pytest.mark.parametrize("address", ["http://k:5001", "https://k:5000", "http://k", "http://l:5000", "http://k:5000/x"])
def test_other_addresses_differ(address):
    assert same_address(address) != "http://k:5000"
