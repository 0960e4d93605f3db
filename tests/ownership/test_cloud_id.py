"""A cloud is known again at whatever address it is reached, and is not taken for another one."""

import pytest
from stocktake.support.ownership.cloud_id import cloud_id, same_address


def test_cloud_is_known_by_its_placement_service(session):
    assert cloud_id(session) == "id-of-placement here"


def test_asks_the_cloud_for_nothing_but_a_token(session, apis):
    cloud_id(session)
    assert apis.asked() == []
    assert len(apis.tokens) == 1


def test_without_an_id_in_the_catalog_it_is_the_address(session, apis):
    apis.service_ids.clear()
    assert cloud_id(session) == f"{apis.url}/identity here"


def test_without_placement_in_the_catalog_it_is_the_address(session, apis):
    del apis.catalog["placement"]
    assert cloud_id(session) == f"{apis.url}/identity here"


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
