"""Providers of a scenario: those in the tree of a host are never missed by its nova-compute."""

import pytest
from stocktake.support.api.placement.values import Inventory
from stocktake.support.errors import CloudError, FeatureError, Unverified
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.ownership.kinds.nested_providers import DETACHED_PROVIDER, NESTED_PROVIDER
from stocktake.support.scenario.operations.hosts import guard
from stocktake.support.scenario.operations.placement import providers

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own


class Lab(HttpControl):
    """The control of a lab with one host, which notes what nova-compute finds when it reads its tree again."""

    def __init__(self, context, *, state="up", kept=1):
        super().__init__("http://127.0.0.1:1", "t")
        self.context, self.state, self.kept = context, state, kept
        self.found = []

    def hosts(self):
        return [{"host": self.context.roles.host("alpha").service, "state": self.state}]

    def option(self, option, group="DEFAULT"):
        return {"resource_provider_association_refresh": self.kept}[option]

    def run_periodic(self, host):
        self.found.append(len(in_tree(self.context)))


def in_tree(context):
    return context.cloud.placement.tree(context.roles.host("alpha").provider)


def exists(context, uuid):
    return bool(context.cloud.placement.providers(uuid=uuid))


@pytest.fixture
def books(real_books, monkeypatch):
    """A scenario whose hosts may be disrupted, on a cloud whose operator has configured no control."""
    monkeypatch.setattr(guard, "check_disruption", lambda *_args: None)
    control = CommandControl({}, cloud="double", periodic_interval=60.0)
    monkeypatch.setitem(real_books.cloud.__dict__, "control", control)
    return real_books


@pytest.fixture
def nested(books):
    """The uuid of a provider below host "alpha"."""
    providers.create_below_host(books, "red", "alpha", {})
    return books.owned.providers["red"]


def test_provider_leaves_the_tree_and_is_deleted_when_nova_has_surely_read_it(books, nested, passing_time):
    books.cloud.undo_deferred()
    assert exists(books, nested), "it is not the end of the scenario"
    began = passing_time.now()
    assert books.undoing.undo_all() == []
    assert len(in_tree(books)) == 1
    assert exists(books, nested), "nova-compute may look for it"
    assert passing_time.now() - began < 1
    assert [entry.kind for entry in books.cloud.journal.entries] == [DETACHED_PROVIDER.name]
    books.cloud.undo_deferred()
    assert not exists(books, nested)
    assert passing_time.now() - began == pytest.approx(300 + 120, abs=5)
    assert books.cloud.journal.entries == []


@pytest.mark.parametrize(("state", "found"), [("up", [1]), ("stopped", [])])
def test_a_lab_reads_the_tree_before_the_provider_is_deleted(books, monkeypatch, state, found):
    """A host that is stopped reads it when it returns."""
    monkeypatch.setitem(books.cloud.__dict__, "control", Lab(books, state=state))
    providers.create_below_host(books, "red", "alpha", {})
    assert books.undoing.undo_all() == []
    assert books.cloud.control.found == found
    assert not exists(books, books.owned.providers["red"])
    assert books.cloud.journal.entries == []


def test_a_lab_like_a_cloud_that_keeps_what_it_has_read_is_no_different(books, monkeypatch):
    monkeypatch.setitem(books.cloud.__dict__, "control", Lab(books, kept=300))
    providers.create_below_host(books, "red", "alpha", {})
    assert books.undoing.undo_all() == []
    assert books.cloud.control.found == []
    assert exists(books, books.owned.providers["red"])


def test_what_is_below_a_nested_provider_leaves_the_tree_too(books, nested):
    providers.create(books, "bright-red", parent="red")
    assert len(in_tree(books)) == 3
    assert books.undoing.undo_all() == []
    assert len(in_tree(books)) == 1
    assert exists(books, nested)
    assert exists(books, books.owned.providers["bright-red"])


def test_sweep_does_what_the_scenario_would_have_done(books, nested, passing_time):
    (entry,) = books.cloud.journal.entries
    began = passing_time.now()
    (leftover,) = NESTED_PROVIDER.find(books.cloud, entry)
    leftover.remove()
    assert len(in_tree(books)) == 1
    assert exists(books, nested)
    leftover.finish()
    assert not exists(books, nested)
    assert passing_time.now() - began >= 300


def test_provider_in_use_is_left_for_the_sweep(books, accounts, nested):
    books.undoing.undo_all()
    books.cloud.placement.set_inventories(nested, {"VCPU": Inventory(8)})
    accounts.hold(nested, VCPU=1)
    with pytest.raises(CloudError, match='run "stocktake sweep --cloud=double"'):
        books.cloud.undo_deferred()
    assert [entry.id for entry in books.cloud.journal.entries] == [nested]


def test_nested_provider_is_not_deleted_by_a_step(books, nested):
    with pytest.raises(FeatureError, match='"red" is in the tree of a host'):
        providers.delete(books, "red")


def test_nothing_is_put_below_a_host_that_may_not_be_disrupted(real_books):
    with pytest.raises(Unverified, match="does not allow disruptive scenarios"):
        providers.create_below_host(real_books, "red", "alpha", {})
    assert len(in_tree(real_books)) == 1


def test_nothing_is_put_below_a_host_that_never_reads_its_tree_again(books, monkeypatch):
    monkeypatch.setitem(books.cloud.settings.__dict__, "refresh_interval", 0.0)
    with pytest.raises(Unverified, match='"refresh_interval:"'):
        providers.create_below_host(books, "red", "alpha", {})
    assert len(in_tree(books)) == 1


def test_provider_that_is_no_hosts_is_deleted_at_once(books):
    providers.create(books, "rack")
    assert books.undoing.undo_all() == []
    assert not exists(books, books.owned.providers["rack"])
