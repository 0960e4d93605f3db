"""Providers of a scenario: what is made below a host is also forgotten by the host's own Nova."""

from unittest.mock import Mock

import pytest
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.scenario.operations.placement import providers

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own


class Levers:
    """A control that runs periodics, unless it lacks them, and notes how many providers the host had by then."""

    def __init__(self, context, *, able=True):
        self.context = context
        self.able = able
        self.ran = []

    def missing(self, action):
        return None if self.able and action == "run_periodic" else Unverified("it cannot", "let it")

    def run_periodic(self, host):
        root = self.context.roles.host("alpha").provider
        assert host == self.context.roles.host("alpha").service
        self.ran.append(len(self.context.cloud.placement.tree(root)))


@pytest.mark.parametrize(("able", "ran"), [(True, [1]), (False, [])], ids=["with periodics", "without"])
def test_nova_forgets_what_was_below_a_host_when_it_is_gone(real_books, monkeypatch, able, ran):
    """Otherwise the next scenario that builds there may fail."""
    levers = Levers(real_books, able=able)
    monkeypatch.setitem(real_books.cloud.__dict__, "control", levers)
    providers.create_below_host(real_books, "red", "alpha", {})
    assert real_books.undoing.undo_all() == []
    assert levers.ran == ran


@pytest.mark.parametrize("failure", [Unverified("it does not answer", "correct it"), CloudError("it ended with 1")])
def test_a_periodic_that_cannot_run_leaves_nothing_behind(real_books, monkeypatch, failure):
    levers = Levers(real_books)
    levers.run_periodic = Mock(side_effect=failure)
    monkeypatch.setitem(real_books.cloud.__dict__, "control", levers)
    providers.create_below_host(real_books, "red", "alpha", {})
    assert real_books.undoing.undo_all() == []
    levers.run_periodic.assert_called_once()


def test_a_provider_that_is_no_hosts_concerns_no_host(real_books, monkeypatch):
    levers = Levers(real_books)
    monkeypatch.setitem(real_books.cloud.__dict__, "control", levers)
    providers.create(real_books, "rack")
    assert real_books.undoing.undo_all() == []
    assert levers.ran == []


def test_a_host_that_is_down_reads_everything_when_it_returns(real_books, nova, monkeypatch):
    levers = Levers(real_books)
    monkeypatch.setitem(real_books.cloud.__dict__, "control", levers)
    providers.create_below_host(real_books, "red", "alpha", {})
    nova.goes_down(real_books.roles.host("alpha").service)
    assert real_books.undoing.undo_all() == []
    assert levers.ran == []
