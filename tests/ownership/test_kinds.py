"""The kinds: what is recognised as the run's and what is not, and how each is undone."""

from types import SimpleNamespace

import pytest
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.compute.aggregates import HostAggregate
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.images import Image
from stocktake.support.api.placement.values import Inventory, Provider, ProviderInventories
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.ownership.kinds.hosts import AGGREGATE, DISABLED_SERVICE, LAB_HOST, STOPPED_HOST
from stocktake.support.ownership.kinds.identities import PROJECT, USER
from stocktake.support.ownership.kinds.kind import Leaked
from stocktake.support.ownership.kinds.options import HELD_TOPIC, OPTION, PLACEMENT_FAULT
from stocktake.support.ownership.kinds.placement import INVENTORY, PROVIDER, PROVIDER_TRAIT, RESOURCE_CLASS, TRAIT
from stocktake.support.ownership.kinds.registry import KINDS

from tests.ownership.fakes import (
    FOREIGN,
    MARK,
    OTHER,
    Cloud,
    Fakes,
    conflict,
    entry,
    failing,
    not_found,
    ours,
    swept,
    undo,
    undone,
)


def test_every_kind_has_a_name_of_its_own_and_the_sweep_an_order():
    assert all(kind.name == name for name, kind in KINDS.items())
    order = list(KINDS)
    for earlier, later in [
        ("host-stopped", "server"),
        ("server", "flavor"),
        ("server", "lab-host"),
        ("volume", "image"),
        ("provider-trait", "trait"),
        ("provider", "resource-class"),
        ("server", "nested-provider"),
        ("nested-provider", "lab-host"),
        ("user", "project"),
    ]:
        assert order.index(earlier) < order.index(later)


# --- hosts


def service(**state):
    return ComputeService(
        "s-1", "host1", "nova-compute", state.pop("state", "up"), state.pop("status", "enabled"), **state
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


def lab(state="up"):
    control = HttpControl("http://127.0.0.1:1", "t")
    control.changes = []
    control.hosts = lambda: [{"host": "host1", "state": state}]
    control.return_host = lambda host, guests="kept": control.changes.append(("return", host))
    control.remove_host = lambda host: control.changes.append(("remove", host))
    control.configure = lambda *args: control.changes.append(("configure", *args))
    control.run_periodic = lambda: control.changes.append(("periodic",))
    return control


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
    undone(Cloud(services=services, control=control), STOPPED_HOST, "host1")
    assert control.changes == returned
    assert services.changes == raised


def test_stopped_host_that_was_retired_is_left_alone():
    control = lab("stopped")
    assert undone(Cloud(services=Fakes(all=[]), control=control), STOPPED_HOST, "host1") == []
    assert control.changes == []


def test_without_a_way_to_bring_a_host_back_the_remedy_is_told():
    cloud = Cloud(services=Fakes(all=[service(forced_down=True)]), control=CommandControl({}, cloud="staging"))
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


# --- options of a lab


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


@pytest.mark.parametrize(("times", "removed"), [(1, [("remove_fault",)]), (0, []), (None, [])])
def test_fault_that_is_still_to_strike_is_removed(times, removed):
    control = lab()
    control.fault = lambda: {} if times is None else {"times": times}
    control.remove_fault = lambda: control.changes.append(("remove_fault",))
    swept(Cloud(control=control), PLACEMENT_FAULT, "a conflict")
    assert control.changes == removed


@pytest.mark.parametrize("undo", [undone, swept])
def test_held_messages_are_released(undo):
    control = lab()
    control.release_topic = lambda topic: control.changes.append(("release_topic", topic))
    undo(Cloud(control=control), HELD_TOPIC, "scheduler")
    assert control.changes == [("release_topic", "scheduler")]


# --- Placement

BEFORE, SET = Inventory(32, allocation_ratio=4.0), Inventory(32, allocation_ratio=2.0)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (SET, BEFORE),
        (BEFORE, None),
        (Inventory(32, allocation_ratio=8.0), None),  # the operator has changed it since
        (Inventory(32, reserved=2, allocation_ratio=2.0), Inventory(32, reserved=2, allocation_ratio=4.0)),
        (None, None),
    ],
    ids=["as set", "as before", "changed since", "another field changed since", "gone"],
)
def test_only_what_is_still_as_the_run_set_it_is_set_back_in_an_inventory(now, expected):
    placement = Fakes(inventories=ProviderInventories(3, {"VCPU": now} if now else {}))
    details = {"provider": "p-1", "was": BEFORE.as_json(), "set": SET.as_json()}
    undone(Cloud(placement=placement), INVENTORY, "VCPU", **details)
    assert placement.changes == ([("set_inventory", "p-1", "VCPU", expected)] if expected else [])


@pytest.mark.parametrize(("now", "expected"), [(SET, [("set_inventory", "p-1", "VCPU", BEFORE)]), (BEFORE, [])])
def test_inventory_of_a_journal_that_does_not_say_what_was_set_is_set_back(now, expected):
    placement = Fakes(inventories=ProviderInventories(3, {"VCPU": now}))
    swept(Cloud(placement=placement), INVENTORY, "VCPU", provider="p-1", was=BEFORE.as_json())
    assert placement.changes == expected


def test_inventory_of_a_provider_that_is_gone_is_gone():
    cloud = Cloud(placement=Fakes(inventories=not_found))
    assert undone(cloud, INVENTORY, "VCPU", provider="p-1", was={}, set={}) == []


def test_own_trait_is_taken_off_and_a_foreign_one_never():
    traits = Fakes(of_provider=frozenset({MARK.trait("gold"), "CUSTOM_RACK", "OWNER_NOVA"}))
    cloud = Cloud(traits=traits)
    assert swept(cloud, PROVIDER_TRAIT, MARK.trait("gold"), provider="p-1") == [
        f"remove trait {MARK.trait('gold')} on resource provider (p-1)"
    ]
    assert traits.changes == [("remove", "p-1", MARK.trait("gold"))]
    assert swept(cloud, PROVIDER_TRAIT, "CUSTOM_RACK", provider="p-1") == []


def test_trait_that_was_taken_away_is_given_back():
    traits = Fakes(of_provider=frozenset({"OWNER_NOVA"}))
    cloud = Cloud(traits=traits)
    assert swept(cloud, PROVIDER_TRAIT, "CUSTOM_RACK", provider="p-1", had=True)
    assert traits.changes == [("add", "p-1", "CUSTOM_RACK")]
    assert swept(cloud, PROVIDER_TRAIT, "OWNER_NOVA", provider="p-1", had=True) == []


def test_traits_of_a_provider_that_is_gone_are_gone():
    gone = Cloud(traits=Fakes(of_provider=not_found, remove=not_found, add=not_found))
    assert swept(gone, PROVIDER_TRAIT, MARK.trait("gold"), provider="p-1") == []
    undone(gone, PROVIDER_TRAIT, MARK.trait("gold"), provider="p-1")
    undone(gone, PROVIDER_TRAIT, "OWNER_NOVA", provider="p-1", had=True)


def refuses_once(changes):
    """A delete that is refused as long as nothing has been changed."""

    def delete(name):
        if not any(change[0] != "delete" for change in changes()):
            conflict()
        changes().append(("delete", name))

    return delete


def test_trait_is_taken_off_every_provider_before_it_is_deleted():
    trait = MARK.trait("gold")
    traits = Fakes(all=[trait], delete=refuses_once(lambda: traits.changes))
    cloud = Cloud(traits=traits, placement=Fakes(providers=[Provider("p-1", "host1", 3)]))
    assert swept(cloud, TRAIT, trait)
    assert traits.changes == [("remove", "p-1", trait), ("delete", trait)]
    assert swept(Cloud(traits=Fakes(all=["CUSTOM_RACK"])), TRAIT, "CUSTOM_RACK") == []


def test_trait_that_no_provider_has_is_deleted_by_one_request():
    cloud = Cloud()
    undone(cloud, TRAIT, MARK.trait("gold"))
    assert cloud.traits.changes == [("delete", MARK.trait("gold"))]
    assert cloud.placement.changes == []


def test_provider_goes_after_its_own_children_and_leaves_those_of_others():
    tree = [
        Provider("p-0", "host1", 1, None, "p-0"),
        Provider("p-1", MARK.name("numa"), 1, "p-0", "p-0"),
        Provider("p-2", MARK.name("pci"), 1, "p-1", "p-0"),
        Provider("p-3", "theirs", 1, "p-1", "p-0"),
    ]
    held = {"c-1": {"p-1": {}, "p-2": {}}, "c-2": {"p-1": {}, "p-0": {}}}
    changes = []

    def delete(uuid):
        if not changes:
            conflict()
        changes.append(("delete_provider", uuid))

    placement = Fakes(
        find_provider=tree[1],
        tree=tree,
        provider_allocations=held,
        allocations=lambda consumer: SimpleNamespace(allocations=held[consumer]),
        delete_provider=delete,
        delete_allocations=lambda consumer: changes.append(("delete_allocations", consumer)),
    )
    with pytest.raises(Leaked, match="consumers c-1, c-1 still held"):
        swept(Cloud(placement=placement), PROVIDER, MARK.name("numa"))
    assert list(dict.fromkeys(changes)) == [
        ("delete_allocations", "c-1"),
        ("delete_provider", "p-2"),
        ("delete_provider", "p-1"),
    ]
    foreign = Cloud(placement=Fakes(providers=[tree[0]]))
    assert swept(foreign, PROVIDER, MARK.name("numa"), "p-0") == []


def test_marked_provider_below_a_host_leaves_its_tree_first():
    tree = [Provider("p-0", "host1", 1, None, "p-0"), Provider("p-1", MARK.name("numa"), 1, "p-0", "p-0")]
    alone = Provider("p-2", MARK.name("rack"), 1, None, "p-2")
    placement = Fakes(providers=[*tree, alone])
    hypervisors = Fakes(get=SimpleNamespace(host="host1"))
    control = lab()
    control.option = lambda _option, _group: 1
    control.run_periodic = lambda host: placement.changes.append(("read", host))
    cloud = Cloud(placement=placement, hypervisors=hypervisors, control=control)
    undo(list(PROVIDER.list_marked(cloud)))
    assert placement.changes == [
        ("detach_provider", tree[1]),
        ("read", "host1"),
        ("delete_provider", "p-1"),
        ("delete_provider", "p-2"),
    ]


def test_resource_class_goes_with_inventories_of_it():
    name, asked = MARK.trait("gpu"), []
    placement = Fakes(providers_of_class=lambda name: (asked.append(uuid) or Provider(uuid, uuid, 1) for uuid in "pqr"))
    changes = placement.changes

    def delete(name):
        if len(changes) < 2:
            conflict()
        changes.append(("delete", name))

    classes = Fakes(all=["VCPU", "CUSTOM_GPU", name], delete=delete)
    swept(Cloud(placement=placement, resource_classes=classes), RESOURCE_CLASS, name)
    assert changes == [("delete_inventory", "p", name), ("delete_inventory", "q", name), ("delete", name)]
    assert asked == ["p", "q"]  # the others are looked at only while the class is in use


def test_resource_class_is_taken_first_off_the_providers_that_the_scenario_knows():
    name, placement = MARK.trait("gpu"), Fakes(providers_of_class=lambda _name: pytest.fail("all providers are asked"))
    classes = Fakes(delete=refuses_once(lambda: placement.changes))
    undone(Cloud(placement=placement, resource_classes=classes), RESOURCE_CLASS, name, providers=["p"])
    assert placement.changes == [("delete_inventory", "p", name), ("delete", name)]


# --- users and projects


def test_user_and_project_are_deleted_by_id():
    deleted = []
    session = SimpleNamespace(
        get=lambda service, path, params: {
            path[1:]: [{"name": MARK.name("u"), "id": "id-1"}, {"name": "bob", "id": "2"}]
        },
        request=lambda method, service, path: deleted.append(path),
    )
    cloud = Cloud(session=session)
    undone(cloud, USER, MARK.name("u"))
    undone(cloud, PROJECT, MARK.name("u"))
    assert deleted == ["/users/id-1", "/projects/id-1"]
    assert cloud.quotas.changes == [("reset", "id-1")]
    assert cloud.volumes.changes == [("reset_quotas", "id-1")]


def test_project_is_deleted_where_quotas_cannot_be():
    """A user that may not set quotas has not set any."""
    deleted = []
    session = SimpleNamespace(
        get=lambda service, path, params: {"projects": [{"name": MARK.name("u"), "id": "id-1"}]},
        request=lambda method, service, path: deleted.append(path),
    )
    forbidden = Fakes(reset=failing(403), reset_quotas=failing(403))
    undone(Cloud(session=session, quotas=forbidden, volumes=forbidden), PROJECT, MARK.name("u"))
    assert deleted == ["/projects/id-1"]


# --- what is told by its name alone


def test_listing_finds_what_carries_a_mark_and_nothing_else():
    cloud = Cloud(
        services=Fakes(all=[service(), service(status="disabled", disabled_reason=MARK.name("x"))]),
        servers=Fakes(all=[*FOREIGN[:3], ours(), ours("db", id="uuid-2")]),
        flavors=Fakes(all=[Flavor("m1", 1, 1, 1, 0, 0, {}, "1"), Flavor(MARK.name("f"), 1, 1, 1, 0, 0, {}, "2")]),
        aggregates=Fakes(all=[HostAggregate(2, None, "rack1", None, ("host1",), {})]),
        placement=Fakes(providers=[Provider("p-0", "host1", 1), Provider("p-1", MARK.name("numa"), 1)]),
        traits=Fakes(all=[MARK.trait("gold")]),
        resource_classes=Fakes(all=["VCPU", "CUSTOM_GPU"]),
        images=Fakes(all=[Image("i-2", "stocktakers-image", "active")]),
        volumes=SimpleNamespace(offered=False),
        session=Fakes(get=lambda service, path, params: {path[1:]: [{"name": MARK.name("u"), "id": "1"}]}),
        control=lab(),
    )
    listed = {name: list(kind.list_marked(cloud)) for name, kind in KINDS.items() if kind.list_marked}
    assert {name: [one.id or one.name for one in found] for name, found in listed.items() if found} == {
        "service-disabled": ["s-1"],
        "server": ["uuid-1", "uuid-2"],
        "flavor": ["2"],
        "provider": ["p-1"],
        "trait": [MARK.trait("gold")],
        "user": ["1"],
        "project": ["1"],
    }
