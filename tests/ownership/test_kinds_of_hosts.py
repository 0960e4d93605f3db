"""Compute services, hosts of a lab and its options, and aggregates: how each is found and undone."""

from types import SimpleNamespace

import pytest
from stocktake.support.api.compute.aggregates import HostAggregate
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.placement.values import Provider
from stocktake.support.api.replies import ApiError
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.ownership.kinds.hosts import AGGREGATE, DISABLED_SERVICE, LAB_HOST, STOPPED_HOST
from stocktake.support.ownership.kinds.kind import Leaked
from stocktake.support.ownership.kinds.options import HELD_TOPIC, OPTION, PLACEMENT_FAULT

from tests.ownership.fakes import (
    MARK,
    OTHER,
    Cloud,
    Fakes,
    entry,
    failing,
    lab,
    service,
    swept,
    undone,
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (service(status="disabled", disabled_reason=MARK.name("x")), [("enable", "s-1")]),
        (service(status="disabled", disabled_reason="broken disk"), []),
        (service(status="disabled", disabled_reason=None), []),
        (service(status="disabled", disabled_reason=OTHER.name("x")), []),
        (service(), []),
    ],
)
def test_service_is_enabled_only_if_the_run_gave_the_reason(found, expected):
    services = Fakes(all=[found])
    undone(Cloud(services=services), DISABLED_SERVICE, "host1")
    assert services.changes == expected


@pytest.mark.parametrize(
    ("state", "forced", "returned", "raised"),
    [
        ("stopped", True, [("return", "host1")], [("force_down", "s-1", False)]),
        ("stopped", False, [("return", "host1")], [("force_down", "s-1", False)]),
        ("up", True, [], [("force_down", "s-1", False)]),
        ("up", False, [], []),
    ],
)
def test_stopped_host_is_brought_back_and_awaited(state, forced, returned, raised):
    control, services = lab(state), Fakes(all=[service(forced_down=forced)], get=service())
    undone(Cloud(services=services, control=control, migrations=Fakes(all=[])), STOPPED_HOST, "host1")
    assert control.changes == returned
    assert services.changes == raised


def evacuation(status, source="host1"):
    return Migration(1, "m-1", "evacuation", status, source, "host2", "uuid-1")


def test_host_is_brought_back_when_the_evacuations_from_it_have_ended():
    """One that ends later would be settled only at the service's next start."""
    listed = [
        [evacuation("accepted"), evacuation("done")],
        [evacuation("pre-migrating"), evacuation("running", source="host3")],
        [evacuation("done"), evacuation("running", source="host3")],
    ]
    control, awaited = lab("stopped"), []

    def list_migrations(**_filters):
        awaited.append(list(control.changes))
        return listed[len(awaited) - 1]

    cloud = Cloud(services=Fakes(all=[service(forced_down=True)], get=service()), control=control)
    cloud.migrations, cloud.patience = Fakes(all=list_migrations), lambda _operation: 60.0
    undone(cloud, STOPPED_HOST, "host1")
    assert (awaited, control.changes) == ([[], [], []], [("return", "host1")])


@pytest.mark.parametrize("migrations", [Fakes(all=[evacuation("accepted")]), Fakes(all=failing(403))])
def test_host_is_brought_back_although_evacuations_do_not_end_or_show(migrations):
    control = lab("stopped")
    services = Fakes(all=[service(forced_down=True)], get=service())
    undone(Cloud(services=services, control=control, migrations=migrations), STOPPED_HOST, "host1")
    assert control.changes == [("return", "host1")]


@pytest.mark.parametrize(("state", "before"), [("up", []), ("stopped", [("return", "host1")])])
def test_host_with_evacuations_that_were_not_settled_is_started_once_more(state, before):
    """Nova refuses that it is no longer forced down; the service settles them at its start."""
    control, answers = lab(state), [failing(400)]
    services = Fakes(all=[service(forced_down=True)], get=service())
    services.force_down = lambda *_args, **_down: answers.pop()() if answers else control.changes.append("up")
    control.stop_host = lambda host: control.changes.append(("stop", host))
    undone(Cloud(services=services, control=control, migrations=Fakes(all=[])), STOPPED_HOST, "host1")
    assert control.changes == [*before, ("stop", "host1"), ("return", "host1"), "up"]


def test_host_that_nova_refuses_to_report_otherwise_is_not_started_again():
    control, services = lab("up"), Fakes(all=[service(forced_down=True)], force_down=failing(403))
    with pytest.raises(ApiError):
        undone(Cloud(services=services, control=control), STOPPED_HOST, "host1")
    assert control.changes == []


def test_stopped_host_that_was_retired_is_left_alone():
    control = lab("stopped")
    assert undone(Cloud(services=Fakes(all=[]), control=control), STOPPED_HOST, "host1") == []
    assert control.changes == []


def test_without_a_way_to_bring_a_host_back_the_remedy_is_told():
    control = CommandControl({}, cloud="staging")
    cloud = Cloud(services=Fakes(all=[service(forced_down=True)]), control=control, migrations=Fakes(all=[]))
    (leftover,) = STOPPED_HOST.find(cloud, entry(STOPPED_HOST, "host1"))
    with pytest.raises(Exception, match='set "return_host" under "stocktake: control:" of cloud "staging"'):
        leftover.remove()


def test_hosts_of_a_lab_are_told_by_their_names():
    control = lab()
    control.hosts = lambda: [{"host": "host1", "state": "up"}, {"host": MARK.name("extra"), "state": "up"}]
    found = LAB_HOST.list_marked(Cloud(control=control))
    assert [leftover.name for leftover in found] == [MARK.name("extra")]


def test_host_added_to_a_lab_goes_with_its_service():
    control, services = lab(), Fakes(all=[service()])
    cloud = Cloud(services=services, control=control, hypervisors=Fakes(of_host=[]))
    assert undone(cloud, LAB_HOST, "host1") == ["remove host host1"]
    assert control.changes == [("remove", "host1")]
    assert services.changes == [("delete", "s-1")]
    assert swept(Cloud(services=Fakes(all=[]), control=lab()), LAB_HOST, "host9") == []


def test_what_is_held_on_a_host_added_to_a_lab_is_freed_and_told():
    control, removed = lab(), []
    control.remove_host = removed.append
    tree = [Provider("p-1", "host1", 1), Provider("p-2", "numa", 1, "p-1", "p-1")]
    placement = Fakes(
        tree=lambda _root: [] if removed else tree,
        provider_allocations=lambda uuid: {"c-1": {"VCPU": 1}} if uuid == "p-2" else {},
    )
    cloud = Cloud(
        services=Fakes(all=[]),
        control=control,
        placement=placement,
        hypervisors=Fakes(of_host=[SimpleNamespace(id="p-1")]),
    )
    with pytest.raises(Leaked, match="consumers c-1 still held resources on it"):
        undone(cloud, LAB_HOST, "host1")
    assert placement.changes == [("delete_allocations", "c-1")]
    assert removed == ["host1"]


def test_aggregate_is_emptied_and_deleted():
    aggregates = Fakes(
        all=[
            HostAggregate(1, None, MARK.name("agg"), None, ("host1", "host2"), {}),
            HostAggregate(2, None, "rack1", None, ("host1",), {}),
            HostAggregate(3, None, OTHER.name("agg"), None, (), {}),
        ]
    )
    undone(Cloud(aggregates=aggregates), AGGREGATE, MARK.name("agg"))
    assert aggregates.changes == [("remove_host", 1, "host1"), ("remove_host", 1, "host2"), ("delete", 1)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (600, [("configure", "resize_confirm_window", 0, "DEFAULT")]),
        ("600", [("configure", "resize_confirm_window", 0, "DEFAULT")]),
        (0, []),
        (30, []),  # the operator's own, since
    ],
)
def test_option_is_set_back_unless_somebody_has_set_it_since(now, expected):
    control = lab()
    control.option = lambda _option, _group: now
    undone(Cloud(control=control), OPTION, "resize_confirm_window", was=0, set=600)
    assert control.changes == expected


def test_option_of_a_journal_that_does_not_say_what_was_set_is_set_back():
    control = lab()
    undone(Cloud(control=control), OPTION, "allow_resize_to_same_host", was=False)
    assert control.changes == [("configure", "allow_resize_to_same_host", False, "DEFAULT")]


def test_inventories_that_follow_from_an_option_are_reported_again_as_the_dead_run_would_have_done():
    control = lab()
    swept(Cloud(control=control), OPTION, "reserved_host_cpus", was=0)
    assert control.changes == [("configure", "reserved_host_cpus", 0, "DEFAULT"), ("periodic",)]


@pytest.mark.parametrize(("times", "removed"), [(1, [("remove_fault", "placement")]), (0, []), (None, [])])
def test_fault_that_is_still_to_strike_is_removed(times, removed):
    control = lab()
    control.fault = lambda service: {} if times is None else {"times": times}
    control.remove_fault = lambda service: control.changes.append(("remove_fault", service))
    swept(Cloud(control=control), PLACEMENT_FAULT, "a conflict")
    assert control.changes == removed


@pytest.mark.parametrize("undo", [undone, swept])
def test_held_messages_are_released(undo):
    control = lab()
    control.release_topic = lambda topic: control.changes.append(("release_topic", topic))
    undo(Cloud(control=control), HELD_TOPIC, "scheduler")
    assert control.changes == [("release_topic", "scheduler")]
