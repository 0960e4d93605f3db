"""The periodic task run by steps: only once nova-compute reads what the scenario has changed."""

import pytest
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.scenario.operations.hosts import guard, periodics
from stocktake.support.scenario.operations.placement import inventories, traits

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own

CHANGES = {
    "a trait is added": lambda books: traits.put_on(books, "CUSTOM_FAST", "alpha"),
    "a trait is removed": lambda books: traits.take_off(books, "COMPUTE_NODE", "alpha"),
    "a ratio is set": lambda books: inventories.set_ratio(books, "alpha", "VCPU", 2.0),
    "a class is added": lambda books: inventories.add_to_host(books, "alpha", "CUSTOM_WAND", 1),
}


@pytest.fixture
def books(real_books, monkeypatch):
    """A scenario whose cloud runs the periodic task by a command."""
    monkeypatch.setattr(guard, "check_disruption", lambda *_args: None)
    control = CommandControl({"run_periodic": "true {host}"}, cloud="double")
    monkeypatch.setitem(real_books.cloud.__dict__, "control", control)
    real_books.cloud.traits.add(real_books.roles.host("alpha").provider, "COMPUTE_NODE")
    return real_books


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("where", ["on the host", "everywhere"])
def test_what_was_changed_is_read_by_the_next_periodic_task(books, passing_time, change, where):
    change(books)
    began = passing_time.now()
    run = periodics.run_everywhere if where == "everywhere" else lambda context: periodics.run(context, "alpha")
    run(books)
    assert passing_time.now() - began == pytest.approx(300, abs=3)
    assert books.cloud.control.acts > 0
    run(books)
    assert passing_time.now() - began == pytest.approx(300, abs=3)


def test_other_hosts_do_not_wait(books, passing_time):
    traits.put_on(books, "CUSTOM_FAST", "alpha")
    began = passing_time.now()
    periodics.run(books, "beta")
    assert passing_time.now() - began < 1
