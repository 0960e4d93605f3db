"""Nova's own figures: a change that does not match is a failure, unless others may have caused it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import Unverified
from stocktake.support.scenario.operations.hosts import hypervisors
from stocktake.support.waiting import TookTooLong


@pytest.fixture
def servers(context, monkeypatch):
    """The servers that have changed, and since when that was asked."""
    found = SimpleNamespace(names=[], since=[], host=context.roles.host("alpha").service)

    def listed(*, all_projects, changed_since):
        assert all_projects
        found.since.append(changed_since)
        return [SimpleNamespace(id=name, name=name, host=found.host) for name in found.names]

    monkeypatch.setitem(context.cloud.__dict__, "servers", SimpleNamespace(all=listed))
    return found


@pytest.fixture
def figures(context, monkeypatch):
    """Figures of the host that never change."""
    provider = context.roles.host("alpha").provider
    same = Usages({provider: Resources(VCPU=1)}, providers=[provider])
    monkeypatch.setattr(hypervisors, "read", lambda _context: same)
    monkeypatch.setattr(hypervisors, "check_names", lambda *_: None)
    monkeypatch.setattr(type(context.names), "of_providers", lambda _self: {provider: "alpha"})
    monkeypatch.setattr(type(context.accounts), "held_by_others", lambda _self: Ledger())
    context.accounts.figures = same


EXPECTED = Usages({"alpha": Resources(VCPU=1)}, providers=["alpha"])


def test_a_figure_that_does_not_follow_is_a_failure(context, servers, figures, passing_time):
    servers.names = [context.names.real("web")]
    with pytest.raises(TookTooLong, match="the hypervisor figures to match"):
        hypervisors.have_changed_by(context, EXPECTED)
    assert datetime.now(UTC) - servers.since[0] >= timedelta(minutes=10)


def test_beside_servers_of_others_it_is_unverified(context, servers, figures, passing_time):
    servers.names = [context.names.real("web"), "theirs"]
    with pytest.raises(Unverified, match=r"others changed servers on the scenario's hosts meanwhile .such as theirs"):
        hypervisors.have_changed_by(context, EXPECTED)


def test_beside_servers_of_others_on_other_hosts_it_is_a_failure(context, servers, figures, passing_time):
    servers.names, servers.host = ["theirs"], "another-host"
    with pytest.raises(TookTooLong):
        hypervisors.have_changed_by(context, EXPECTED)


def test_a_figure_that_matches_asks_nobody(context, servers, figures):
    hypervisors.have_changed_by(context, Usages({"alpha": Resources()}, providers=["alpha"]))
    assert servers.since == []
