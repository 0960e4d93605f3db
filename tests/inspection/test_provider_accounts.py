"""The accounts of providers, read from the real Placement, with as few requests as tell everything."""

import re
from collections import Counter

import pytest
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.inspection import provider_accounts
from stocktake.support.inspection.provider_accounts import read_provider_accounts
from stocktake.support.inspection.readers import Readers

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


@pytest.fixture
def clients(accounts, session, apis, placement_address):
    apis.catalog["placement"] = placement_address
    apis.token = "admin"
    return Clients(session)


@pytest.fixture
def hosts(accounts):
    """Four providers: used in part, used up, with a child, and with nothing at all."""
    placement = accounts.placement
    some, full, parent = (accounts.host(name).provider for name in ("some", "full", "parent"))
    accounts.hold(some, VCPU=1, MEMORY_MB=512)
    accounts.hold(full, MEMORY_MB=8192)
    child = placement.create_provider(f"{parent}_child", parent=parent).uuid
    placement.set_inventories(child, {"VGPU": Inventory(4)})
    accounts.hold(child, VGPU=2)
    empty = placement.create_provider(f"{parent}_empty").uuid
    return {"some": some, "full": full, "parent": parent, "child": child, "empty": empty}


def read(clients, hosts, monkeypatch, *, few):
    """Read these providers; return the accounts, and how often each kind of request was sent for them."""
    monkeypatch.setattr(provider_accounts, "FEW", few)
    providers = [clients.placement.provider(uuid) for uuid in hosts.values()]
    clients.session.exchanges.clear()
    found = read_provider_accounts(Readers(clients), providers, lambda *_: None)
    asked = Counter(re.sub(r"/resource_providers/[^/]*|\?.*", "", one.path) for one in clients.session.exchanges)
    return found, asked


@pytest.mark.parametrize("few", [0, 50], ids=["usages at once", "usages of each"])
def test_they_are_the_same_however_they_are_read(clients, hosts, monkeypatch, few):
    found, _ = read(clients, hosts, monkeypatch, few=few)
    assert {name: found.usages[uuid] for name, uuid in hosts.items()} == {
        "some": Resources(VCPU=1, MEMORY_MB=512),
        "full": Resources(MEMORY_MB=8192),
        "parent": Resources(),
        "child": Resources(VGPU=2),
        "empty": Resources(),
    }
    assert {provider: held for (_, provider), held in found.rows.items()} == {
        hosts["some"]: Resources(VCPU=1, MEMORY_MB=512),
        hosts["full"]: Resources(MEMORY_MB=8192),
        hosts["child"]: Resources(VGPU=2),
    }
    assert found.inventories[hosts["child"]]["VGPU"].total == 4
    assert set(found.inventories[hosts["some"]]) == {"VCPU", "MEMORY_MB", "DISK_GB"}


def test_usages_of_many_are_asked_for_at_once_and_of_those_that_are_full_one_by_one(clients, hosts, monkeypatch):
    _, asked = read(clients, hosts, monkeypatch, few=4)
    assert asked == {"/inventories": 5, "/allocations": 5, "/usages": 1, "/allocation_candidates": 1}
    _, asked = read(clients, hosts, monkeypatch, few=5)
    assert asked == {"/inventories": 5, "/allocations": 5, "/usages": 4}


def test_usages_are_asked_for_one_by_one_where_placement_is_too_old(clients, hosts, monkeypatch):
    monkeypatch.setattr(clients.session, "offers", lambda service, version: False)
    _, asked = read(clients, hosts, monkeypatch, few=0)
    assert asked == {"/inventories": 5, "/allocations": 5, "/usages": 4}


def test_usages_are_asked_for_one_by_one_where_that_is_refused(clients, hosts, monkeypatch):
    monkeypatch.setattr(provider_accounts, "ONE_UNIT", Resources(NO_SUCH_CLASS=1))
    found, asked = read(clients, hosts, monkeypatch, few=0)
    assert asked == {"/inventories": 5, "/allocations": 5, "/usages": 4, "/allocation_candidates": 1}
    assert found.usages[hosts["some"]] == Resources(VCPU=1, MEMORY_MB=512)


def test_provider_that_is_gone_is_left_out(clients, hosts, monkeypatch):
    monkeypatch.setattr(clients.placement, "provider", lambda uuid: Provider(uuid, uuid, 1))
    found, _ = read(clients, {**hosts, "gone": "00000000-0000-4000-8000-000000000000"}, monkeypatch, few=50)
    assert set(found.usages) == set(found.inventories) == set(hosts.values())
