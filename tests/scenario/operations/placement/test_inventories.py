"""Nova's options about inventories: whatever they have put on any host goes with them, and nothing else does."""

from dataclasses import replace

import pytest
from stocktake.support.ownership.kinds.registry import KINDS
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.placement import inventories

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own

OWN, CONFIGURED, OPERATORS = 1.0, 3.0, 7.25
RATIO = "cpu_allocation_ratio"


class Lab:
    """A control whose hosts follow options as nova-compute does: without a ratio, they keep what Placement says."""

    acts = 0

    def __init__(self, placement, providers):
        self.options = {RATIO: None, "reserved_host_cpus": 0, "reserved_host_memory_mb": 0}
        self._placement, self._providers = placement, providers

    def missing(self, _action):
        return None

    def option(self, option, _group="DEFAULT"):
        return self.options[option]

    def configure(self, option, value, _group="DEFAULT"):
        self.options[option] = value

    def run_periodic(self, host=None):
        self.run_periodics(self._providers if host is None else [host])

    def run_periodics(self, names):
        for provider in (self._providers[name] for name in names):
            change(self._placement, provider, "MEMORY_MB", reserved=self.options["reserved_host_memory_mb"])
            change(self._placement, provider, "VCPU", reserved=self.options["reserved_host_cpus"])
            if self.options[RATIO]:
                change(self._placement, provider, "VCPU", allocation_ratio=self.options[RATIO])


@pytest.fixture
def outsider(accounts):
    """A host that plays no role."""
    return accounts.host("cmp-3")


@pytest.fixture
def lab(real_books, outsider, monkeypatch):
    """The control of a lab on which the scenario is alone."""
    everyone = [*real_books.roles.hosts, outsider]
    control = Lab(real_books.cloud.placement, {host.service: host.provider for host in everyone})
    monkeypatch.setitem(real_books.cloud.__dict__, "control", control)
    monkeypatch.setattr(hosts, "check_disruption_of_cloud", lambda _context: None)
    real_books.alone = True
    return control


def change(placement, provider, resource, **fields):
    was = placement.inventories(provider).inventories[resource]
    placement.set_inventory(provider, resource, replace(was, **fields))


def ratio_of(context, host):
    return stock(context, host)["VCPU"].allocation_ratio


def stock(context, host):
    return context.cloud.placement.inventories(host.provider).inventories


def end(context):
    """End the scenario."""
    assert context.undoing.undo_all() == []


def sweep(context):
    """Undo what the scenario has noted as a sweep does: kind by kind, the latest first."""
    for kind in KINDS.values():
        for entry in reversed(context.cloud.journal.entries):
            for leftover in kind.find(context.cloud, entry) if entry.kind == kind.name else ():
                leftover.remove()
                leftover.finish()


@pytest.mark.parametrize("undo", [end, sweep])
@pytest.mark.parametrize(
    ("option", "value"), [(RATIO, CONFIGURED), ("reserved_host_cpus", 2), ("reserved_host_memory_mb", 1024)]
)
def test_what_an_option_has_put_on_any_host_goes_with_it(real_books, lab, outsider, option, value, undo):
    everyone = [*real_books.roles.hosts, outsider]
    options, before = dict(lab.options), [stock(real_books, host) for host in everyone]
    inventories.configure(real_books, option, value)
    lab.run_periodic()
    assert all(stock(real_books, host) != was for host, was in zip(everyone, before, strict=True))
    undo(real_books)
    assert lab.options == options
    assert [stock(real_books, host) for host in everyone] == before


def test_run_that_dies_between_an_option_and_what_follows_it_leaves_neither(real_books, lab):
    alpha = real_books.roles.host("alpha")
    before = stock(real_books, alpha)
    inventories.configure(real_books, "reserved_host_cpus", 2)
    lab.run_periodic()
    lab.configure("reserved_host_cpus", 0)
    sweep(real_books)
    assert stock(real_books, alpha) == before


@pytest.mark.parametrize("undo", [end, sweep])
def test_ratio_that_an_operator_has_set_since_stays(real_books, lab, outsider, undo):
    inventories.configure(real_books, RATIO, CONFIGURED)
    lab.run_periodic()
    change(real_books.cloud.placement, outsider.provider, "VCPU", allocation_ratio=OPERATORS)
    undo(real_books)
    assert ratio_of(real_books, outsider) == OPERATORS


@pytest.mark.parametrize("undo", [end, sweep])
def test_ratio_that_the_scenario_set_before_goes_too(real_books, lab, monkeypatch, undo):
    monkeypatch.setattr(inventories.guard, "check_disruption", lambda *_args: None)
    inventories.set_ratio(real_books, "alpha", "VCPU", 2.0)
    inventories.configure(real_books, RATIO, CONFIGURED)
    lab.run_periodic()
    undo(real_books)
    assert ratio_of(real_books, real_books.roles.host("alpha")) == OWN


def test_host_without_processors_in_placement_is_no_obstacle(real_books, lab, outsider):
    real_books.cloud.placement.delete_inventory(outsider.provider, "VCPU")
    inventories.configure(real_books, RATIO, CONFIGURED)
    end(real_books)
    assert "VCPU" not in stock(real_books, outsider)
